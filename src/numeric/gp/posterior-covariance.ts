import type { LinearAlgebra } from '../linalg/linear-algebra.js';
import { Matrix } from '../linalg/matrix.js';
import type { PosteriorFactor } from './gp-state.js';

/** GPy's floor for the variances of models that store an inverse (Posterior._raw_predict). */
const SPARSE_VARIANCE_FLOOR = 1e-15;

/**
 * What the data takes away from the prior covariance: K^T W K for a panel K = k(Z, X), where W is either
 * (L L^T)^-1, used through triangular solves and never formed, or a stored matrix.
 */
export class PosteriorCovariance {
  readonly #factor: PosteriorFactor;
  readonly #linalg: LinearAlgebra;

  constructor(factor: PosteriorFactor, linalg: LinearAlgebra) {
    this.#factor = factor;
    this.#linalg = linalg;
  }

  /**
   * `variances` := prior variances - diag(K^T W K), m numbers. Exact models: the panel becomes V = L^-1 K, and V^2 is
   * subtracted by columns, Rasmussen & Williams (2006), Alg. 2.1, lines 5 and 6, p. 19; a difference that rounding made
   * negative becomes 0. Sparse models: clipped to 1e-15, as GPy does; the panel stays as it is.
   */
  variances(panel: Matrix, variances: Float64Array): void {
    if (this.#factor.type === 'cholesky') {
      this.#linalg.solveLower(this.#factor.L, panel);
      this.#linalg.subtractColumnSquares(panel, variances);
      for (let j = 0; j < variances.length; j += 1) variances[j] = Math.max(0, variances[j]);
    } else {
      const { scratch } = this.#linalg;
      const reduction = scratch.take(panel.cols);
      const product = scratch.take(panel.data.length);
      const WK = new Matrix(panel.rows, panel.cols, product);
      this.#linalg.multiply(this.#factor.W, panel, WK);
      this.#linalg.columnDots(panel, WK, reduction);
      for (let j = 0; j < variances.length; j += 1) {
        variances[j] = Math.max(SPARSE_VARIANCE_FLOOR, variances[j] - reduction[j]);
      }
      scratch.release(2);
    }
  }

  /**
   * covariance -= K^T W K (m x m), symmetric to the last bit, with no negative variance on the diagonal; overwrites the
   * panel K.
   */
  subtractFrom(covariance: Matrix, panel: Matrix): void {
    const m = panel.cols;
    const reduction = Matrix.zeros(m, m);
    if (this.#factor.type === 'cholesky') {
      this.#linalg.solveLower(this.#factor.L, panel);
      this.#linalg.gram(panel, reduction);
    } else {
      const WK = Matrix.zeros(panel.rows, m);
      this.#linalg.multiply(this.#factor.W, panel, WK);
      this.#linalg.transposeMultiply(panel, WK, reduction);
    }
    for (let i = 0; i < m; i += 1) {
      for (let j = 0; j <= i; j += 1) {
        const difference = covariance.get(i, j) - 0.5 * (reduction.get(i, j) + reduction.get(j, i));
        const value = i === j ? Math.max(0, difference) : difference;
        covariance.data[i * m + j] = value;
        covariance.data[j * m + i] = value;
      }
    }
  }

  /** K := W K, the weights of the variance's gradient: two triangular solves, L^-T L^-1 K, or one product. */
  applyTo(panel: Matrix): void {
    if (this.#factor.type === 'cholesky') {
      this.#linalg.solveLower(this.#factor.L, panel);
      this.#linalg.solveLowerTranspose(this.#factor.L, panel);
    } else {
      const copy = new Matrix(panel.rows, panel.cols, panel.data.slice());
      this.#linalg.multiply(this.#factor.W, copy, panel);
    }
  }
}
