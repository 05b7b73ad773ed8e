import type { Task } from '../../common/pool/task.js';
import { predictionArrays, predictionBuffers } from '../cloned.js';
import { ModelFile } from '../model-file.js';
import { withBackend } from './predict.task.js';
import type { ImportedGp } from './importers/importer.js';

interface ImportInput {
  readonly path: string;
  readonly maxModelBytes: number;
}

/** Reads a model file on a worker, so that requests go on meanwhile. Its matrices come as plain objects. */
export const importTask: Task<ImportInput, ImportedGp> = {
  name: 'gpr.import',
  async run({ path, maxModelBytes }, shared) {
    // Most workers never read a file.
    const { importGp } = await import('./importers/import-gp.js');
    return withBackend(shared, ({ linalg }) => {
      const imported = importGp(new ModelFile(path), { maxModelBytes, linalg });
      const lent = predictionArrays(imported).find(({ buffer }) => buffer instanceof SharedArrayBuffer);
      if (lent) throw new Error('A model that was read lies in memory which the next task will use.');
      return imported;
    });
  },
  transfer: predictionBuffers,
};
