import type { MeanSpec, NoiseSpec, PosteriorFactor } from '../../../../numeric/gp/gp-state.js';
import type { KernelSpec } from '../../../../numeric/kernels/kernel-spec.js';
import type { Matrix } from '../../../../numeric/linalg/matrix.js';

/** A GPy model taken apart, wherever it was read from. Everything is in the normalised output space. */
export interface GpyParts {
  /** `GPRegression`, ... */
  readonly className: string;
  readonly kernel: KernelSpec;
  /** Training inputs, n x d. */
  readonly X: Matrix;
  /** Training outputs, normalised, n x p. */
  readonly Y: Matrix;
  /** Inducing points of a sparse model, m x d. */
  readonly Z?: Matrix;
  readonly noise: NoiseSpec;
  /** Noise variance at each training point, where it is not the same everywhere. */
  readonly noiseAtTraining?: Float64Array;
  readonly mean?: MeanSpec;
  readonly outputNorm?: { readonly mean: readonly number[]; readonly std: readonly number[] };
  /** As stored with the model; absent where the file has none, or only a part of it. */
  readonly posterior?: { readonly alpha: Matrix; readonly factor: PosteriorFactor };
}

/** GPy's MixedNoise: the training points' output indices stand in input column `dim`. */
export function noiseByIndex(
  dim: number,
  variances: readonly number[],
  X: Matrix,
): Pick<GpyParts, 'noise' | 'noiseAtTraining'> {
  return {
    noise: { type: 'by-index', dim, variances },
    noiseAtTraining: Float64Array.from({ length: X.rows }, (_, i) => variances[X.get(i, dim)] ?? Number.NaN),
  };
}
