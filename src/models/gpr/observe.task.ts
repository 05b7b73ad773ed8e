import type { Task } from '../../common/pool/task.js';
import { NumericError, UnsupportedObservationError } from '../../numeric/errors.js';
import { GaussianProcess } from '../../numeric/gp/gaussian-process.js';
import { observe } from '../../numeric/gp/observe.js';
import { type PostedState, receiveState } from '../../numeric/gp/posted-state.js';
import type { LinearAlgebra } from '../../numeric/linalg/linear-algebra.js';
import type { Matrix } from '../../numeric/linalg/matrix.js';
import { type ClonedMatrix, predictionBuffers, reviveMatrix } from '../cloned.js';
import { MethodNotSupportedError, ObservationsRefusedError } from '../model-errors.js';
import { checksOf } from './checks-of.js';
import type { ImportedGp } from './importers/importer.js';
import { isJitterWarning, jitterWarnings } from './importers/jitter-warning.js';
import { withBackend } from './predict.task.js';

type Facts = Omit<ImportedGp, 'state'>;

interface ObserveInput {
  readonly state: PostedState;
  readonly facts: Omit<Facts, 'trainingOutputs'> & { readonly trainingOutputs?: ClonedMatrix };
  readonly X: ClonedMatrix;
  readonly Y: ClonedMatrix;
}

/** So many of the new points are predicted, for the file's readers to compare with. */
const CHECKED = 5;

/** Adds observations to a model, on a worker. The matrices of the result come as plain objects. */
export const observeTask: Task<ObserveInput, ImportedGp> = {
  name: 'gpr.observe',
  run({ state, facts: { trainingOutputs, ...facts }, X, Y }, shared, checkpoint) {
    return withBackend(shared, ({ linalg, heap }) => {
      const known = trainingOutputs && { trainingOutputs: reviveMatrix(trainingOutputs) };
      const imported = { ...facts, ...known, state: receiveState(state, heap) };
      return observeGp(imported, reviveMatrix(X), reviveMatrix(Y), linalg, checkpoint);
    });
  },
  transfer: predictionBuffers,
};

function observeGp(
  { state: before, trainingOutputs, posteriorCheck, ...facts }: ImportedGp,
  X: Matrix,
  Y: Matrix,
  linalg: LinearAlgebra,
  checkpoint: () => void,
): ImportedGp {
  try {
    const agreed = facts.posterior === 'stored' ? posteriorCheck?.agreed : true;
    const trained = { state: before, Y: trainingOutputs, jitter: facts.jitter, agreed };
    const { state, Y: outputs, nugget, jitter } = observe(trained, { X, Y }, linalg, checkpoint);
    const gp = new GaussianProcess(state, linalg);
    const checks = checksOf(gp, X.slice(0, Math.min(CHECKED, X.rows)), outputs);
    gp.dispose();
    return {
      ...facts,
      state,
      trainingPoints: state.Z.rows,
      trainingOutputs: outputs,
      jitter: nugget + jitter,
      warnings: [...facts.warnings.filter((text) => !isJitterWarning(text)), ...jitterWarnings(jitter)],
      checks,
    };
  } catch (error) {
    if (error instanceof UnsupportedObservationError) {
      throw new MethodNotSupportedError('gpr', 'observe', error.message);
    }
    if (error instanceof NumericError) {
      throw new ObservationsRefusedError(`The model cannot take these rows in: ${error.message}`);
    }
    throw error;
  }
}
