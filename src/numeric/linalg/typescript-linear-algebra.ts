import { NotPositiveDefiniteError } from '../errors.js';
import { invertCholesky } from './invert-cholesky.js';
import type { LinearAlgebra } from './linear-algebra.js';
import { Matrix } from './matrix.js';
import {
  multiplyTwoRows,
  packColumns,
  solveLowerPacked,
  solveLowerTransposePacked,
  unpackColumns,
} from './packed-columns.js';
import type { PointPairs, StationaryProfile } from './panel-math.js';
import { scratch, type Scratch } from './scratch-stack.js';
import { solveLowerColumn, solveLowerTransposeColumn } from './single-column.js';

/** The backend that is always there: plain TypeScript, blocked by four columns. */
export class TypeScriptLinearAlgebra implements LinearAlgebra {
  readonly name = 'typescript';
  readonly scratch: Scratch = scratch;
  readonly #sums = new Float64Array(8);

  panelWidth(): number {
    return 16;
  }

  adopt(matrix: Matrix): Matrix {
    return matrix;
  }

  release(): void {
    // Adopted matrices are nobody's copies.
  }

  /**
   * Row-block Cholesky: rows i..i+3 of L solve L' X^T = A' with the rows found so far, then a 4 x 4 block is factored.
   * Golub & Van Loan, Matrix Computations, 4th ed., section 4.2.9 (block dot-product form).
   */
  cholesky(A: Matrix, careful = false): Matrix {
    const n = A.rows;
    if (careful) {
      const L = new Matrix(n, n, A.data.slice());
      this.eliminateInPlace(L, n);
      for (let i = 0; i < n; i += 1) L.data.fill(0, i * n + i + 1, (i + 1) * n);
      return L;
    }
    const L = Matrix.zeros(n, n);
    const packed = scratch.take(4 * n);
    try {
      for (let start = 0; start < n; start += 4) this.#choleskyRows(A.data, L.data, n, start, packed);
    } finally {
      scratch.release();
    }
    return L;
  }

  choleskyInPlace(A: Matrix, careful = false): void {
    if (careful) this.eliminateInPlace(A, A.rows);
    else A.data.set(this.cholesky(A).data);
  }

  eliminateInPlace({ rows: n, data: a }: Matrix, columns: number): void {
    const column = new Float64Array(n);
    for (let k = 0; k < columns; k += 1) {
      const square = a[k * (n + 1)];
      if (!(square > 0) || square === Infinity) throw new NotPositiveDefiniteError(k, square);
      const pivot = Math.sqrt(square);
      a[k * (n + 1)] = pivot;
      for (let i = k + 1; i < n; i += 1) {
        const l = a[i * n + k] / pivot;
        a[i * n + k] = l;
        column[i] = l;
        for (let j = k + 1; j <= i; j += 1) a[i * n + j] -= l * column[j];
      }
    }
  }

  invertCholesky(L: Matrix): void {
    invertCholesky(L.data, L.rows);
  }

