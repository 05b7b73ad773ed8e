import type { ModelFile } from '../../model-file.js';
import type { ImportedGp, Importer, ImportContext } from './importer.js';
import { loadGp } from './safetensors/load-gp.js';
import { looksLikeSafetensors, readSafetensors } from './safetensors/read-safetensors.js';

/** Our own file: what `Model.save` and exporters/kriged_export.py write. It holds the posterior, number by number. */
export class SafetensorsImporter implements Importer {
  readonly name = 'Kriged safetensors';

  recognises(file: ModelFile): boolean {
    return file.extension === '.safetensors' || looksLikeSafetensors(file);
  }

  read(file: ModelFile, context: ImportContext): ImportedGp {
    return loadGp(readSafetensors(file, context.maxModelBytes), context.linalg);
  }
}
