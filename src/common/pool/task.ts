import type { Transferable } from 'node:worker_threads';

/**
 * Work that may run on a worker thread: a pure function of data that can be cloned. The same code runs in place when
 * the work is small. Every task is listed in `src/worker.ts`.
 */
/** What the main thread gave all workers at their start, by name. */
export type SharedValues = ReadonlyMap<string, unknown>;

export interface Task<Input, Output> {
  /** Unique over all tasks. */
  readonly name: string;
  run(input: Input, shared: SharedValues): Output | Promise<Output>;
  /** Buffers of the output that are handed over instead of copied. */
  transfer?(output: Output): Transferable[];
}
