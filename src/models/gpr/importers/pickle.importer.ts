import { readFileSync } from 'node:fs';
import { ModelFileError } from '../../model-errors.js';
import type { ModelFile } from '../../model-file.js';
import { type Compression, detectCompression, peek, unpack } from './compression/compression.js';
import { assembleGp } from './gpy/assemble-gp.js';
import { readGpyPickleModel } from './gpy/gpy-pickle-model.js';
import type { ImportedGp, Importer, ImportContext } from './importer.js';
import { joblibGlobals } from './joblib/joblib-globals.js';
import { BufferSource, type ByteSource, FileSource } from './pickle/byte-source.js';
import { mergeTables } from './pickle/global-table.js';
import { GPY_GLOBALS } from './pickle/gpy-globals.js';
import { parsePickle } from './pickle/pickle-reader.js';
import { PickleInstance, type PickleValue } from './pickle/pickle-values.js';
import { readSklearnGp } from './sklearn/sklearn-gp.js';
import { isSklearn, SKLEARN_GLOBALS } from './sklearn/sklearn-globals.js';

const EXTENSIONS = ['.pkl', '.pickle', '.p', '.pck', '.pcl', '.sav', '.joblib', '.jbl', '.z'];
const PROTO = 0x80;
const NEWEST_PROTOCOL = 5;
/** Beside the arrays that a model keeps, a file may hold an inverse and its data again, and names. */
const UNPACKED_FACTOR = 2;
const UNPACKED_BESIDES = 64 * 2 ** 20;

/**
 * `pickle.dump(model, file)` or `joblib.dump(model, file)` of a GPy or scikit-learn model, any protocol, plain or
 * compressed. The file is read as data: nothing in it runs.
 */
export class PickleImporter implements Importer {
  readonly name = 'pickle';

  recognises({ head, extension }: ModelFile): boolean {
    const compression = detectCompression(head);
    if (compression) return !/^\s*[{[]/.test(peek(head, compression).toString('latin1'));
    return EXTENSIONS.includes(extension) || protocol(head) !== undefined;
  }

  read(file: ModelFile, context: ImportContext): ImportedGp {
    const compression = detectCompression(file.head);
    const source = compression ? unpacked(file, compression, context) : FileSource.open(file.path);
    try {
      return this.#import(source, compression, context);
    } finally {
      if (source instanceof FileSource) source.close();
    }
  }

  #import(source: ByteSource, compression: Compression | undefined, context: ImportContext): ImportedGp {
    let arrays = 0;
    const globals = mergeTables(
      GPY_GLOBALS,
      SKLEARN_GLOBALS,
      joblibGlobals(() => {
        arrays += 1;
      }),
    );
    const root = parsePickle(source, globals);
    const details = [`protocol ${protocol(source.read(0, Math.min(2, source.size))) ?? '0 or 1'}`];
    if (compression) details.push(compression);
    const kind = `${arrays > 0 ? 'joblib' : 'pickle'} (${details.join(', ')})`;
    if (isOfSklearn(root)) return readSklearnGp(root, `scikit-learn ${kind}`, context);
    return assembleGp(readGpyPickleModel(root, context), `GPy ${kind}`, context);
  }
}

function unpacked(file: ModelFile, compression: Compression, { maxModelBytes }: ImportContext): BufferSource {
  const maximum = UNPACKED_FACTOR * maxModelBytes + UNPACKED_BESIDES;
  if (file.bytes > maximum) {
    throw new ModelFileError(
      `The compressed file has ${file.bytes} bytes, more than MAX_MODEL_BYTES allows (${maximum}).`,
    );
  }
  return new BufferSource(unpack(readFileSync(file.path), compression, maximum));
}

function isOfSklearn(root: PickleValue): boolean {
  return root instanceof PickleInstance && isSklearn(root.class_.module);
}

/** Protocols 2 and up say which they are; 0 and 1 do not. */
function protocol(head: Buffer): number | undefined {
  return head[0] === PROTO && head[1] >= 2 && head[1] <= NEWEST_PROTOCOL ? head[1] : undefined;
}
