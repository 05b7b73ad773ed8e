import type { Matrix } from '../numeric/linalg/matrix.js';

/** What else than the mean to return. Percentages follow GPy: 2.5 means the 2.5% quantile. */
export interface PredictOptions {
  /** Return the mean alone; the variance is then not even computed. */
  readonly meanOnly?: boolean;
  /** Variance of the latent function, without noise. */
  readonly latentVariance?: boolean;
  /** Quantiles of the observed output, in percent, each strictly between 0 and 100. */
  readonly quantiles?: readonly number[];
  /** Central credible interval of the observed output that holds this many percent. */
  readonly credibleInterval?: number;
  /** Derivatives of the mean and of the latent variance with respect to each input. */
  readonly gradients?: boolean;
  /** Covariance between all the rows: latent plus noise on the diagonal, as the variance. */
  readonly covariance?: boolean;
  /** Number of joint draws from the posterior of the latent function over all the rows. */
  readonly samples?: number;
  /** Seed of the draws: the same seed gives the same draws. */
  readonly seed?: number;
  /** Adds observation noise to the draws. */
  readonly sampleNoise?: boolean;
  /** How far the answer can be trusted: what the model knows of its training data, at each row. */
  readonly trust?: boolean;
  /** Whether rows outside the domain are refused; not for models, but for who asks them. */
  readonly domain?: 'ignore' | 'strict';
}

/** Whether the answer to a row depends on what other rows there are. */
export function isJoint({ covariance, samples }: PredictOptions): boolean {
  return covariance === true || samples !== undefined;
}

/** Answers for N rows, p outputs and d inputs; each array is row-major in the shape given. */
export interface Prediction {
  /** N x p */
  readonly mean: Matrix;
  /** N x p: observed, or latent where the model has no noise to offer (see `ModelDescription.variance`). */
  readonly variance?: Matrix;
  /** N x p */
  readonly latentVariance?: Matrix;
  /**
   * Rows whose variance (the smaller one, where both are here) is decided by rounding: more than a tenth of it may be
   * wrong. Absent where there are none.
   */
  readonly varianceAtRounding?: Uint32Array;
  /** One N x p matrix a percentage asked for, in the order asked. */
  readonly quantiles?: readonly { readonly percent: number; readonly values: Matrix }[];
  readonly credibleInterval?: { readonly lower: Matrix; readonly upper: Matrix };
  /** N matrices p x d as one array, N x p x d. */
  readonly meanGradient?: Float64Array;
  /** N x p x d */
  readonly varianceGradient?: Float64Array;
  /** One N x N matrix an output. */
  readonly covariance?: readonly Matrix[];
  /** One N x p matrix a draw. */
  readonly samples?: readonly Matrix[];
  /** N: to the nearest training point, in lengthscales (see TrainingDomain). */
  readonly nearestDistance?: Float64Array;
  /** N: latent variance / prior variance, from 0 to 1. */
  readonly relativeVariance?: Float64Array;
}
