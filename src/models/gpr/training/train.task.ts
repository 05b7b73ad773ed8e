import type { Task } from '../../../common/pool/task.js';
import { climb, maximise } from '../../../numeric/training/maximise.js';
import { maximiseSparse } from '../../../numeric/training/maximise-sparse.js';
import { isScreened, screeningPart, type SearchEnd } from '../../../numeric/training/screen.js';
import { startingPoints } from '../../../numeric/training/starting-points.js';
import type { TrainingProblem } from '../../../numeric/training/training-problem.js';
import { reviveMatrices } from '../../cloned.js';
import { withBackend } from '../predict.task.js';
import type { FoundResult } from './plain-result.js';
import { explained } from './training-errors.js';

/** The matrices of a problem may come as plain objects. */
interface StartsInput {
  readonly problem: TrainingProblem;
  readonly restarts: number;
  readonly seed: number;
}

/** Where searches for the hyperparameters begin, on a worker, and whether they are followed on a part of the data first. */
export const startsTask: Task<StartsInput, { starts: readonly Float64Array[]; screened: boolean }> = {
  name: 'gpr.starts',
  run({ problem: posted, restarts, seed }) {
    const problem = reviveMatrices(posted);
    return explained(() => {
      const starts = startingPoints(problem, restarts, seed);
      return { starts, screened: isScreened(problem, starts) };
    });
  },
};

interface ClimbInput {
  readonly problem: TrainingProblem;
  readonly start: Float64Array;
  /** Most points of the part. */
  readonly mostPoints?: number | undefined;
}

/** Follows the marginal likelihood of a part of the data up to a maximum, on a worker: see `screen`. */
export const climbTask: Task<ClimbInput, SearchEnd> = {
  name: 'gpr.climb',
  run({ problem: posted, start, mostPoints }, shared, checkpoint) {
    const problem = reviveMatrices(posted);
    return withBackend(shared, ({ linalg }) =>
      explained(() => {
        const { x, value } = climb(
          problem,
          start,
          { linalg, checkpoint },
          screeningPart(problem, mostPoints),
        );
        return { x, value };
      }),
    );
  },
};

export interface TrainInput {
  readonly problem: TrainingProblem;
  /** One of those that `startsTask` found, or where `climbTask` ended from one. */
  readonly start: Float64Array;
  /** How many inducing points, where the training is sparse. */
  readonly inducing?: number | undefined;
}

/** Follows the marginal likelihood, or its lower bound, from one point up to a maximum, on a worker. */
export const trainTask: Task<TrainInput, FoundResult> = {
  name: 'gpr.train',
  run({ problem: posted, start, inducing }, shared, checkpoint) {
    const problem = reviveMatrices(posted);
    return withBackend(shared, ({ linalg }) =>
      explained(() =>
        inducing === undefined
          ? maximise(problem, start, { linalg, checkpoint })
          : maximiseSparse(problem, start, { linalg, checkpoint, inducing }),
      ),
    );
  },
};
