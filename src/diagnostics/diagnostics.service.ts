import { Injectable } from '@nestjs/common';
import type { ModelDiagnostics } from '../models/model-diagnostics.js';
import type { ReadyEntry } from '../models/model-entry.js';
import { MethodNotSupportedError } from '../models/model-errors.js';
import type { Model, Variable } from '../models/model.js';
import { describeDiagnostics } from './describe-diagnostics.js';
import type { Diagnostics } from './diagnostics.dto.js';
import { JoinedWork } from './joined-work.js';

/** Results that are kept: a few numbers a training point each. */
const KEPT = 32;

/** Residuals that are listed where nobody says how many. */
export const LISTED_RESIDUALS = 10;

/** A model, and what its variables are called: its own names, or those that `model.json` gives them. */
export interface DiagnosedModel {
  readonly model: Model;
  readonly inputs: readonly Variable[];
  readonly outputs: readonly Variable[];
}

/** How far a model can be trusted, by its own training data. */
@Injectable()
export class DiagnosticsService {
  /** By digest of the model's file, the least recently used first. */
  readonly #kept = new Map<string, JoinedWork<ModelDiagnostics>>();

  /**
   * Of a model in memory, such as one that has just been trained; as JSON. Lists the `listed` largest residuals of each
   * output. Throws MethodNotSupportedError, and `signal`'s reason.
   */
  async diagnose(
    { model, inputs, outputs }: DiagnosedModel,
    listed = LISTED_RESIDUALS,
    signal?: AbortSignal,
  ): Promise<Diagnostics> {
    requireSupport(model.type, model.supports('diagnostics'));
    return describeDiagnostics(await model.diagnose(signal), inputs, outputs, listed);
  }

  /** Of a version that is served: computed once, and kept. Throws as `diagnose`, and what loading the model throws. */
  async diagnoseEntry(
    entry: ReadyEntry,
    listed = LISTED_RESIDUALS,
    signal?: AbortSignal,
  ): Promise<Diagnostics> {
    requireSupport(entry.type, entry.supports.includes('diagnostics'));
    const found = await this.#work(entry).join(signal);
    return describeDiagnostics(found, entry.inputs, entry.outputs, listed);
  }

  #work({ file: { sha256 }, model }: ReadyEntry): JoinedWork<ModelDiagnostics> {
    const known = this.#kept.get(sha256);
    const work =
      known === undefined || known.isOver
        ? new JoinedWork((signal) => model.use((loaded) => loaded.diagnose(signal)))
        : known;
    this.#kept.delete(sha256);
    this.#kept.set(sha256, work);
    if (this.#kept.size > KEPT) this.#kept.delete(this.#kept.keys().next().value as string);
    return work;
  }
}

function requireSupport(type: string, isSupported: boolean): void {
  if (!isSupported) throw new MethodNotSupportedError(type, 'diagnostics');
}
