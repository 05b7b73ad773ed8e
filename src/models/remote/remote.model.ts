import { Matrix } from '../../numeric/linalg/matrix.js';
import { ExternalModelUnavailableError } from '../external-errors.js';
import { FairQueue } from '../fair-queue.js';
import { Model, type ModelDescription, type OptionalMethod, type Variable } from '../model.js';
import { isJoint, type PredictOptions, type Prediction } from '../prediction.js';
import { concatenatePredictions } from '../prediction-parts.js';
import type { RemoteClient } from './remote-client.js';
import type { Connection } from './remote-protocol.js';

export const REMOTE = 'remote';

export interface RemoteParts {
  readonly inputs: readonly Variable[];
  readonly outputs: readonly Variable[];
  /** Facts of the model file. */
  readonly facts: ModelDescription;
  readonly client: RemoteClient;
  readonly queue: FairQueue;
  /** What the other server says of the model; asked when first needed, where it did not answer at load. */
  readonly connection: Connection | undefined;
  readonly connect: (signal: AbortSignal) => Promise<Connection>;
  readonly circuitState: () => string;
}

/** A model behind another server. */
export class RemoteModel extends Model {
  readonly type = REMOTE;
  readonly inputs: readonly Variable[];
  readonly outputs: readonly Variable[];
  readonly #parts: RemoteParts;
  readonly #released = new AbortController();
  #connection: Connection | undefined;

  constructor(parts: RemoteParts) {
    super();
    this.#parts = parts;
    this.inputs = parts.inputs;
    this.outputs = parts.outputs;
    this.#connection = parts.connection;
  }

  /** Nothing beside the mean until the other server has told what else there is. */
  protected get supported(): ReadonlySet<OptionalMethod> {
    return this.#connection?.supports ?? new Set();
  }

  async predict(X: Matrix, options: PredictOptions, signal?: AbortSignal): Promise<Prediction> {
    const { queue } = this.#parts;
    const stop = AbortSignal.any(signal ? [signal, this.#released.signal] : [this.#released.signal]);
    stop.throwIfAborted();
    const connection = await this.#connect(stop);
    const size = isJoint(options) ? Math.max(X.rows, 1) : connection.rowsPerCall(options);
    const parts = await queue.run(
      Math.ceil(X.rows / size),
      (part, failed) =>
        connection.predict(X.slice(part * size, Math.min((part + 1) * size, X.rows)), options, failed),
      stop,
    );
    return parts.length === 0 ? this.#nothing(options) : concatenatePredictions(parts);
  }

  describe(): ModelDescription {
    return { ...this.#connection?.facts, ...this.#parts.facts, circuit: this.#parts.circuitState() };
  }

  /** Ends the calls that are still under way, and the connections. */
  override release(): void {
    this.#released.abort(new ExternalModelUnavailableError('The model is no longer served.', 1));
    this.#parts.client.close();
  }

  async #connect(signal: AbortSignal): Promise<Connection> {
    this.#connection ??= await this.#parts.connect(signal);
    return this.#connection;
  }

  /** The answer to no rows. */
  #nothing({ meanOnly }: PredictOptions): Prediction {
    const empty = (): Matrix => Matrix.zeros(0, this.outputs.length);
    return { mean: empty(), ...(this.supports('variance') && meanOnly !== true && { variance: empty() }) };
  }
}
