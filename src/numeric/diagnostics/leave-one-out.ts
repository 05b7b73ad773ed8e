import type { GaussianProcess } from '../gp/gaussian-process.js';
import { MeanFunction } from '../gp/mean-function.js';
import type { LinearAlgebra } from '../linalg/linear-algebra.js';
import { Matrix } from '../linalg/matrix.js';
import { lowerProduct, lowerTransposeProduct } from '../linalg/triangular-product.js';
import { inverseDiagonal } from './inverse-diagonal.js';

/** Each of the n training points as the model predicts it from all the others, in the outputs' own units. */
export interface LeaveOneOut {
  /** The training outputs, n x p. */
  readonly observed: Matrix;
  /** n x p */
  readonly mean: Matrix;
  /** Of the observed output, noise included: n x p. */
  readonly variance: Matrix;
  /**
   * What is left of the prior variance of the noise-free function at each point when it is left out: n numbers from 0
   * (the others determine it) to 1 (they say nothing about it). 0 where the prior variance is.
   */
  readonly relativeVariance: Float64Array;
  /** log p(Y | X), summed over the outputs, of the outputs as the posterior sees them (normalised, if they are). */
  readonly logMarginalLikelihood: number;
  /** Mean over the points of the noise variance over the prior variance of the noise-free function. */
  readonly noiseToSignal: number;
  /** One an output: how far the mean of y - m(Z) is from 0, in prior standard deviations of y. */
  readonly priorOffset: readonly number[];
}

/**
 * Leave-one-out predictions by the closed formula, with the factor and the weights that the posterior has anyway:
 *
 *   y_i - mean_i = alpha_i / [K^-1]_ii,   variance_i = 1 / [K^-1]_ii
 *
 * Rasmussen & Williams (2006), eq. 5.12, p. 117; Dubrule (1983), Mathematical Geology 15, 687-699. K holds the noise, a
 * point's own where each has its own, and the nugget. Hyperparameters, mean function and normaliser stay as they are:
 * the formula is exact for them, and a little kinder than fitting anew without each point. Outputs share K and the
 * variance; each has its own column of alpha.
 *
 * The training outputs are K alpha + m(Z), for those who have not kept them; the log marginal likelihood is eq. 2.30,
 * p. 19. Returns undefined for a sparse model: its posterior holds neither K nor the training points.
 */
export function leaveOneOut(
  gp: GaussianProcess,
  linalg: LinearAlgebra,
  checkpoint?: () => void,
): LeaveOneOut | undefined {
  const { Z, alpha, factor, mean: meanSpec, outputNorm } = gp.state;
  if (factor.type !== 'cholesky') return undefined;
  const { L } = factor;
  const { rows: n, cols: p } = alpha;
  const inverse = inverseDiagonal(L, linalg, checkpoint);
  const priorMean = Matrix.zeros(n, p);
  if (meanSpec !== undefined) new MeanFunction(meanSpec, Z.cols, p).addValues(Z, priorMean);

  const observed = Matrix.zeros(n, p);
  const mean = Matrix.zeros(n, p);
  const variance = Matrix.zeros(n, p);
  const priorOffset: number[] = [];
  const diagonal = productDiagonal(L);
  const priorDeviation = Math.sqrt(diagonal.reduce((sum, value) => sum + value, 0) / n);
  let logLikelihood = 0;
  for (let o = 0; o < p; o += 1) {
    const weights = alpha.column(o);
    // L^T alpha = L^-1 (y - m): its squares sum to the data term of the likelihood.
    const whitened = lowerTransposeProduct(L, weights);
    const centred = lowerProduct(L, whitened);
    logLikelihood -= 0.5 * whitened.reduce((sum, value) => sum + value * value, 0);
    priorOffset.push(Math.abs(centred.reduce((sum, value) => sum + value, 0)) / n / priorDeviation);
    const { scale, shift } = unitsOf(outputNorm, o);
    for (let i = 0, k = o; i < n; i += 1, k += p) {
      const y = centred[i] + priorMean.data[k];
      observed.data[k] = y * scale + shift;
      mean.data[k] = (y - weights[i] / inverse[i]) * scale + shift;
      variance.data[k] = scale ** 2 / inverse[i];
    }
  }
  for (let i = 0; i < n; i += 1) logLikelihood -= p * (Math.log(L.get(i, i)) + 0.5 * Math.log(2 * Math.PI));
  checkpoint?.();
  return {
    observed,
    mean,
    variance,
    logMarginalLikelihood: logLikelihood,
    priorOffset,
    ...signalShares(gp, diagonal, inverse),
  };
}

function unitsOf(
  norm: { readonly mean: readonly number[]; readonly std: readonly number[] } | undefined,
  output: number,
): { scale: number; shift: number } {
  return norm === undefined ? { scale: 1, shift: 0 } : { scale: norm.std[output], shift: norm.mean[output] };
}

/** K_ii is the prior variance of the function, plus what is noise: white kernels, noise of the likelihood, nugget. */
function signalShares(
  { kernel, state: { Z } }: GaussianProcess,
  diagonal: Float64Array,
  inverse: Float64Array,
): Pick<LeaveOneOut, 'relativeVariance' | 'noiseToSignal'> {
  const n = Z.rows;
  const relativeVariance = new Float64Array(n);
  const value = new Float64Array(1);
  let ratios = 0;
  for (let i = 0; i < n; i += 1) {
    const point = Z.slice(i, i + 1);
    // Between two sets white noise is 0, so that this is the function's alone.
    kernel.panel(point, point, value);
    const [signal] = value;
    const noise = diagonal[i] - signal;
    if (!(signal > 0)) continue;
    relativeVariance[i] = Math.min(1, Math.max(0, (1 / inverse[i] - noise) / signal));
    ratios += Math.max(0, noise) / signal;
  }
  return { relativeVariance, noiseToSignal: ratios / n };
}

/** The diagonal of L L^T, n numbers. */
function productDiagonal(L: Matrix): Float64Array {
  return Float64Array.from({ length: L.rows }, (_, i) => {
    let sum = 0;
    for (let k = 0, at = i * L.cols; k <= i; k += 1, at += 1) sum += L.data[at] * L.data[at];
    return sum;
  });
}
