import type { Task } from '../../../common/pool/task.js';
import { predictionBuffers, reviveMatrices } from '../../cloned.js';
import type { Provenance } from '../../provenance.js';
import type { ImportedGp } from '../importers/importer.js';
import { saveGp } from '../importers/safetensors/save-gp.js';
import { withBackend } from '../predict.task.js';
import { fitTrained, type TrainedParts } from './fit-trained.js';
import { explained } from './training-errors.js';

/** Makes the model of hyperparameters that were found, on a worker. Its matrices come as plain objects. */
export const fitTask: Task<TrainedParts, ImportedGp> = {
  name: 'gpr.fit',
  run: (parts, shared) =>
    withBackend(shared, ({ linalg }) => explained(() => fitTrained(reviveMatrices(parts), linalg))),
  transfer: predictionBuffers,
};

export interface WrittenModel {
  /** Our own file (docs/formats.md). */
  readonly content: Uint8Array<ArrayBuffer>;
  readonly warnings: readonly string[];
}

/** As `fitTask`, and writes the model down: making and digesting the file takes as long as the factor is large. */
export const writeTrainedTask: Task<TrainedParts & { readonly provenance: Provenance }, WrittenModel> = {
  name: 'gpr.write-trained',
  run: ({ provenance, ...parts }, shared) =>
    withBackend(shared, ({ linalg }) => {
      const { state, ...facts } = explained(() => fitTrained(reviveMatrices(parts), linalg));
      const content = saveGp(
        {
          state,
          facts,
          inputs: parts.inputs.map((input) => ({ ...input, kind: 'real' })),
          outputs: parts.outputs.map((output) => ({ ...output, kind: 'real' })),
          variance: state.noise.type === 'heteroscedastic' ? 'latent' : 'observed',
        },
        provenance,
      );
      return { content: new Uint8Array(content), warnings: facts.warnings };
    }),
  transfer: ({ content }) => [content.buffer],
};
