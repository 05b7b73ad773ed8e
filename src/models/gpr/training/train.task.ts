import type { Task } from '../../../common/pool/task.js';
import { maximise } from '../../../numeric/training/maximise.js';
import { maximiseSparse } from '../../../numeric/training/maximise-sparse.js';
import { screen } from '../../../numeric/training/screen.js';
import { startingPoints } from '../../../numeric/training/starting-points.js';
import type { TrainingProblem } from '../../../numeric/training/training-problem.js';
import { reviveMatrices } from '../../cloned.js';
import { withBackend } from '../predict.task.js';
import type { FoundResult } from './plain-result.js';
import { explained } from './training-errors.js';

/** The matrices of a problem may come as plain objects. */
export interface ScreenInput {
  readonly problem: TrainingProblem;
  readonly restarts: number;
  readonly seed: number;
  readonly mostPoints?: number | undefined;
}

/** Where searches for the hyperparameters are worth their time, on a worker: see `screen`. */
export const screenTask: Task<ScreenInput, readonly Float64Array[]> = {
  name: 'gpr.screen',
  run({ problem: posted, restarts, seed, mostPoints }, shared, checkpoint) {
    const problem = reviveMatrices(posted);
    return withBackend(shared, ({ linalg }) =>
      explained(() =>
        screen(problem, startingPoints(problem, restarts, seed), { linalg, checkpoint, mostPoints }),
      ),
    );
  },
};

export interface TrainInput {
  readonly problem: TrainingProblem;
  /** One of those that `screenTask` found. */
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
