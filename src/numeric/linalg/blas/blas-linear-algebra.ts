import { NotPositiveDefiniteError } from '../../errors.js';
import type { LinearAlgebra } from '../linear-algebra.js';
import { Matrix } from '../matrix.js';
import { isNearlySingularFactor } from '../nearly-singular.js';
import type { PointPairs, StationaryProfile } from '../panel-math.js';
import type { Scratch } from '../scratch-stack.js';
import type { BlasFunctions } from './blas-functions.js';

/** Smaller operations are faster in WebAssembly: a foreign call costs about 1 us. In multiply-adds. */
const WORTH_A_CALL = 50_000;
/** Narrower panels are faster in WebAssembly. */
const NARROWEST_PANEL = 16;
/** Not a power of two: rows of such a length share a few lines of cache, and push each other out. */
const WIDEST_PANEL = 264;
/** Working memory for one panel. */
const PANEL_BYTES = 8 * 2 ** 20;
/** Columns that careful work begins with: few smooth kernels leave much after so many points. */
const FIRST_COLUMNS = 128;
/** Products of these columns that a careful solve sums up before it subtracts them. */
const SUMMED_UP = 2;
/** Rows of L that are solved by dtrsm; everything below them is dgemm, which is up to twice as fast. */
const SOLVE_BLOCK = 96;

/**
 * BLAS and LAPACK for cubic work and wide panels; another backend (WebAssembly) for the rest, in the same memory.
 *
 * The same call gives the same bits each time. A row's result depends, in its last bits, on the width of the panel it
 * is in: BLAS chooses its loops by shape.
 */
export class BlasLinearAlgebra implements LinearAlgebra {
  readonly name: string;
  readonly scratch: Scratch;

  constructor(
    private readonly blas: BlasFunctions,
    private readonly base: LinearAlgebra,
  ) {
    this.name = `blas+${base.name}`;
    this.scratch = base.scratch;
  }

  panelWidth(n: number): number {
    if (n * n * NARROWEST_PANEL < WORTH_A_CALL) return this.base.panelWidth(n);
    const width = Math.floor(PANEL_BYTES / (8 * n)) & ~7;
    return Math.max(64, Math.min(WIDEST_PANEL, width));
  }

  adopt(matrix: Matrix): Matrix {
    return this.base.adopt(matrix);
  }

  release(matrix: Matrix): void {
    this.base.release(matrix);
  }

  cholesky(A: Matrix, careful = false): Matrix {
    const n = A.rows;
    if (n ** 3 / 3 < WORTH_A_CALL) return this.base.cholesky(A, careful);
    const L = new Matrix(n, n, A.data.slice());
    const failed = this.#factor(L, careful);
    // The other backend says which pivot it was, and by how much.
    if (failed !== 0 || !hasFiniteDiagonal(L)) return this.base.cholesky(A, careful);
    for (let i = 0; i < n; i += 1) L.data.fill(0, i * n + i + 1, (i + 1) * n);
    return L;
  }

  choleskyInPlace(A: Matrix, careful = false): void {
    const n = A.rows;
    if (n ** 3 / 3 < WORTH_A_CALL) {
      this.base.choleskyInPlace(A, careful);
      return;
    }
    const failed = this.#factor(A, careful);
    if (failed === 0 && hasFiniteDiagonal(A)) return;
    const pivot = Math.max(0, failed === 0 ? firstNotFinite(A) : failed - 1);
    throw new NotPositiveDefiniteError(pivot, A.get(pivot, pivot));
  }

  eliminateInPlace(A: Matrix, columns: number): void {
    this.base.eliminateInPlace(A, columns);
  }

  invertCholesky(L: Matrix): void {
    const n = L.rows;
    if (n ** 3 / 3 < WORTH_A_CALL) this.base.invertCholesky(L);
    else this.blas.dpotri(n, L.data, n);
  }

  solveLower(L: Matrix, panel: Matrix): void {
    if (panel.cols < NARROWEST_PANEL || L.rows ** 2 * panel.cols < WORTH_A_CALL) {
      this.base.solveLower(L, panel);
    } else {
      const solved = isNearlySingularFactor(L) ? this.#begin(L, panel) : 0;
      if (solved < L.rows) this.#forward(L, panel, solved, L.rows);
    }
  }

  solveLowerTranspose(L: Matrix, panel: Matrix): void {
    if (panel.cols < NARROWEST_PANEL || L.rows ** 2 * panel.cols < WORTH_A_CALL) {
      this.base.solveLowerTranspose(L, panel);
    } else {
      this.blas.dtrsm(true, L.rows, panel.cols, L.data, L.cols, panel.data, panel.cols);
    }
  }

  multiply(A: Matrix, B: Matrix, out: Matrix): void {
    const { rows: n, cols: k } = A;
    const m = B.cols;
    if (m < NARROWEST_PANEL || n * k * m < WORTH_A_CALL) this.base.multiply(A, B, out);
    else this.blas.dgemm(false, false, n, m, k, 1, A.data, k, B.data, m, 0, out.data, m);
  }

