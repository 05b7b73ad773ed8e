import { Matrix } from '../linalg/matrix.js';

/** From so many numbers on they lie in shared memory: other threads then work on them without a copy. */
const SHARED_FROM = 4096;

/** Rows whose number is not known before the last has come. */
export class GrowingRows {
  #values: Float64Array;
  #used = 0;

  constructor(readonly cols: number) {
    this.#values = new Float64Array(Math.min(64 * cols, SHARED_FROM));
  }

  /** Appends whole rows. */
  push(rows: Float64Array): void {
    const used = this.#used + rows.length;
    if (used > this.#values.length) this.#grow(Math.max(used, 2 * this.#values.length));
    this.#values.set(rows, this.#used);
    this.#used = used;
  }

  /** Rows that were pushed. */
  get rows(): number {
    return this.#used / this.cols;
  }

  /** Makes room for so many rows in all, so that growing to them copies nothing. */
  reserve(rows: number): void {
    if (rows * this.cols > this.#values.length) this.#grow(rows * this.cols);
  }

  /** What was pushed since the last time, as a copy. */
  take(): Matrix {
    const taken = new Matrix(this.rows, this.cols, this.#values.slice(0, this.#used));
    this.#used = 0;
    return taken;
  }

  /** What was pushed, without a copy. */
  matrix(): Matrix {
    return new Matrix(this.rows, this.cols, this.#values.subarray(0, this.#used));
  }

  #grow(length: number): void {
    const grown =
      length < SHARED_FROM
        ? new Float64Array(length)
        : new Float64Array(new SharedArrayBuffer(length * Float64Array.BYTES_PER_ELEMENT));
    grown.set(this.#values.subarray(0, this.#used));
    this.#values = grown;
  }
}

/** How many rows a text holds, a few more than less, by those in its first bytes. */
export function expectedRows(rows: number, bytes: number, allBytes: number): number {
  return Math.ceil(((rows * allBytes) / bytes) * 1.01) + 16;
}
