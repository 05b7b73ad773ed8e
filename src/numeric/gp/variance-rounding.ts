import type { LinearAlgebra } from '../linalg/linear-algebra.js';
import { Matrix } from '../linalg/matrix.js';
import type { PosteriorFactor } from './gp-state.js';

/** Of the errors that rounding leaves. */
const UNIT = 3 * Number.EPSILON;
/** A variance is at rounding where its error may be more than this part of it. */
const PART = 0.1;
/** The smallest eigenvalue of K is less than the smallest squared pivot, hardly ever so much less. */
const PIVOT_MARGIN = 4;

/**
 * How far rounding is expected to move a posterior variance. Exact models: with weights w = K^-1 k(Z, x) the variance
 * is u^T C u, where C is the joint prior covariance of the training points and x, and u = (-w, 1). The kernel, the
 * factorisation and the solves leave each C_ij wrong by a few eps sqrt(C_ii C_jj), with signs as by chance, which moves
 * the variance by no more than about
 *
 *   3 eps (k(x, x) + sum_i w_i^2 k(z_i, z_i))
 *
 * The 3 comes from the study in docs/accuracy.md: hardly an error is larger, for 40 training points and for 300.
 *
 * The weights take a second triangular solve, only for the points that need it: sum_i w_i^2 is at most k(x, x) over
 * the smallest eigenvalue of K, and where that is harmless nothing more is computed.
 *
 * Sparse models: 3 eps (k(x, x) + max |W| sum_i k(z_i, x)^2), for the entries of W are stored to
 * eps max |W|. What went wrong when W was computed is not seen.
 */
export class VarianceRounding {
  readonly #factor: PosteriorFactor;
  readonly #linalg: LinearAlgebra;
  /** k(z_i, z_i) of the training points. */
  readonly #priors: Float64Array;
  /** An upper bound of sum_i w_i^2 k(z_i, z_i) / k(x, x), or of max |W| k(z, z) for sparse models. */
  #amplification: number | undefined;
  #largestW = 0;

  constructor(factor: PosteriorFactor, priors: Float64Array, linalg: LinearAlgebra) {
    this.#factor = factor;
    this.#linalg = linalg;
    this.#priors = priors;
  }

  /**
   * The points of a panel whose posterior variance, plus `noise[start + j]` where there is any, is decided by rounding.
   * `priors` are k(x, x), and `panel` is
   * L^-1 k(Z, X), or k(Z, X) for a sparse model.
   */
  find(
    panel: Matrix,
    priors: Float64Array,
    variances: Float64Array,
    noise: Float64Array | undefined,
    start: number,
  ): readonly number[] {
    this.#amplification ??= this.#boundAmplification();
    const reported = (j: number): number => variances[j] + (noise === undefined ? 0 : noise[start + j]);
    const bound = UNIT * (1 + this.#amplification);
    const suspects: number[] = [];
    for (let j = 0; j < variances.length; j += 1) {
      if (bound * priors[j] > PART * reported(j)) suspects.push(j);
    }
    if (suspects.length === 0) return suspects;
    const { scratch } = this.#linalg;
    const buffer = scratch.take(panel.rows * suspects.length);
    try {
      const columns = new Matrix(panel.rows, suspects.length, buffer);
      gatherColumns(panel, suspects, columns);
      if (this.#factor.type === 'cholesky') this.#linalg.solveLowerTranspose(this.#factor.L, columns);
      return suspects.filter((j, column) => {
        return UNIT * (priors[j] + this.#amplified(columns, column)) > PART * reported(j);
      });
    } finally {
      scratch.release();
    }
  }

  /** sum_i w_i^2 k(z_i, z_i), or max |W| sum_i k_i^2. */
  #amplified({ rows, cols, data }: Matrix, column: number): number {
    const exact = this.#factor.type === 'cholesky';
    let sum = 0;
    for (let i = 0, k = column; i < rows; i += 1, k += cols) {
      sum += data[k] * data[k] * (exact ? this.#priors[i] : this.#largestW);
    }
    return sum;
  }

  #boundAmplification(): number {
    const largestPrior = this.#priors.reduce((largest, prior) => Math.max(largest, prior), 0);
    if (this.#factor.type === 'cholesky') return (PIVOT_MARGIN * largestPrior) / leastPivot(this.#factor.L);
    for (const value of this.#factor.W.data) this.#largestW = Math.max(this.#largestW, Math.abs(value));
    return this.#priors.length * this.#largestW * largestPrior;
  }
}

/** The smallest L_ii^2. */
function leastPivot(L: Matrix): number {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < L.rows; i += 1) least = Math.min(least, L.get(i, i) ** 2);
  return least;
}

function gatherColumns(from: Matrix, columns: readonly number[], to: Matrix): void {
  for (let i = 0, k = 0; i < from.rows; i += 1) {
    for (const j of columns) {
      to.data[k] = from.data[i * from.cols + j];
      k += 1;
    }
  }
}
