import type { Transferable } from 'node:worker_threads';

/** What a task finds on its worker. */
export interface SharedValues {
  /** What the main thread gave all workers at their start, by name. */
  get(name: string): unknown;
  /** A number below `WorkerPool.threads` that no other task has while this one runs. */
  readonly place: number;
}

/** For a task that is run in place, and asks for none of it. */
export const NOTHING_SHARED: SharedValues = { get: () => undefined, place: 0 };

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
