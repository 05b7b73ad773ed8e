import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { CsvRowReader } from '../../common/media/csv-rows.js';
import type { FileFormat } from '../../common/media/detect.js';
import { readNpyLayout } from '../../common/media/npy.js';
import { NpyRowReader } from '../../common/media/npy-rows.js';
import { DomainError } from '../../common/errors/domain-error.js';
import type { Matrix } from '../../numeric/linalg/matrix.js';
import type { RowsReader } from '../rows-reader.js';

/** Where an npy file's elements begin at the latest. */
const NPY_HEAD_BYTES = 12 + 10_000;

/** A file of rows, wherever it is kept. */
export interface InputSource {
  readonly format: FileFormat;
  readonly bytes: number;
  readonly read: (range?: { readonly start?: number; readonly end?: number }) => Promise<Readable>;
}

export class InputTooLargeError extends DomainError {
  readonly kind = 'too-large';
  readonly code = 'INPUT_TOO_LARGE';

  constructor(
    readonly limit: number,
    advice: string,
  ) {
    super(`The file is larger than the ${limit} bytes that are allowed: ${advice}`);
  }

  override get details(): Record<string, unknown> {
    return { limit: this.limit };
  }
}

/** How files are read. */
export interface ReadInputOptions {
  readonly inputs: readonly string[];
  readonly reader: RowsReader;
  /** Most bytes of a file that can only be read whole. */
  readonly wholeBytes: number;
  readonly signal: AbortSignal;
}

/**
 * The rows of a file, block by block. CSV and npy are never held whole, whatever their length; JSON, npz and npy in
 * Fortran order are, up to `wholeBytes`. `options`: what a JSON file asks for beside its rows, in its last block. Throws
 * what the readers of request bodies throw, and InputTooLargeError.
 */
export async function* readInput(
  source: InputSource,
  options: ReadInputOptions,
): AsyncGenerator<{ readonly X: Matrix; readonly options?: unknown }> {
  const { inputs, signal } = options;
  if (source.format === 'csv') {
    const reader = new CsvRowReader(inputs);
    for await (const chunk of await source.read()) {
      signal.throwIfAborted();
      reader.push(chunk as Buffer);
      yield { X: reader.take() };
    }
    yield { X: reader.end() };
  } else if (source.format === 'npy' && !(await isFortran(source))) {
    const reader = new NpyRowReader(inputs, source.bytes);
    for await (const chunk of await source.read()) {
      signal.throwIfAborted();
      reader.push(chunk as Buffer);
      yield { X: reader.take() };
    }
    reader.end();
  } else yield readWhole(source, options);
}

async function readWhole(
  { format, bytes, read }: InputSource,
  { inputs, reader, wholeBytes, signal }: ReadInputOptions,
): Promise<{ X: Matrix; options?: unknown }> {
  if (bytes > wholeBytes) {
    throw new InputTooLargeError(
      wholeBytes,
      'JSON, npz and arrays in Fortran order are read whole (MAX_BODY_BYTES). Send CSV, or npy in C order, which may be longer.',
    );
  }
  return reader.read(format, await buffer(await read()), inputs, () => signal);
}

/** Throws MalformedBodyError. */
async function isFortran({ read, bytes }: InputSource): Promise<boolean> {
  const head = await buffer(await read({ end: NPY_HEAD_BYTES }));
  const { fortranOrder, shape } = readNpyLayout(head, bytes);
  return fortranOrder && shape.length > 1;
}
