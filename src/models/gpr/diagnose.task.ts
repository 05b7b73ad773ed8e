import type { Task } from '../../common/pool/task.js';
import { diagnoseGp, type GpDiagnostics } from '../../numeric/diagnostics/gp-diagnostics.js';
import type { PostedState } from '../../numeric/gp/posted-state.js';
import { predictionBuffers } from '../cloned.js';
import { processOf, withBackend } from './predict.task.js';

interface DiagnoseInput {
  /** As for predictions. */
  readonly key: string;
  readonly state: PostedState;
  /** Inputs that pick one of several outputs. */
  readonly indexInputs: readonly number[];
}

/** The diagnostics of a model, on a worker. Their matrices come as plain objects. */
export const diagnoseTask: Task<DiagnoseInput, GpDiagnostics> = {
  name: 'gpr.diagnose',
  run({ key, state, indexInputs }, shared, checkpoint) {
    return withBackend(shared, (backend, place) => {
      const gp = processOf(`${place} ${key}`, state, backend);
      return diagnoseGp(gp, backend.linalg, { indexInputs, checkpoint });
    });
  },
  transfer: predictionBuffers,
};
