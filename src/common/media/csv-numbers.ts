import { expectedRows, GrowingRows } from '../../numeric/decimal/growing-rows.js';
import { type LoadedText, loadText, MOST_BYTES, readCsvLines } from '../../numeric/decimal/read-rows.js';
import type { Matrix } from '../../numeric/linalg/matrix.js';

const LF = 0x0a;
const CR = 0x0d;

/** The inner loop of the CSV reader: plain rows of numbers, straight from bytes into a growing array of doubles. */
export class CsvNumbers {
  readonly #rows: GrowingRows;
  #bytes: Buffer = Buffer.alloc(0);
  #loaded: LoadedText = { start: 0, end: 0 };

  constructor(cols: number) {
    this.#rows = new GrowingRows(cols);
  }

  /** The bytes that `readRows` reads from next, until another reader or writer comes. */
  block(bytes: Buffer): void {
    this.#bytes = bytes;
    this.#loaded = { start: 0, end: 0 };
  }

  /** Appends one row. */
  add(row: Float64Array): void {
    this.#rows.push(row);
  }

  /** Expects as many rows as `allBytes` hold, when the first `bytes` hold those until now. */
  expect(bytes: number, allBytes: number): void {
    this.#rows.reserve(expectedRows(this.#rows.rows, bytes, allBytes));
  }

  /** Rows that were read since the last time. */
  take(): Matrix {
    return this.#rows.take();
  }

  matrix(): Matrix {
    return this.#rows.matrix();
  }

  /**
   * Reads rows from `start` on, up to the first line that is not exactly one finite number a column, or that the fast
   * reader is in doubt about: whoever calls looks at that line. `bytes[end - 1]` must be a line break.
   */
  readRows(
    start: number,
    end: number,
    delimiter: number,
    targets: Int32Array,
  ): { next: number; rows: number } {
    let next = start;
    let rows = 0;
    while (next < end) {
      if (next >= this.#loaded.end || next < this.#loaded.start) {
        const stop = this.#wholeLines(next, end);
        if (stop === undefined) break;
        this.#loaded = loadText(this.#bytes, next, stop);
      }
      const read = readCsvLines(this.#loaded, next, delimiter, targets, this.#rows);
      rows += read.rows;
      next = read.next;
      if (next < this.#loaded.end) break;
    }
    return { next, rows };
  }

  /** Where the last line ends that one call can read; undefined where not even one fits. */
  #wholeLines(start: number, end: number): number | undefined {
    if (end - start <= MOST_BYTES) return end;
    const block = this.#bytes.subarray(start, start + MOST_BYTES - 1);
    const last = Math.max(block.lastIndexOf(LF), block.lastIndexOf(CR));
    if (last < 0) return undefined;
    const stop = start + last + 1;
    return this.#bytes[stop - 1] === CR && this.#bytes[stop] === LF ? stop + 1 : stop;
  }
}
