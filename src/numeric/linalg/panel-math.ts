import type { Matrix } from './matrix.js';
import type { Scratch } from './scratch-stack.js';

/** Functions f(r) of stationary kernels that a backend may know; their formulas are in `../kernels`. */
export const STATIONARY_SHAPES = [
  'squared-distance',
  'rbf',
  'exponential',
  'matern32',
  'matern52',
  'ratquad',
  'cosine',
  'exp-quad-cosine',
] as const;

/** k = variance f(r); `parameter` is the power of ratquad and the frequency of exp-quad-cosine. */
export interface StationaryProfile {
  readonly shape: (typeof STATIONARY_SHAPES)[number];
  readonly variance: number;
  readonly parameter?: number;
}

/** Points Z (n x d') against X (m x d'), over the columns `dims`, each difference times `scale`. */
export interface PointPairs {
  readonly Z: Matrix;
  readonly X: Matrix;
  readonly dims: Int32Array;
  readonly scale: Float64Array;
}

/**
 * What kernels need from a backend: working memory it can reach, and whole panels at once. Each panel method returns
 * false, and writes nothing, where the backend has no faster way: then the kernel computes the panel itself.
 */
export interface PanelMath {
  readonly scratch: Scratch;

  /** out (n x m) := variance f(r), r^2 = sum_q (scale_q (z_i - x_j)_q)^2. */
  stationaryPanel(profile: StationaryProfile, points: PointPairs, out: Float64Array): boolean;

  /** The lower triangle of the same for Z = X, m x m. What stands above it is undefined. */
  stationaryTriangle(profile: StationaryProfile, points: PointPairs, out: Float64Array): boolean;

  /**
   * sums_0 := sum_ij W_ij k_ij, and sums_(q+1) := sum_ij W_ij slope_ij t_q^2 for each of the columns q, with slope =
   * (dk/dr) / r and t_q = scale_q (z_i - x_j)_q: over a panel (W is n x m), or over all pairs i != j of Z = X, of whose
   * symmetric W the lower triangle is read.
   */
  stationarySums(
    profile: StationaryProfile,
    part: 'panel' | 'triangle',
    points: PointPairs,
    W: Float64Array,
    sums: Float64Array,
  ): boolean;

  /** out (n x m) := variance exp(-1/2 sum_q (scale_q sin(frequency_q (z_i - x_j)_q))^2). */
  periodicPanel(variance: number, frequency: Float64Array, points: PointPairs, out: Float64Array): boolean;

  /** out_k += values_k */
  addValues(values: Float64Array, out: Float64Array): void;

  /** out_k *= values_k */
  multiplyValues(values: Float64Array, out: Float64Array): void;
}
