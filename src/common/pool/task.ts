import type { Transferable } from 'node:worker_threads';

/** What the main thread gave all workers at their start, by name. */
export type SharedValues = ReadonlyMap<string, unknown>;

/** To be called now and then by work that takes long: throws where nobody waits for its result any more. */
type Checkpoint = () => void;

/**
 * Work that may run on a worker thread: a pure function of data that can be cloned. The same code runs in place when
 * the work is small. Every task is listed in `src/worker.ts`.
 */
export interface Task<Input, Output> {
  /** Unique over all tasks. */
  readonly name: string;
  run(input: Input, shared: SharedValues, checkpoint: Checkpoint): Output | Promise<Output>;
  /** Buffers of the output that are handed over instead of copied. */
  transfer?(output: Output): Transferable[];
}
