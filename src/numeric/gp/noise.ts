import { GpStateError, NumericInputError, UnsupportedPredictionError } from '../errors.js';
import type { Matrix } from '../linalg/matrix.js';
import type { NoiseSpec } from './gp-state.js';

/**
 * The noise variance of each point of X, in the normalised output space (m numbers).
 *
 * Throws UnsupportedPredictionError where it is unknown away from the training points (heteroscedastic), and
 * NumericInputError where an index column does not name a noise variance.
 */
export function noiseVariances(noise: NoiseSpec, X: Matrix): Float64Array {
  switch (noise.type) {
    case 'gaussian':
      return new Float64Array(X.rows).fill(noise.variance);
    case 'by-index':
      return Float64Array.from({ length: X.rows }, (_, j) => varianceByIndex(noise, X.get(j, noise.dim), j));
    case 'heteroscedastic':
      throw new UnsupportedPredictionError(
        'The noise of this model is known at its training points only (heteroscedastic): an observed variance, ' +
          'quantile or sample does not exist elsewhere. Ask for the latent one.',
      );
  }
}

/** Throws GpStateError for a negative or non-finite variance, or a column out of range. */
export function checkNoise(noise: NoiseSpec, inputDim: number): void {
  const variances =
    noise.type === 'gaussian' ? [noise.variance] : noise.type === 'by-index' ? noise.variances : [];
  for (const variance of variances) {
    if (!Number.isFinite(variance) || variance < 0) {
      throw new GpStateError(`A noise variance must be a finite number of at least 0, got ${variance}.`);
    }
  }
  if (noise.type !== 'by-index') return;
  if (!Number.isInteger(noise.dim) || noise.dim < 0 || noise.dim >= inputDim) {
    throw new GpStateError(`The noise's index column must be 0 to ${inputDim - 1}, got ${noise.dim}.`);
  }
}

function varianceByIndex(
  noise: Extract<NoiseSpec, { type: 'by-index' }>,
  index: number,
  row: number,
): number {
  if (Number.isInteger(index) && index >= 0 && index < noise.variances.length) return noise.variances[index];
  throw new NumericInputError(
    `Input column ${noise.dim} of row ${row} is ${index}: it chooses an output's noise and must be an integer ` +
      `from 0 to ${noise.variances.length - 1}.`,
  );
}
