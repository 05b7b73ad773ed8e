import { Matrix } from '../../numeric/linalg/matrix.js';

const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const PLUS = 0x2b;
const MINUS = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;
const UPPER_E = 0x45;
const LOWER_E = 0x65;

/** While a mantissa is at most this, another digit leaves it below 2^53, hence exact. */
const MAX_MANTISSA = 900_719_925_474_098;
/** The powers of ten that a double holds exactly. */
const POWERS = Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`));

/**
 * The inner loop of the CSV reader: plain rows of numbers, straight from bytes into a growing array of doubles.
 *
 * A number of up to 15 digits and a small exponent is `mantissa * 10^k` or `mantissa / 10^k` of two exact doubles, so
 * one correctly rounded operation gives the nearest double (Clinger, "How to read floating point numbers accurately",
 * PLDI 1990, section 3). Any other is cut out of the text and given to `Number`.
 */
export class CsvNumbers {
  private values: Float64Array;
  private used = 0;
  private bytes: Buffer = Buffer.alloc(0);
  private text: string | undefined;

  constructor(private readonly cols: number) {
    this.values = new Float64Array(64 * cols);
  }

  /** The bytes that `readRows` reads from next. */
  block(bytes: Buffer): void {
    this.bytes = bytes;
    this.text = undefined;
  }

  /** Appends one row. */
  add(row: Float64Array): void {
    this.reserve();
    this.values.set(row, this.used);
    this.used += this.cols;
  }

  matrix(): Matrix {
    return new Matrix(this.used / this.cols, this.cols, this.values.subarray(0, this.used));
  }

  /**
   * Reads rows from `start` on, up to the first line that is not exactly one finite number a column: whoever calls looks
   * at that line. `bytes[end - 1]` must be a line break: every loop here stops at one.
   */
  readRows(
    start: number,
    end: number,
    delimiter: number,
    targets: Int32Array,
  ): { next: number; rows: number } {
    const { bytes, cols } = this;
    let rows = 0;
    let lineStart = start;
    while (lineStart < end) {
      this.reserve();
      const { values, used } = this;
      let at = lineStart;
      for (let column = 0; column < cols; column++) {
        while (bytes[at] === SPACE) at++;
        const cellStart = at;
        const negative = bytes[at] === MINUS;
        if (negative || bytes[at] === PLUS) at++;
        let mantissa = 0;
        let exact = true;
        let exponent = 0;
        const digitsStart = at;
        let digit = bytes[at] - ZERO;
        while (digit >= 0 && digit <= 9) {
          if (mantissa <= MAX_MANTISSA) mantissa = mantissa * 10 + digit;
          else exact = false;
          digit = bytes[++at] - ZERO;
        }
        let digits = at - digitsStart;
        if (bytes[at] === POINT) {
          const fractionStart = ++at;
          digit = bytes[at] - ZERO;
          while (digit >= 0 && digit <= 9) {
            if (mantissa <= MAX_MANTISSA) mantissa = mantissa * 10 + digit;
            else exact = false;
            digit = bytes[++at] - ZERO;
          }
          digits += at - fractionStart;
          exponent = fractionStart - at;
        }
        if (digits === 0) return { next: lineStart, rows };
        if (bytes[at] === LOWER_E || bytes[at] === UPPER_E) {
          at++;
          const down = bytes[at] === MINUS;
          if (down || bytes[at] === PLUS) at++;
          const powerStart = at;
          let power = 0;
          digit = bytes[at] - ZERO;
          while (digit >= 0 && digit <= 9) {
            if (power < 10_000) power = power * 10 + digit;
            digit = bytes[++at] - ZERO;
          }
          if (at === powerStart) return { next: lineStart, rows };
          exponent += down ? -power : power;
        }
        let value: number;
        if (exact && exponent <= 0 && exponent >= -22) value = mantissa / POWERS[-exponent];
        else if (exact && exponent > 0 && exponent <= 22) value = mantissa * POWERS[exponent];
        else {
          this.text ??= bytes.toString('latin1', 0, end);
          value = Math.abs(Number(this.text.slice(cellStart, at)));
          if (value === Infinity) return { next: lineStart, rows };
        }
        while (bytes[at] === SPACE) at++;
        if (column < cols - 1) {
          if (bytes[at] !== delimiter) return { next: lineStart, rows };
          at++;
        }
        values[used + targets[column]] = negative ? -value : value;
      }
      if (bytes[at] === CR) {
        at++;
        if (at < end && bytes[at] === LF) at++;
      } else if (bytes[at] === LF) at++;
      else return { next: lineStart, rows };
      this.used = used + cols;
      rows++;
      lineStart = at;
    }
    return { next: lineStart, rows };
  }

  /** Makes room for one more row. */
  private reserve(): void {
    if (this.used + this.cols <= this.values.length) return;
    const grown = new Float64Array(this.values.length * 2);
    grown.set(this.values);
    this.values = grown;
  }
}