  transposeMultiply(A: Matrix, B: Matrix, out: Matrix): void {
    const { rows: n, cols: m } = A;
    const q = B.cols;
    if (q < NARROWEST_PANEL || n * m * q < WORTH_A_CALL) this.base.transposeMultiply(A, B, out);
    else this.blas.dgemm(true, false, m, q, n, 1, A.data, m, B.data, q, 0, out.data, q);
  }

  gram(A: Matrix, out: Matrix): void {
    const { rows: n, cols: m } = A;
    if ((n * m * m) / 2 < WORTH_A_CALL) {
      this.base.gram(A, out);
      return;
    }
    this.blas.dsyrk(m, n, A.data, m, out.data, m);
    for (let i = 0; i < m; i += 1) {
      for (let j = 0; j < i; j += 1) out.data[j * m + i] = out.data[i * m + j];
    }
  }

  subtractColumnSquares(A: Matrix, out: Float64Array): void {
    this.base.subtractColumnSquares(A, out);
  }

  columnDots(A: Matrix, B: Matrix, out: Float64Array): void {
    this.base.columnDots(A, B, out);
  }

  stationaryPanel(profile: StationaryProfile, points: PointPairs, out: Float64Array): boolean {
    return this.base.stationaryPanel(profile, points, out);
  }

  stationaryTriangle(profile: StationaryProfile, points: PointPairs, out: Float64Array): boolean {
    return this.base.stationaryTriangle(profile, points, out);
  }

  stationarySums(
    profile: StationaryProfile,
    part: 'panel' | 'triangle',
    points: PointPairs,
    W: Float64Array,
    sums: Float64Array,
  ): boolean {
    return this.base.stationarySums(profile, part, points, W, sums);
  }

  periodicPanel(variance: number, frequency: Float64Array, points: PointPairs, out: Float64Array): boolean {
    return this.base.periodicPanel(variance, frequency, points, out);
  }

  addValues(values: Float64Array, out: Float64Array): void {
    this.base.addValues(values, out);
  }

  multiplyValues(values: Float64Array, out: Float64Array): void {
    this.base.multiplyValues(values, out);
  }

  /** As `dpotrf`, which sums up before it subtracts: where that costs digits, the columns that matter come first. */
  #factor(A: Matrix, careful: boolean): number {
    const n = A.rows;
    if (!careful) return this.blas.dpotrf(n, A.data, n);
    const first = Math.min(FIRST_COLUMNS, n & ~15);
    this.base.eliminateInPlace(A, first);
    if (first === n) return 0;
    const failed = this.blas.dpotrf(n - first, A.data.subarray(first * (n + 1)), n);
    return failed === 0 ? 0 : first + failed;
  }

  /**
   * The first rows of the panel, and what they take off the others, in small sums: as `#factor`, since rows of a kernel are
   * as large as the columns they were factored from. Returns how many.
   */
  #begin(L: Matrix, panel: Matrix): number {
    const n = L.rows;
    const m = panel.cols;
    const first = Math.min(FIRST_COLUMNS, n);
    this.base.solveLower(L.slice(0, first), panel.slice(0, first));
    if (first === n) return first;
    const rest = panel.data.subarray(first * m);
    for (let k = 0; k < first; k += SUMMED_UP) {
      const columns = L.data.subarray(first * n + k);
      const rows = panel.data.subarray(k * m);
      this.blas.dgemm(false, false, n - first, m, SUMMED_UP, -1, columns, n, rows, m, 1, rest, m);
    }
    return first;
  }

  /**
   * Rows [start, end) of the panel, those above being solved and taken off already: the upper half, then what it
   * takes off the lower one, then that.
   */
  #forward(L: Matrix, panel: Matrix, start: number, end: number): void {
    const n = L.cols;
    const m = panel.cols;
    const rows = panel.data.subarray(start * m);
    const corner = L.data.subarray(start * n + start);
    const size = end - start;
    if (size <= SOLVE_BLOCK) {
      this.blas.dtrsm(false, size, m, corner, n, rows, m);
      return;
    }
    const upper = Math.ceil(size / SOLVE_BLOCK / 2) * SOLVE_BLOCK;
    this.#forward(L, panel, start, start + upper);
    const below = L.data.subarray((start + upper) * n + start);
    const rest = panel.data.subarray((start + upper) * m);
    this.blas.dgemm(false, false, size - upper, m, upper, -1, below, n, rows, m, 1, rest, m);
    this.#forward(L, panel, start + upper, end);
  }
}

function hasFiniteDiagonal(A: Matrix): boolean {
  return firstNotFinite(A) < 0;
}

/** The first row whose diagonal is not finite, or -1. */
function firstNotFinite({ rows: n, data }: Matrix): number {
  for (let i = 0; i < n; i += 1) if (!Number.isFinite(data[i * n + i])) return i;
  return -1;
}
