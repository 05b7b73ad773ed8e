import type { Task } from '../../common/pool/task.js';
import { LinearAlgebraLeases, type LinearAlgebraShares } from './shared-linear-algebra.js';
import { GaussianProcess } from '../../numeric/gp/gaussian-process.js';
import type { GpState } from '../../numeric/gp/gp-state.js';
import type { LinearAlgebra } from '../../numeric/linalg/linear-algebra.js';
import { type ClonedMatrix, predictionBuffers, reviveMatrices, reviveMatrix } from '../cloned.js';
import type { PredictOptions, Prediction } from '../prediction.js';
import { type JointPrediction, predictJointly, predictRows } from './compute-prediction.js';

export interface PredictInput {
  /** Tells one loaded model from another, so that a worker builds each once. */
  readonly key: string;
  /** Its arrays lie in shared memory: cloning it copies no numbers. */
  readonly state: GpState;
  /** Shared as well; the worker takes rows [start, end). */
  readonly X: ClonedMatrix;
  readonly start: number;
  readonly end: number;
  readonly options: PredictOptions;
  readonly what: 'rows' | 'joint';
}

/** Name under which the workers find their LinearAlgebraShares. */
export const SHARED_LINALG = 'gpr.linalg';

/** Models a worker keeps ready. Only kernels and small vectors are its own. */
const KEPT = 16;
const built = new Map<string, GaussianProcess>();
let leases: LinearAlgebraLeases | undefined;

/** A part of a prediction, on a worker. */
export const predictTask: Task<PredictInput, Prediction | JointPrediction> = {
  name: 'gpr.predict',
  run({ key, state, X, start, end, options, what }, shared) {
    leases ??= new LinearAlgebraLeases(shared.get(SHARED_LINALG) as LinearAlgebraShares);
    return leases.use((linalg, place) => {
      const gp = processOf(`${place} ${key}`, state, linalg);
      const rows = reviveMatrix(X).slice(start, end);
      return what === 'rows' ? predictRows(gp, rows, options) : predictJointly(gp, rows, options);
    });
  },
  transfer: predictionBuffers,
};

/** The least recently used one makes room. */
function processOf(key: string, state: GpState, linalg: LinearAlgebra): GaussianProcess {
  const gp = built.get(key) ?? new GaussianProcess(reviveMatrices(state) as GpState, linalg);
  built.delete(key);
  built.set(key, gp);
  if (built.size > KEPT) built.delete(built.keys().next().value as string);
  return gp;
}
