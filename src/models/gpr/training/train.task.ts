import type { Task } from '../../../common/pool/task.js';
import { maximise } from '../../../numeric/training/maximise.js';
import { screen } from '../../../numeric/training/screen.js';
import { startingPoints } from '../../../numeric/training/starting-points.js';
import type { TrainingProblem } from '../../../numeric/training/training-problem.js';
import type { TrainingResult } from '../../../numeric/training/training-result.js';
import { reviveMatrices } from '../../cloned.js';
import { withBackend } from '../predict.task.js';
import { explained } from './training-errors.js';

/** The matrices of a problem may come as plain objects. */
export interface ScreenInput {
  readonly problem: TrainingProblem;
  readonly restarts: number;
  readonly seed: number;
}

/** Where searches for the hyperparameters are worth their time, on a worker: see `screen`. */
export const screenTask: Task<ScreenInput, readonly Float64Array[]> = {
  name: 'gpr.screen',
  run({ problem: posted, restarts, seed }, shared, checkpoint) {
    const problem = reviveMatrices(posted);
    return withBackend(shared, ({ linalg }) =>
      explained(() => screen(problem, startingPoints(problem, restarts, seed), { linalg, checkpoint })),
    );
  },
};

export interface TrainInput {
  readonly problem: TrainingProblem;
  /** One of those that `screenTask` found. */
  readonly start: Float64Array;
}

/** Follows the marginal likelihood from one point up to a maximum, on a worker. */
export const trainTask: Task<TrainInput, TrainingResult> = {
  name: 'gpr.train',
  run({ problem, start }, shared, checkpoint) {
    return withBackend(shared, ({ linalg }) =>
      explained(() => maximise(reviveMatrices(problem), start, { linalg, checkpoint })),
    );
  },
};
