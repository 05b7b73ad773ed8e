import type { Backend } from '../../compute/backend.js';
import type { SharedValues, Task } from '../../common/pool/task.js';
import { GaussianProcess } from '../../numeric/gp/gaussian-process.js';
import { type PostedState, receiveState } from '../../numeric/gp/posted-state.js';
import { type ClonedMatrix, predictionBuffers, reviveMatrix } from '../cloned.js';
import type { PredictOptions, Prediction } from '../prediction.js';
import { type BackendShares, SharedBackends } from './backend-shares.js';
import { type JointPrediction, predictJointly, predictRows } from './compute-prediction.js';

export interface PredictInput {
  /** Tells one loaded model from another, so that a worker builds each once. */
  readonly key: string;
  /** Its arrays lie in shared memory: posting it copies no numbers. */
  readonly state: PostedState;
  /** Shared as well; the worker takes rows [start, end). */
  readonly X: ClonedMatrix;
  readonly start: number;
  readonly end: number;
  readonly options: PredictOptions;
  readonly what: 'rows' | 'joint';
}

/** Name under which the workers find their BackendShares. */
export const SHARED_BACKEND = 'gpr.backend';

/** Models a worker keeps ready. Only kernels and small vectors are its own. */
const KEPT = 16;
const built = new Map<string, GaussianProcess>();
let backends: SharedBackends | undefined;

/** A part of a prediction, on a worker. */
export const predictTask: Task<PredictInput, Prediction | JointPrediction> = {
  name: 'gpr.predict',
  run({ key, state, X, start, end, options, what }, shared, checkpoint) {
    return withBackend(shared, (backend, place) => {
      const gp = processOf(`${place} ${key}`, state, backend);
      const rows = reviveMatrix(X).slice(start, end);
      return what === 'rows' ? predictRows(gp, rows, options) : predictJointly(gp, rows, options, checkpoint);
    });
  },
  transfer: predictionBuffers,
};

/** Runs `work` with a backend on the arrays of the HTTP thread; `place` tells which one it is. */
export function withBackend<Result>(
  shared: SharedValues,
  work: (backend: Backend, place: number) => Result,
): Result {
  backends ??= new SharedBackends(shared.get(SHARED_BACKEND) as BackendShares);
  return work(backends.at(shared.place), shared.place);
}

/** Built once a model and place. The least recently used one makes room. */
export function processOf(key: string, state: PostedState, backend: Backend): GaussianProcess {
  const gp = built.get(key) ?? new GaussianProcess(receiveState(state, backend.heap), backend.linalg);
  built.delete(key);
  built.set(key, gp);
  if (built.size > KEPT) built.delete(built.keys().next().value as string);
  return gp;
}