  solveLower(L: Matrix, panel: Matrix): void {
    if (panel.cols === 1) {
      solveLowerColumn(L.data, L.cols, L.rows, panel.data);
      return;
    }
    const packed = scratch.take(4 * L.rows);
    for (let col = 0; col < panel.cols; col += 4) {
      packColumns(panel.data, L.rows, panel.cols, col, packed);
      solveLowerPacked(L.data, L.cols, L.rows, packed, this.#sums);
      unpackColumns(packed, L.rows, panel.cols, col, panel.data);
    }
    scratch.release();
  }

  solveLowerTranspose(L: Matrix, panel: Matrix): void {
    if (panel.cols === 1) {
      solveLowerTransposeColumn(L.data, L.cols, L.rows, panel.data);
      return;
    }
    const packed = scratch.take(4 * L.rows);
    for (let col = 0; col < panel.cols; col += 4) {
      packColumns(panel.data, L.rows, panel.cols, col, packed);
      solveLowerTransposePacked(L.data, L.cols, L.rows, packed);
      unpackColumns(packed, L.rows, panel.cols, col, panel.data);
    }
    scratch.release();
  }

  multiply(A: Matrix, B: Matrix, out: Matrix): void {
    const packed = scratch.take(4 * B.rows);
    for (let col = 0; col < B.cols; col += 4) {
      packColumns(B.data, B.rows, B.cols, col, packed);
      this.#multiplyPacked(A.data, A.rows, A.cols, packed, out, col);
    }
    scratch.release();
  }

  transposeMultiply(A: Matrix, B: Matrix, out: Matrix): void {
    if (B.cols < 4) {
      transposeMultiplyNarrow(A, B, out);
      return;
    }
    this.multiply(A.transpose(), B, out);
  }

  gram(A: Matrix, out: Matrix): void {
    const m = out.cols;
    this.transposeMultiply(A, A, out);
    for (let i = 0; i < m; i += 1) {
      for (let j = 0; j < i; j += 1) out.data[j * m + i] = out.data[i * m + j];
    }
  }

  subtractColumnSquares(A: Matrix, out: Float64Array): void {
    const m = A.cols;
    const a = A.data;
    const lost = scratch.take(m).fill(0);
    for (let i = 0, k = 0; i < A.rows; i += 1) {
      for (let j = 0; j < m; j += 1, k += 1) {
        const square = a[k] * a[k];
        const rest = out[j] - square;
        lost[j] += out[j] - rest - square;
        out[j] = rest;
      }
    }
    for (let j = 0; j < m; j += 1) out[j] += lost[j];
    scratch.release();
  }

  columnDots(A: Matrix, B: Matrix, out: Float64Array): void {
    const m = A.cols;
    const a = A.data;
    const b = B.data;
    out.fill(0, 0, m);
    for (let i = 0, k = 0; i < A.rows; i += 1) {
      for (let j = 0; j < m; j += 1, k += 1) out[j] += a[k] * b[k];
    }
  }

  /** Kernels compute their panels themselves here. */
  stationaryPanel(_profile: StationaryProfile, _points: PointPairs, _out: Float64Array): boolean {
    return false;
  }

  stationaryTriangle(_profile: StationaryProfile, _points: PointPairs, _out: Float64Array): boolean {
    return false;
  }

  stationarySums(): boolean {
    return false;
  }

  periodicPanel(
    _variance: number,
    _frequency: Float64Array,
    _points: PointPairs,
    _out: Float64Array,
  ): boolean {
    return false;
  }

  addValues(values: Float64Array, out: Float64Array): void {
    for (let k = 0; k < out.length; k += 1) out[k] += values[k];
  }

  multiplyValues(values: Float64Array, out: Float64Array): void {
    for (let k = 0; k < out.length; k += 1) out[k] *= values[k];
  }

  #multiplyPacked(
    A: Float64Array,
    rows: number,
    depth: number,
    packed: Float64Array,
    out: Matrix,
    col: number,
  ): void {
    const sums = this.#sums;
    const width = Math.min(4, out.cols - col);
    for (let i = 0; i < rows; i += 2) {
      const second = i + 1 < rows;
      multiplyTwoRows(A, i * depth, (second ? i + 1 : i) * depth, packed, depth, sums);
      for (let c = 0, o = i * out.cols + col; c < width; c += 1, o += 1) {
        out.data[o] = sums[c];
        if (second) out.data[o + out.cols] = sums[c + 4];
      }
    }
  }

  #choleskyRows(A: Float64Array, L: Float64Array, n: number, start: number, packed: Float64Array): void {
    const width = Math.min(4, n - start);
    packed.fill(0, 0, 4 * start);
    for (let c = 0; c < width; c += 1) {
      for (let k = 0, from = (start + c) * n; k < start; k += 1) packed[4 * k + c] = A[from + k];
    }
    solveLowerPacked(L, n, start, packed, this.#sums);
    for (let c = 0; c < width; c += 1) {
      for (let k = 0, to = (start + c) * n; k < start; k += 1) L[to + k] = packed[4 * k + c];
    }
    for (let i = start; i < start + width; i += 1) {
      for (let j = start; j <= i; j += 1) {
        let s = A[i * n + j];
        for (let k = 0; k < j; k += 1) s -= L[i * n + k] * L[j * n + k];
        if (j < i) {
          L[i * n + j] = s / L[j * n + j];
        } else {
          if (!(s > 0) || s === Infinity) throw new NotPositiveDefiniteError(i, s);
          L[i * n + i] = Math.sqrt(s);
        }
      }
    }
  }
}

/** out := A^T B for a few columns of B: one pass over A, row by row. */
function transposeMultiplyNarrow(A: Matrix, B: Matrix, out: Matrix): void {
  const m = A.cols;
  const q = B.cols;
  const a = A.data;
  const o = out.data;
  o.fill(0, 0, m * q);
  for (let c = 0; c < q; c += 1) {
    for (let i = 0, k = 0; i < A.rows; i += 1) {
      const weight = B.data[i * q + c];
      for (let j = 0, to = c; j < m; j += 1, k += 1, to += q) o[to] += a[k] * weight;
    }
  }
}
