import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { MalformedBodyError } from '../../../common/media/issue.js';
import { parseJsonText, parseJsonWithNonFinite } from '../../../common/media/json-text.js';
import { ModelFileError } from '../../model-errors.js';
import type { ModelFile } from '../../model-file.js';
import { fitGp } from './document/fit-gp.js';
import { readGprDocument } from './document/read-document.js';
import { assembleGp } from './gpy/assemble-gp.js';
import { readGpyJsonModel } from './gpy/gpy-json-model.js';
import type { ImportedGp, Importer, ImportContext } from './importer.js';

const GZIP_MAGIC = [0x1f, 0x8b];
const EXTENSIONS = ['.json', '.gz', '.zip'];
/** Text of training data and hyperparameters alone: 5,000 points of 20 inputs take some 2 MB. */
const MAX_TEXT_BYTES = 64 * 2 ** 20;

/**
 * JSON, gzipped or not. Either `model.save_model(name)` of GPy (gzipped where it is called `.zip`), which names its
 * class, or plain JSON of kernel, X, y and noise. Neither holds a posterior.
 */
export class JsonImporter implements Importer {
  readonly name = 'JSON';

  recognises({ head, extension }: ModelFile): boolean {
    return EXTENSIONS.includes(extension) || isGzip(head) || /^\s*\{/.test(head.toString('latin1'));
  }

  read(file: ModelFile, context: ImportContext): ImportedGp {
    const zipped = isGzip(file.head);
    const packing = zipped ? ' (gzip)' : '';
    const text = readText(file, zipped);
    const document = parse(text, parseJsonWithNonFinite);
    if (isOfGpy(document)) return assembleGp(readGpyJsonModel(document), `GPy JSON${packing}`, context);
    // What a person wrote is read once more, with care: a key twice would lose one of its values.
    const careful = parse(text, (source) => parseJsonText(source, { uniqueKeys: true }));
    return fitGp(readGprDocument(careful), `Kriged JSON${packing}`, context);
  }
}

function isGzip(head: Buffer): boolean {
  return GZIP_MAGIC.every((byte, i) => head[i] === byte);
}

function readText(file: ModelFile, zipped: boolean): string {
  if (file.bytes > MAX_TEXT_BYTES) throw tooLarge(`has ${file.bytes}`);
  const bytes = readFileSync(file.path);
  if (!zipped) return bytes.toString('utf8');
  try {
    return gunzipSync(bytes, { maxOutputLength: MAX_TEXT_BYTES }).toString('utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge('unpacks to more');
    throw new ModelFileError(
      `The gzip data is damaged (${(error as NodeJS.ErrnoException).code ?? 'unreadable'}).`,
    );
  }
}

function tooLarge(what: string): ModelFileError {
  return new ModelFileError(`A JSON model may have at most ${MAX_TEXT_BYTES} bytes; the file ${what}.`);
}

function isOfGpy(document: unknown): boolean {
  return typeof document === 'object' && document !== null && Object.hasOwn(document, 'class');
}

function parse(text: string, read: (text: string) => unknown): unknown {
  try {
    return read(text);
  } catch (error) {
    if (error instanceof MalformedBodyError) throw new ModelFileError(error.message);
    throw error;
  }
}
