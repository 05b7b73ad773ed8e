import type { Matrix } from '../../numeric/linalg/matrix.js';
import { ExternalModelUnavailableError } from '../external-errors.js';
import { Model, type ModelDescription, type OptionalMethod, type Variable } from '../model.js';
import type { PredictOptions, Prediction } from '../prediction.js';
import type { CommandRunner } from './command-runner.js';

export const PROCESS = 'process';

/** An external solver: a command of the operator's that reads rows and writes their outputs. */
export class ProcessModel extends Model {
  readonly type = PROCESS;
  protected readonly supported: ReadonlySet<OptionalMethod> = new Set();
  readonly #released = new AbortController();

  /** `label`: name and version, for the log. */
  constructor(
    private readonly label: string,
    readonly inputs: readonly Variable[],
    readonly outputs: readonly Variable[],
    private readonly runner: CommandRunner,
    private readonly text: string | undefined,
  ) {
    super();
  }

  async predict(
    X: Matrix,
    _options: PredictOptions,
    signal?: AbortSignal,
    onLog?: (line: string) => void,
  ): Promise<Prediction> {
    const stop = AbortSignal.any(signal ? [signal, this.#released.signal] : [this.#released.signal]);
    const inputs = this.inputs.map(({ name }) => name);
    const outputs = this.outputs.map(({ name }) => name);
    return { mean: await this.runner.evaluate({ label: this.label, inputs, outputs, X, onLog }, stop) };
  }

  describe(): ModelDescription {
    const { name, timeoutMs, concurrency, batch, maxMemoryBytes } = this.runner.command;
    return {
      ...(this.text !== undefined && { text: this.text }),
      command: name,
      timeoutMs,
      concurrency,
      batch,
      ...(maxMemoryBytes !== undefined && { maxMemoryBytes }),
    };
  }

  /** Ends the runs that are still under way. */
  override release(): void {
    this.#released.abort(new ExternalModelUnavailableError('The model is no longer served.', 1));
  }
}
