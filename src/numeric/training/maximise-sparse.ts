import { buildKernel } from '../kernels/kernels.js';
import { defaultLinearAlgebra } from '../linalg/default-linear-algebra.js';
import type { Matrix } from '../linalg/matrix.js';
import { Hyperparameters } from './hyperparameters.js';
import { selectInducingPoints } from './inducing-points.js';
import { type MaximiseOptions, maximiseLikelihood } from './maximise.js';
import { SparseBound } from './sparse-bound.js';
import type { TrainingProblem } from './training-problem.js';
import type { TrainingResult } from './training-result.js';

export interface SparseOptions extends MaximiseOptions {
  /** How many inducing points, at most. */
  readonly inducing: number;
  /** How often they are chosen anew for the hyperparameters found, at most (default 4). */
  readonly mostRounds?: number;
}

/** Its log marginal likelihood is the lower bound of it. */
export interface SparseResult extends TrainingResult {
  /** M x d */
  readonly inducingPoints: Matrix;
}

/** A round that gains less, in the objective, is the last. */
const LEAST_GAIN = 0.01;

/**
 * As `maximise`, for many points: chooses inducing points among the data for the hyperparameters at `start`, follows
 * Titsias's bound up to a maximum, and again from there, as long as the bound rises. Such points, chosen anew, come as
 * close to the exact likelihood as points that are moved by their gradient, with fewer evaluations: Burt, Rasmussen & van
 * der Wilk (2020), section 6. The posterior is that of `inferSparse`.
 *
 * Throws as `maximise` does.
 */
export function maximiseSparse(
  problem: TrainingProblem,
  start: Float64Array,
  options: SparseOptions,
): SparseResult {
  const { linalg = defaultLinearAlgebra(), checkpoint, inducing, mostRounds = 4 } = options;
  const hyperparameters = new Hyperparameters(problem);
  const round = (point: Float64Array): SparseResult => {
    const spec = hyperparameters.kernelWith(hyperparameters.values(point));
    const kernel = buildKernel(spec, problem.X.cols, linalg);
    const inducingPoints = selectInducingPoints(kernel, problem.X, inducing, checkpoint);
    const bound = new SparseBound(problem, inducingPoints, linalg);
    return { ...maximiseLikelihood(problem, point, bound, options), inducingPoints };
  };
  let found = round(start);
  let { iterations, evaluations } = found;
  for (let k = 1; k < mostRounds; k += 1) {
    const next = round(hyperparameters.point(found.hyperparameters.map(({ value }) => value)));
    iterations += next.iterations;
    evaluations += next.evaluations;
    const gain = next.objective - found.objective;
    if (gain > 0) found = next;
    if (!(gain > LEAST_GAIN)) break;
  }
  return { ...found, iterations, evaluations };
}
