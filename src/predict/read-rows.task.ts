import type { Task } from '../common/pool/task.js';
import { npyToRows, npzToRows } from '../common/media/array-rows.js';
import { readCsvRows } from '../common/media/csv-rows.js';
import type { FileFormat } from '../common/media/detect.js';
import { readJsonRows } from '../common/media/json-rows.js';
import { readNpy } from '../common/media/npy.js';
import { readNpz } from '../common/media/npz.js';
import type { Matrix } from '../numeric/linalg/matrix.js';

export interface ReadRowsInput {
  readonly format: FileFormat;
  readonly body: Uint8Array;
  readonly inputs: readonly string[];
  /** Most bytes that a compressed body may unpack to. */
  readonly maxBytes: number;
}

export interface ReadRows {
  /** N x d; its data may be a view of the body. */
  readonly X: Matrix;
  /** What a JSON body asks for beside its rows, as it came. */
  readonly options?: unknown;
}

/** Makes rows of a body. Throws InvalidInputError, MalformedBodyError, BodyTooLargeError. */
export function readRows({ format, body: bytes, inputs, maxBytes }: ReadRowsInput): ReadRows {
  const body = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  switch (format) {
    case 'json':
      return readJsonRows(body, inputs);
    case 'csv':
      return { X: readCsvRows(body, inputs) };
    case 'npy':
      return { X: npyToRows(readNpy(body, Math.floor(maxBytes / Float64Array.BYTES_PER_ELEMENT)), inputs) };
    case 'npz':
      return { X: npzToRows(readNpz(body, { maxBytes }), inputs) };
  }
}

export const readRowsTask: Task<ReadRowsInput, ReadRows> = {
  name: 'predict.read-rows',
  run: readRows,
  transfer: ({ X }) => (X.data.buffer instanceof ArrayBuffer ? [X.data.buffer] : []),
};
