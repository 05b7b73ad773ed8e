import { closestName } from '../../../../common/media/closest-name.js';
import { listNames, quote } from '../../../../common/media/describe.js';
import { BodyTooLargeError, MalformedBodyError } from '../../../../common/media/issue.js';
import { readNpy } from '../../../../common/media/npy.js';
import { readNpyHeader } from '../../../../common/media/npy-header.js';
import { readZip } from '../../../../common/media/zip.js';
import { Matrix } from '../../../../numeric/linalg/matrix.js';
import { ModelFileError } from '../../../model-errors.js';
import { readTexts, TEXT_TYPE } from './npy-text.js';

/** What each array may be called. */
const ALIASES: ReadonlyMap<string, readonly string[]> = new Map([
  ['X', ['X', 'X_train', 'x_train', 'X_train_']],
  ['y', ['y', 'Y', 'y_train', 'Y_train']],
  ['alpha', ['alpha', 'alpha_']],
  ['L', ['L', 'L_']],
  ['kernel', ['kernel']],
  ['noise', ['noise', 'noise_variance']],
  ['param_array', ['param_array']],
  ['mean', ['mean']],
  ['y_mean', ['y_mean']],
  ['y_std', ['y_std']],
  ['X_offset', ['X_offset', 'X_mean']],
  ['X_scale', ['X_scale', 'X_std']],
  ['input_names', ['input_names']],
  ['output_names', ['output_names']],
]);

const MAX_ARRAYS = 64;

/** One array of the file: numbers, or texts. */
type NpzArray =
  { readonly shape: readonly number[]; readonly data: Float64Array } | { readonly texts: readonly string[] };

/** The arrays of an npz file by what they are for, each to be asked for with what it should be. */
export class NpzArrays {
  readonly #arrays = new Map<string, NpzArray>();
  readonly #read = new Set<string>();
  /** Every name as the file has it. */
  readonly names: readonly string[];

  /** Throws ModelFileError for a damaged file, a zip bomb, object arrays, or two names of one thing. */
  constructor(bytes: Buffer, maxBytes: number) {
    this.names = [...this.#entries(bytes, maxBytes)].map(([name, content]) => {
      const canonical = [...ALIASES].find(([, aliases]) => aliases.includes(name))?.[0] ?? name;
      if (this.#arrays.has(canonical)) {
        throw new ModelFileError(
          `The npz file has ${quote(canonical)} twice, also as ${quote(name)}: keep one.`,
        );
      }
      this.#arrays.set(canonical, readArray(name, content, maxBytes));
      return name;
    });
  }

  has(name: string): boolean {
    return this.#arrays.has(name);
  }

  /** One or two dimensions; a vector is a column. */
  matrix(name: string): Matrix {
    const { shape, data } = this.#numbers(name);
    const [rows, cols = 1, ...rest] = shape;
    if (rows === undefined || rest.length > 0 || data.length === 0) {
      throw new ModelFileError(`${name} must be a matrix, got an array of shape (${shape.join(', ')}).`);
    }
    return new Matrix(rows, cols, data);
  }

  /** All numbers of an array of any shape; `count` of them where that is given. */
  list(name: string, count?: number): number[] {
    const { data } = this.#numbers(name);
    if (data.length === 0 || (count !== undefined && data.length !== count)) {
      throw new ModelFileError(`${name} must hold ${count ?? 'some'} numbers, got ${data.length}.`);
    }
    return [...data];
  }

  number(name: string, fallback?: number): number {
    if (fallback !== undefined && !this.has(name)) return fallback;
    return this.list(name, 1)[0];
  }

  texts(name: string, count?: number): readonly string[] | undefined {
    const array = this.#arrays.get(name);
    this.#read.add(name);
    if (array === undefined) return undefined;
    if ('texts' in array && (count === undefined || array.texts.length === count)) return array.texts;
    const got = 'texts' in array ? `${array.texts.length} of them` : 'numbers';
    throw new ModelFileError(
      `${name} must hold ${count ?? 'some'} text${count === 1 ? '' : 's'}, got ${got}.`,
    );
  }

  /** Hyperparameters of the kernel: numbers for which there is no other name. */
  otherNames(): string[] {
    return [...this.#arrays.keys()].filter((name) => !ALIASES.has(name));
  }

  /** Throws ModelFileError where an array was not asked for: a name misspelt would be a number ignored. */
  requireAllRead(known: readonly string[] = []): void {
    const left = [...this.#arrays.keys()].find((name) => !this.#read.has(name));
    if (left === undefined) return;
    const names = [...ALIASES.keys(), ...known];
    const near = closestName(left, names);
    const advice = near === undefined || near === left ? 'leave it out' : `did you mean ${near}?`;
    throw new ModelFileError(
      `${quote(left)} is not an array that is read here, among ${listNames(names)}: ${advice}`,
    );
  }

  #numbers(name: string): Extract<NpzArray, { shape: unknown }> {
    const array = this.#arrays.get(name);
    this.#read.add(name);
    if (array === undefined)
      throw new ModelFileError(`${name} is missing: the npz file has ${listNames(this.names)}.`);
    if ('texts' in array) throw new ModelFileError(`${name} must hold numbers, got texts.`);
    const at = array.data.findIndex((value) => !Number.isFinite(value));
    if (at >= 0)
      throw new ModelFileError(`${name} holds ${array.data[at]} at position ${at}, expected finite numbers.`);
    return array;
  }

  *#entries(bytes: Buffer, maxBytes: number): Generator<readonly [string, Buffer]> {
    const files = asModelFile(() => readZip(bytes, { maxBytes, maxEntries: MAX_ARRAYS }));
    for (const [file, content] of files) {
      if (!file.endsWith('.npy')) throw new ModelFileError(`${quote(file)} in the npz file is no array.`);
      yield [file.slice(0, -'.npy'.length), content];
    }
  }
}

function readArray(name: string, content: Buffer, maxBytes: number): NpzArray {
  return asModelFile(
    () => {
      const header = readNpyHeader(content);
      if (TEXT_TYPE.test(header.descr)) return { texts: readTexts(content, header) };
      return readNpy(content, Math.floor(maxBytes / 8));
    },
    `In the array ${quote(name)}: `,
  );
}

/** The readers of requests speak of bodies and rows: only what is wrong with the file is said on. */
function asModelFile<T>(read: () => T, where = ''): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof BodyTooLargeError) {
      throw new ModelFileError(`${where}the arrays take more memory than MAX_MODEL_BYTES allows.`);
    }
    if (error instanceof MalformedBodyError) throw new ModelFileError(`${where}${error.message}`);
    throw error;
  }
}
