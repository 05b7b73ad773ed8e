import type { Task } from '../../../common/pool/task.js';
import type { TrainingProblem } from '../../../numeric/training/training-problem.js';
import type { TrainingResult } from '../../../numeric/training/training-result.js';
import { maximise } from '../../../numeric/training/maximise.js';
import { startingPoints } from '../../../numeric/training/starting-points.js';
import { reviveMatrices } from '../../cloned.js';
import { withBackend } from '../predict.task.js';

export interface TrainInput {
  /** Its matrices may come as plain objects. */
  readonly problem: TrainingProblem;
  readonly restarts: number;
  readonly seed: number;
  /** Which of the `restarts` starting points. */
  readonly start: number;
}

/** Follows one start of the search for hyperparameters, on a worker. */
export const trainTask: Task<TrainInput, TrainingResult> = {
  name: 'gpr.train',
  run({ problem: posted, restarts, seed, start }, shared, checkpoint) {
    const problem = reviveMatrices(posted);
    return withBackend(shared, ({ linalg }) => {
      const points = startingPoints(problem, restarts, seed);
      return maximise(problem, points[start], { linalg, checkpoint });
    });
  },
};
