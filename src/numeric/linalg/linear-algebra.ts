import type { Matrix } from './matrix.js';
import type { PanelMath } from './panel-math.js';

/**
 * The matrix work of a Gaussian process, in operations large enough to be worth a call into WebAssembly or BLAS.
 *
 * A panel is an n x m matrix with one column a query point. Matrices are row-major. "In place" overwrites the panel.
 * Every backend takes arrays from anywhere; it is fastest with those that it adopted and those from its `scratch`.
 * Every backend runs `describeLinearAlgebra` of `linear-algebra.contract.ts`.
 */
export interface LinearAlgebra extends PanelMath {
  readonly name: string;

  /** How many query points a panel should hold for n training points. */
  panelWidth(n: number): number;

  /** A copy of the matrix where this backend reads it fastest, or the matrix itself where it is there already. */
  adopt(matrix: Matrix): Matrix;

  /** Gives back the memory of a matrix that `adopt` copied; it must not be used any more. */
  release(matrix: Matrix): void;

  /**
   * The lower Cholesky factor of a symmetric A, A = L L^T, with zeros above the diagonal. Reads the lower triangle of
   * A only. Throws NotPositiveDefiniteError at a pivot that is not positive (or NaN): it never clamps one.
   *
   * `careful`: with the smallest errors this backend is capable of, for a covariance matrix that is nearly singular. Its
   * large eigenvalues are few; what they leave after some columns is small, and so is the rounding of all that follows,
   * where terms are subtracted one by one and not summed up first.
   */
  cholesky(A: Matrix, careful?: boolean): Matrix;

  /**
   * The lower triangle of A becomes its Cholesky factor, what stands above is undefined afterwards. Throws as `cholesky`
   * does; then A is lost.
   */
  choleskyInPlace(A: Matrix, careful?: boolean): void;

  /**
   * The beginning of `choleskyInPlace`: the first `columns` (all, or a multiple of 16) of the lower triangle of A become those of
   * its factor, the rest of it their Schur complement.
   */
  eliminateInPlace(A: Matrix, columns: number): void;

  /** The lower triangle of a Cholesky factor L becomes that of (L L^T)^-1; what stands above is undefined afterwards. */
  invertCholesky(L: Matrix): void;

  /**
   * Panel := L^-1 panel, in place (forward substitution). Reads the lower triangle of L only. The first rows of a factor
   * (`L.slice(0, r)`) stand for its leading r x r block.
   */
  solveLower(L: Matrix, panel: Matrix): void;

  /** Panel := L^-T panel, in place (back substitution). L as for `solveLower`. */
  solveLowerTranspose(L: Matrix, panel: Matrix): void;

  /** out := A B, for A n x k, B k x m and out n x m. */
  multiply(A: Matrix, B: Matrix, out: Matrix): void;

  /** out := A^T B, for A n x m, B n x q and out m x q. With a panel K and weights alpha: K^T alpha. */
  transposeMultiply(A: Matrix, B: Matrix, out: Matrix): void;

  /** out := A^T A, for A n x m and out m x m: symmetric to the last bit. */
  gram(A: Matrix, out: Matrix): void;

  /**
   * out_j -= sum_i A_ij^2, m numbers, where the result is not negative but for rounding: nearly as if computed in twice
   * the precision, so that a small difference keeps its digits.
   */
  subtractColumnSquares(A: Matrix, out: Float64Array): void;

  /** out_j := sum_i A_ij B_ij: m numbers. */
  columnDots(A: Matrix, B: Matrix, out: Float64Array): void;
}
