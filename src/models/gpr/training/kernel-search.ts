import type { TrainingResult } from '../../../numeric/training/training-result.js';

/** Kernel setting that lets the training choose. */
export const AUTO = 'auto';

/** What `auto` tries: smooth, once and twice differentiable, over several scales, and on top of a trend. */
export const CANDIDATES: readonly string[] = [
  'rbf(ard)',
  'matern52(ard)',
  'matern32(ard)',
  'ratquad(ard)',
  'rbf(ard) + linear(ard)',
];

/**
 * The Bayesian information criterion, -2 log p(y) + k log n of k hyperparameters that were found and n data points: less
 * is better. Schwarz (1978), "Estimating the Dimension of a Model".
 */
export function informationCriterion(
  {
    logMarginalLikelihood,
    hyperparameters,
  }: Pick<TrainingResult, 'logMarginalLikelihood' | 'hyperparameters'>,
  points: number,
): number {
  const found = hyperparameters.filter(({ state }) => state !== 'fixed').length;
  return found * Math.log(points) - 2 * logMarginalLikelihood;
}
