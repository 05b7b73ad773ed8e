import type { LinearAlgebra } from '../linalg/linear-algebra.js';
import { Matrix } from '../linalg/matrix.js';
import type { PosteriorFactor } from './gp-state.js';

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
 *   (1 + sqrt(n) / 2) eps (k(x, x) + sum_i w_i^2 k(z_i, z_i))
 *
 * The factor in front is what the study in docs/accuracy.md finds, with n = 40 and n = 300 training points.
 *
 * The weights take a second triangular solve. It is done only for the points that need it: sum_i w_i^2 is at most
 * k(x, x) over the smallest eigenvalue of K, and for most that is known to be harmless.
 *
 * Sparse models: (1 + sqrt(n) / 2) eps (k(x, x) + max |W| sum_i k(z_i, x)^2), for the entries of W are stored to
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
  /** What a unit of error is multiplied by. */
  readonly #unit: number;

  constructor(factor: PosteriorFactor, priors: Float64Array, linalg: LinearAlgebra) {
    this.#unit = (1 + 0.5 * Math.sqrt(priors.length)) * Number.EPSILON;
    this.#factor = factor;
    this.#linalg = linalg;
    this.#priors = priors;
  }

  /**
   * `errors` holds the prior variances k(x, x) of m points and becomes the expected error of their posterior
   * `variances`: where it is harmless, an upper bound of it. `panel` is L^-1 k(Z, X), or k(Z, X) for a sparse model.
   */
  expect(panel: Matrix, variances: Float64Array, errors: Float64Array): void {
    this.#amplification ??= this.#boundAmplification();
    const suspects: number[] = [];
    for (let j = 0; j < variances.length; j += 1) {
      const bound = this.#unit * errors[j] * (1 + this.#amplification);
      if (bound > PART * variances[j]) suspects.push(j);
      else errors[j] = bound;
    }
    if (suspects.length === 0) return;
    const { scratch } = this.#linalg;
    const n = panel.rows;
    const buffer = scratch.take(n * suspects.length);
    try {
      const columns = new Matrix(n, suspects.length, buffer);
      gatherColumns(panel, suspects, columns);
      if (this.#factor.type === 'cholesky') this.#linalg.solveLowerTranspose(this.#factor.L, columns);
      suspects.forEach((j, column) => {
        errors[j] = this.#unit * (errors[j] + this.#amplified(columns, column));
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

/** The points whose variance (plus noise, where given) is so small that rounding decides it; undefined for none. */
export function rowsAtRounding(
  variances: Float64Array,
  errors: Float64Array,
  noise?: Float64Array,
): Uint32Array | undefined {
  const rows: number[] = [];
  for (let j = 0; j < variances.length; j += 1) {
    if (errors[j] > PART * (variances[j] + (noise?.[j] ?? 0))) rows.push(j);
  }
  return rows.length === 0 ? undefined : Uint32Array.from(rows);
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
