import { Matrix } from '../../numeric/linalg/matrix.js';
import { checkFinite, requireRowsShape } from './array-rows.js';
import { InputIssues, MalformedBodyError } from './issue.js';
import { type NpyLayout, readNpyLayout } from './npy.js';

/** A longer header is refused. */
const HEAD_BYTES = 12 + 10_000;

/**
 * Reads the rows of an npy file piece by piece: `push` chunks, `take` rows now and then, `end`. Takes what `npyToRows`
 * takes, but no array of several dimensions in Fortran order, whose first row ends where the file does. Holds what was
 * pushed and not yet taken.
 */
export class NpyRowReader {
  readonly #issues = new InputIssues();
  #pending: Buffer[] = [];
  #pendingBytes = 0;
  #layout: NpyLayout | undefined;
  #taken = 0;

  /** `length`: of the file, in bytes. */
  constructor(
    private readonly inputs: readonly string[],
    private readonly length: number,
  ) {}

  /** Throws MalformedBodyError or InvalidInputError where the header is wrong, or says what cannot be. */
  push(chunk: Buffer): void {
    this.#pending.push(chunk);
    this.#pendingBytes += chunk.length;
    if (!this.#layout && this.#pendingBytes >= Math.min(HEAD_BYTES, this.length)) this.#begin();
  }

  /** The whole rows that were pushed and not yet taken. */
  take(): Matrix {
    const d = this.inputs.length;
    if (!this.#layout) return Matrix.zeros(0, d);
    const { type, shape } = this.#layout;
    const bytes = this.#gather();
    const rows = Math.floor(bytes.length / (type.bytes * d));
    // A copy: what `read` returns may share the bytes.
    const data = Float64Array.from(type.read(bytes, 0, rows * d));
    checkFinite(data, shape, '', this.#issues, this.#taken);
    this.#taken += data.length;
    this.#keep(bytes.subarray(rows * d * type.bytes));
    return new Matrix(rows, d, data);
  }

  /** To be called when all has been taken. Throws InvalidInputError when anything was wrong with the rows. */
  end(): void {
    if (!this.#layout) this.#begin();
    this.#issues.throwIfAny();
  }

  #begin(): void {
    const bytes = this.#gather();
    const layout = readNpyLayout(bytes, this.length);
    requireRowsShape(layout.shape, this.inputs);
    if (layout.fortranOrder && layout.shape.length > 1) {
      throw new MalformedBodyError(
        'npy',
        'the array is in Fortran order, in which a file this large cannot be read row by row: save numpy.ascontiguousarray of it.',
      );
    }
    this.#layout = layout;
    this.#keep(bytes.subarray(layout.dataStart));
  }

  #gather(): Buffer {
    return this.#pending.length === 1 ? this.#pending[0] : Buffer.concat(this.#pending);
  }

  #keep(rest: Buffer): void {
    this.#pending = rest.length === 0 ? [] : [Buffer.from(rest)];
    this.#pendingBytes = rest.length;
  }
}
