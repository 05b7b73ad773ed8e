import type { Task } from '../../common/pool/task.js';
import { type PostedState, receiveState } from '../../numeric/gp/posted-state.js';
import { reviveMatrices } from '../cloned.js';
import type { Provenance } from '../provenance.js';
import { type SavedGp, saveGp } from './importers/safetensors/save-gp.js';
import { withBackend } from './predict.task.js';

interface SaveInput {
  readonly state: PostedState;
  /** Matrices in it come as plain objects. */
  readonly saved: Omit<SavedGp, 'state'>;
  readonly provenance: Provenance;
}

/** The bytes of a model's file, made and digested on a worker. */
export const saveTask: Task<SaveInput, Uint8Array<ArrayBuffer>> = {
  name: 'gpr.save',
  run({ state, saved, provenance }, shared) {
    return withBackend(shared, ({ heap }) => {
      const bytes = saveGp({ ...reviveMatrices(saved), state: receiveState(state, heap) }, provenance);
      return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength) as Uint8Array<ArrayBuffer>;
    });
  },
  transfer: ({ buffer }) => [buffer],
};
