import type { Matrix } from '../../numeric/linalg/matrix.js';
import type { ModelDescription, OptionalMethod } from '../model.js';
import type { PredictOptions, Prediction } from '../prediction.js';
import type { VariableSpec } from '../spec-variables.js';
import type { RemoteClient } from './remote-client.js';
import type { RemoteSpec } from './remote-spec.js';

/** How a kind of server is asked. */
export interface RemoteProtocol {
  /** In words. */
  readonly title: string;

  /** What a refusal says to clients; undefined where it is not meant for them. */
  explain?(this: void, refusal: unknown): string | undefined;

  /** Asks what the model is. Throws what RemoteClient throws, and ExternalModelError for what cannot be served. */
  connect(client: RemoteClient, spec: RemoteSpec, signal: AbortSignal): Promise<Connection>;
}

/** A model on another server, as that server describes it. */
export interface Connection {
  readonly inputs: readonly VariableSpec[];
  readonly outputs: readonly VariableSpec[];
  readonly supports: ReadonlySet<OptionalMethod>;
  readonly facts: ModelDescription;
  /** Most rows a call: so few that reading its answer does not hold up other requests. */
  rowsPerCall(options: PredictOptions): number;

  /** X: N x d, N not 0. Every number of the answer is finite. */
  predict(X: Matrix, options: PredictOptions, signal: AbortSignal): Promise<Prediction>;
}

/** Numbers that are written and read as text within a few milliseconds. */
const CALL_VALUES = 50_000;

/** How many rows a call may have, where each takes so many numbers there and back. */
export function rowsFor(valuesPerRow: number): number {
  return Math.max(1, Math.floor(CALL_VALUES / valuesPerRow));
}
