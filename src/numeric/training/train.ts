import { best, maximise, type MaximiseOptions } from './maximise.js';
import { screen } from './screen.js';
import { startingPoints } from './starting-points.js';
import type { TrainingProblem } from './training-problem.js';
import type { TrainingResult } from './training-result.js';

/**
 * The hyperparameters of maximum marginal likelihood (or, with priors, posterior density) found from `restarts` starting
 * points, one search after the other. Spread over threads, the same parts give the same result: `startingPoints`, `screen`,
 * `maximise` for each point, and `best` of the results in the order of the points.
 *
 * Throws as those do.
 */
export function train(
  problem: TrainingProblem,
  { restarts, seed, ...options }: MaximiseOptions & { readonly restarts: number; readonly seed: number },
): TrainingResult {
  const starts = screen(problem, startingPoints(problem, restarts, seed), options);
  return best(starts.map((start) => maximise(problem, start, options)));
}
