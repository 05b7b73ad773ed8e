import type { MeanSpec } from '../gp/gp-state.js';
import type { KernelSpec } from '../kernels/kernel-spec.js';

/** A hyperparameter as it was found. */
export interface FittedHyperparameter {
  /** `kernel.parts[0].lengthscale[1]`, `noise` */
  readonly path: string;
  readonly value: number;
  readonly lower: number;
  readonly upper: number;
  /** 'fixed' was not optimised; 'lower' and 'upper' ended at that bound. */
  readonly state: 'free' | 'fixed' | 'lower' | 'upper';
}

/** Where one start ended. Plain data but for the `Matrix` of a linear mean. */
export interface TrainingResult {
  readonly kernel: KernelSpec;
  /** One variance, or one for each of the n points where they were known. */
  readonly noise: number | Float64Array;
  /** Absent where the mean is zero. */
  readonly mean?: MeanSpec;
  readonly logMarginalLikelihood: number;
  /** What was maximised: the log marginal likelihood and, where there are priors, their logarithms. */
  readonly objective: number;
  readonly hyperparameters: readonly FittedHyperparameter[];
  readonly iterations: number;
  /** Of the marginal likelihood and its gradient. */
  readonly evaluations: number;
  readonly converged: boolean;
  /** For people: what was fixed and why, what ended at a bound. */
  readonly warnings: readonly string[];
}

/** What is known while a start is being followed. */
export interface TrainingProgress {
  readonly iteration: number;
  readonly evaluations: number;
  readonly objective: number;
}
