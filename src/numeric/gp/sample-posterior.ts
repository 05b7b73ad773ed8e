import { NumericInputError } from '../errors.js';
import type { LinearAlgebra } from '../linalg/linear-algebra.js';
import { Matrix } from '../linalg/matrix.js';
import { Random } from '../random/random.js';
import { factorSemidefinite } from './semidefinite-factor.js';

/** The joint posterior of m points, ready to be drawn from. */
export interface JointPosterior {
  /** m x p, in the outputs' own units. */
  readonly mean: Matrix;
  /** m x m, of the latent function, in the normalised output space. */
  readonly covariance: Matrix;
  /** The prior variance of each point: posterior variances are differences at this scale. */
  readonly priorVariances: Float64Array;
  /** Noise variances to draw as well, in the normalised space: one a point. */
  readonly noise?: Float64Array | undefined;
  /** Of the normaliser, one an output. */
  readonly std?: readonly number[] | undefined;
}

/**
 * `count` draws of m x p: mean + std (F u + sqrt(noise) e), u and e standard normal and independent between outputs.
 * F F^T is the covariance, by a pivoted Cholesky factorisation that stops at rounding level, so that no jitter is
 * added. (GPy adds the noise without the normaliser's std.) `checkpoint` is called before each step: what it throws ends
 * the work.
 */
export function samplePosterior(
  posterior: JointPosterior,
  count: number,
  random: Random,
  linalg: LinearAlgebra,
  checkpoint?: () => void,
): Matrix[] {
  if (!Number.isSafeInteger(count) || count < 1) {
    throw new NumericInputError(`The number of samples must be an integer of at least 1, got ${count}.`);
  }
  const { mean, covariance, noise, std } = posterior;
  const { rows: m, cols: p } = mean;
  const F = factorSemidefinite(covariance, roundingLevel(posterior.priorVariances), checkpoint);
  const u = Matrix.zeros(F.cols, 1);
  const e = new Float64Array(m);
  const deviation = Matrix.zeros(m, 1);
  return Array.from({ length: count }, () => {
    checkpoint?.();
    const sample = new Matrix(m, p, mean.data.slice());
    for (let o = 0; o < p; o += 1) {
      random.fillNormal(u.data);
      linalg.multiply(F, u, deviation);
      if (noise !== undefined) {
        random.fillNormal(e);
        for (let j = 0; j < m; j += 1) deviation.data[j] += Math.sqrt(noise[j]) * e[j];
      }
      const scale = std?.[o] ?? 1;
      for (let j = 0; j < m; j += 1) sample.data[j * p + o] += scale * deviation.data[j];
    }
    return sample;
  });
}

/** What rounding leaves of a posterior variance that is zero. */
function roundingLevel(priorVariances: Float64Array): number {
  let largest = 0;
  for (const variance of priorVariances) largest = Math.max(largest, variance);
  return priorVariances.length * Number.EPSILON * largest;
}
