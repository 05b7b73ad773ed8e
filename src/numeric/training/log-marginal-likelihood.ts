import { GPY_NUGGET } from '../gp/fit-posterior.js';
import { isNearlySingular } from '../linalg/nearly-singular.js';
import type { KernelSpec } from '../kernels/kernel-spec.js';
import { buildKernel } from '../kernels/kernels.js';
import type { LinearAlgebra } from '../linalg/linear-algebra.js';
import { Matrix } from '../linalg/matrix.js';
import type { TrainingProblem } from './training-problem.js';
import { leastSquares, Trend } from './trend.js';

const LOG_TWO_PI = Math.log(2 * Math.PI);

export interface MarginalLikelihood {
  readonly value: number;
  /** The coefficients of the mean (h x p). */
  readonly beta: Matrix;
}

/** What is maximised: the log marginal likelihood, or a lower bound of it. */
export interface Likelihood {
  readonly trend: Trend;
  evaluate(spec: KernelSpec, noise: number | Float64Array, gradient?: Float64Array): MarginalLikelihood;
}

/**
 * The log marginal likelihood of a Gaussian process, and its gradient by the hyperparameters: Rasmussen & Williams (2006),
 *
 *   log p(Y | X) = -1/2 tr(R^T K^-1 R) - p/2 log |K| - n p / 2 log 2 pi          eq. (5.8), p. 113, summed over p outputs
 *   d/dtheta = sum_ij W_ij dK_ij/dtheta,  W = 1/2 (alpha alpha^T - p K^-1),  alpha = K^-1 R        eq. (5.9), p. 114
 *
 * with R = Y - m(X). K holds the noise variance and the nugget, as in `inferExact`; unlike there, no jitter is added where
 * K cannot be factored: NotPositiveDefiniteError then, and the point is not served either.
 */
export class LogMarginalLikelihood implements Likelihood {
  readonly trend: Trend;
  readonly #nugget: number;

  constructor(
    private readonly problem: TrainingProblem,
    private readonly linalg: LinearAlgebra,
  ) {
    this.trend = new Trend(problem.mean, problem.X);
    this.#nugget = problem.nugget ?? GPY_NUGGET;
  }

  /**
   * Its value for a kernel and a noise variance (one, or one a point). `gradient`, where it is given, receives the
   * derivatives by the kernel's parameters and, where it has room for one more, by the noise variance.
   */
  evaluate(spec: KernelSpec, noise: number | Float64Array, gradient?: Float64Array): MarginalLikelihood {
    const { linalg, problem } = this;
    const { X, Y } = problem;
    const n = X.rows;
    const p = Y.cols;
    const kernel = buildKernel(spec, X.cols, linalg);
    const { scratch } = linalg;
    const K = new Matrix(n, n, scratch.take(n * n));
    const alpha = new Matrix(n, p, scratch.take(n * p));
    try {
      kernel.lowerTriangle(X, K.data);
      let trace = 0;
      let least = Infinity;
      for (let i = 0; i < n; i += 1) {
        const added = (typeof noise === 'number' ? noise : noise[i]) + this.#nugget;
        trace += K.data[i * (n + 1)] += added;
        least = Math.min(least, added);
      }
      linalg.choleskyInPlace(K, isNearlySingular(trace, least));
      let value = -0.5 * n * p * LOG_TWO_PI;
      for (let i = 0; i < n; i += 1) value -= p * Math.log(K.data[i * (n + 1)]);
      alpha.data.set(Y.data);
      linalg.solveLower(K, alpha);
      const beta = this.#takeOffMean(K, alpha);
      for (let k = 0; k < n * p; k += 1) value -= 0.5 * alpha.data[k] * alpha.data[k];
      if (gradient !== undefined) {
        linalg.solveLowerTranspose(K, alpha);
        linalg.invertCholesky(K);
        toWeights(K, alpha);
        gradient.fill(0);
        const count = kernel.parameters?.length ?? 0;
        kernel.addMatrixParameterGradients(X, K.data, gradient.subarray(0, count));
        if (gradient.length > count) {
          for (let i = 0; i < n; i += 1) gradient[count] += K.data[i * (n + 1)];
        }
      }
      return { value, beta };
    } finally {
      scratch.release(2);
    }
  }

  /** L^-1 Y becomes L^-1 (Y - H beta). */
  #takeOffMean(L: Matrix, Y: Matrix): Matrix {
    const H = new Matrix(this.trend.H.rows, this.trend.H.cols, this.trend.H.data.slice());
    if (H.cols === 0) return Matrix.zeros(0, Y.cols);
    this.linalg.solveLower(L, H);
    const beta = leastSquares(H, Y);
    for (let i = 0; i < Y.rows; i += 1) {
      for (let o = 0; o < Y.cols; o += 1) {
        for (let h = 0; h < H.cols; h += 1) Y.data[i * Y.cols + o] -= H.get(i, h) * beta.get(h, o);
      }
    }
    return beta;
  }
}

/** The lower triangle of K^-1 becomes that of 1/2 (alpha alpha^T - p K^-1). */
function toWeights({ rows: n, data: W }: Matrix, alpha: Matrix): void {
  const { cols: p, data: a } = alpha;
  const own = new Float64Array(a);
  const half = 0.5 * p;
  for (let i = 0; i < n; i += 1) {
    const row = i * n;
    if (p === 1) {
      const ai = 0.5 * own[i];
      for (let j = 0; j <= i; j += 1) W[row + j] = ai * own[j] - half * W[row + j];
      continue;
    }
    for (let j = 0; j <= i; j += 1) {
      let sum = 0;
      for (let o = 0; o < p; o += 1) sum += own[i * p + o] * own[j * p + o];
      W[row + j] = 0.5 * sum - half * W[row + j];
    }
  }
}
