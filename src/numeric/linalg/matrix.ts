/** A dense, row-major matrix of doubles. Where it holds points, rows are points and columns are dimensions. */
export class Matrix {
  constructor(
    readonly rows: number,
    readonly cols: number,
    readonly data: Float64Array,
  ) {
    if (data.length !== rows * cols) {
      throw new RangeError(`A ${rows} x ${cols} matrix needs ${rows * cols} numbers, got ${data.length}.`);
    }
  }

  static zeros(rows: number, cols: number): Matrix {
    return new Matrix(rows, cols, new Float64Array(rows * cols));
  }

  /** Zeros in memory that all threads see: posting it to one copies no numbers. */
  static shared(rows: number, cols: number): Matrix {
    const bytes = rows * cols * Float64Array.BYTES_PER_ELEMENT;
    return new Matrix(rows, cols, new Float64Array(new SharedArrayBuffer(bytes)));
  }

  /** Copies rows of equal length. Throws RangeError when the lengths differ. */
  static fromRows(rows: readonly ArrayLike<number>[]): Matrix {
    const cols = rows[0]?.length ?? 0;
    const matrix = Matrix.zeros(rows.length, cols);
    rows.forEach((row, i) => {
      if (row.length !== cols) throw new RangeError(`Row ${i} has ${row.length} numbers, expected ${cols}.`);
      matrix.data.set(row, i * cols);
    });
    return matrix;
  }

  get(row: number, col: number): number {
    return this.data[row * this.cols + col];
  }

  /** Row `row` as a view: no copy. */
  row(row: number): Float64Array {
    return this.data.subarray(row * this.cols, (row + 1) * this.cols);
  }

  /** Rows [start, end) as a view: no copy. */
  slice(start: number, end: number): Matrix {
    return new Matrix(end - start, this.cols, this.data.subarray(start * this.cols, end * this.cols));
  }

  /** A copy with rows and columns exchanged. */
  transpose(): Matrix {
    const { rows, cols, data } = this;
    const result = Matrix.zeros(cols, rows);
    for (let i = 0, k = 0; i < rows; i += 1) {
      for (let j = 0; j < cols; j += 1, k += 1) result.data[j * rows + i] = data[k];
    }
    return result;
  }

  /** Column `col` as a copy. */
  column(col: number): Float64Array {
    const { rows, cols, data } = this;
    const result = new Float64Array(rows);
    for (let i = 0, k = col; i < rows; i += 1, k += cols) result[i] = data[k];
    return result;
  }
}
