import type { ModelFile } from '../../model-file.js';
import { assembleGp } from './gpy/assemble-gp.js';
import { readGpyPickleModel } from './gpy/gpy-pickle-model.js';
import type { ImportedGp, Importer, ImportContext } from './importer.js';
import { FileSource } from './pickle/byte-source.js';
import { GPY_GLOBALS } from './pickle/gpy-globals.js';
import { parsePickle } from './pickle/pickle-reader.js';

const EXTENSIONS = ['.pkl', '.pickle', '.p', '.pck', '.pcl', '.sav'];
const PROTO = 0x80;
const NEWEST_PROTOCOL = 5;

/** `pickle.dump(model, file)` of a GPy model, any protocol. The file is read as data: nothing in it runs. */
export class GpyPickleImporter implements Importer {
  readonly name = 'GPy pickle';

  recognises(file: ModelFile): boolean {
    return EXTENSIONS.includes(file.extension) || protocol(file) !== undefined;
  }

  read(file: ModelFile, context: ImportContext): ImportedGp {
    const source = FileSource.open(file.path);
    try {
      const parts = readGpyPickleModel(parsePickle(source, GPY_GLOBALS), context);
      return assembleGp(parts, `${this.name} (protocol ${protocol(file) ?? '0 or 1'})`, context);
    } finally {
      source.close();
    }
  }
}

/** Protocols 2 and up say which they are; 0 and 1 do not. */
function protocol({ head }: ModelFile): number | undefined {
  return head[0] === PROTO && head[1] >= 2 && head[1] <= NEWEST_PROTOCOL ? head[1] : undefined;
}
