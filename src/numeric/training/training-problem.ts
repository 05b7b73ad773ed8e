import type { KernelSpec } from '../kernels/kernel-spec.js';
import type { Matrix } from '../linalg/matrix.js';

/** What is known of the noise variance, in the normalised output space. */
export type TrainingNoise =
  /** To be found, from `initial` on: one variance for all points. */
  | { readonly type: 'free'; readonly initial?: number }
  /** One variance for all points, 0 for a deterministic simulator. */
  | { readonly type: 'fixed'; readonly variance: number }
  /** One variance for each of the n points. */
  | { readonly type: 'known'; readonly variances: Float64Array };

/** The form of the prior mean; its coefficients are found by generalised least squares. */
export type TrainingMean = 'zero' | 'constant' | 'linear';

/** Where a hyperparameter may lie, in its natural units. */
export interface Bounds {
  readonly lower: number;
  readonly upper: number;
}

/**
 * A prior density over a positive hyperparameter in its natural units, of which the logarithm is added to the log
 * marginal likelihood. The density is that of the parameter itself: no Jacobian of the logarithm that is optimised.
 */
export type Prior =
  /** log theta ~ N(mean, std^2) */
  | { readonly type: 'log-normal'; readonly mean: number; readonly std: number }
  /** Density proportional to theta^(shape - 1) exp(-rate theta). */
  | { readonly type: 'gamma'; readonly shape: number; readonly rate: number };

/**
 * Data, and a model whose hyperparameters are to be found by maximum marginal likelihood.
 *
 * Hyperparameters have paths: `kernel.lengthscale[2]`, `kernel.parts[0].variance`, `noise`. `bounds`, `priors` and
 * `fixed` take such a path, or that of all numbers of a parameter (`kernel.lengthscale`).
 */
export interface TrainingProblem {
  /** Training points, n x d. */
  readonly X: Matrix;
  /** Outputs, n x p, normalised: near mean 0 and variance 1, which bounds and starting points count on. */
  readonly Y: Matrix;
  /**
   * The form of the kernel; its values are the first starting point where `start` is 'given'. A parameter that is a list
   * has one value a dimension (ARD), one that is a number has one for all.
   */
  readonly kernel: KernelSpec;
  readonly noise: TrainingNoise;
  readonly mean: TrainingMean;
  /** Where the first starting point comes from: the kernel's values, or the data ('default'). */
  readonly start?: 'given' | 'default';
  readonly bounds?: Readonly<Record<string, Bounds>>;
  readonly priors?: Readonly<Record<string, Prior>>;
  /** Hyperparameters that keep the kernel's values. */
  readonly fixed?: readonly string[];
  /** Added to the diagonal beside the noise: GPY_NUGGET unless something else is said, as `inferExact` does. */
  readonly nugget?: number;
}
