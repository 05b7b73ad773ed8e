import { Logger } from '@nestjs/common';
import { Matrix } from '../../numeric/linalg/matrix.js';
import { ExternalModelError } from '../external-errors.js';
import { FairQueue } from '../fair-queue.js';
import type { Command } from './command.js';
import { OutputError, ROWS_TEXT } from './rows-text.js';
import { runCommand } from './run-command.js';
import { StderrTail } from './stderr-tail.js';

/** What a model asks of a command. */
export interface Evaluation {
  /** Of the model, for the log. */
  readonly label: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** N x d */
  readonly X: Matrix;
  readonly onLog: ((line: string) => void) | undefined;
}

/** Runs one command for all the models that name it, within its limits. */
export class CommandRunner {
  private readonly logger = new Logger('ProcessModel');
  readonly #queue: FairQueue;
  readonly #running = new Set<Promise<unknown>>();
  readonly #stop = new AbortController();

  constructor(readonly command: Command) {
    this.#queue = new FairQueue(command.concurrency, command.maxRequests);
  }

  /** The outputs of each row, N x p. Throws what `runCommand` and FairQueue throw. */
  async evaluate(evaluation: Evaluation, signal: AbortSignal): Promise<Matrix> {
    const { X, outputs } = evaluation;
    const size = this.command.batch === 'all' ? Math.max(X.rows, 1) : this.command.batch;
    const evaluated = this.#queue.run(
      Math.ceil(X.rows / size),
      (part, stop) =>
        this.#run({ ...evaluation, X: X.slice(part * size, Math.min((part + 1) * size, X.rows)) }, stop),
      AbortSignal.any([signal, this.#stop.signal]),
    );
    const settled = evaluated.catch(() => undefined).finally(() => this.#running.delete(settled));
    this.#running.add(settled);
    const Y = Matrix.zeros(X.rows, outputs.length);
    (await evaluated).forEach((rows, part) => Y.data.set(rows.data, part * size * outputs.length));
    return Y;
  }

  /** Ends every run with this reason, and resolves when none is left. */
  async stop(reason: Error): Promise<void> {
    this.#stop.abort(reason);
    await Promise.all(this.#running);
  }

  async #run({ X, inputs, outputs, label, onLog }: Evaluation, signal: AbortSignal): Promise<Matrix> {
    const text = ROWS_TEXT[this.command.protocol];
    const stderr = new StderrTail(onLog);
    try {
      const output = await runCommand(this.command, text.write(X, inputs), stderr, signal);
      const Y = text.read(output, outputs, X.rows);
      if (stderr.text !== '')
        this.logger.debug(
          { model: label, stderr: stderr.text },
          'An external solver wrote on standard error.',
        );
      return Y;
    } catch (error) {
      if (!signal.aborted) {
        const cause = error instanceof OutputError && error.cause instanceof Error ? error.cause : error;
        this.logger.warn(
          { model: label, command: this.command.name, reason: (cause as Error).message, stderr: stderr.text },
          'An external solver failed.',
        );
      }
      if (!(error instanceof OutputError)) throw error;
      throw new ExternalModelError(`The output of the external solver cannot be used: ${error.message}.`);
    }
  }
}
