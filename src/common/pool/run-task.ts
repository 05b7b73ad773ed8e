import type { Transferable } from 'node:worker_threads';
import { DomainError } from '../errors/domain-error.js';
import type { SharedValues, Task } from './task.js';
import type { WorkerReply, WorkerRequest } from './worker-message.js';

/** Thrown by a Checkpoint. */
class Stopped extends Error {}

/** The worker's side: finds the task by name, stops it when asked to, and turns an expected failure into data. */
export async function runTask(
  tasks: ReadonlyMap<string, Task<unknown, unknown>>,
  { task: name, input, place, gone }: WorkerRequest,
  values: ReadonlyMap<string, unknown>,
): Promise<{ reply: WorkerReply; transfer: Transferable[] }> {
  const task = tasks.get(name);
  if (!task) throw new Error(`No task ${JSON.stringify(name)} is listed for workers.`);
  const checkpoint = (): void => {
    if (gone !== undefined && Atomics.load(gone, 0) !== 0) throw new Stopped();
  };
  const shared: SharedValues = { get: (value) => values.get(value), place };
  try {
    checkpoint();
    const output = await task.run(input, shared, checkpoint);
    return { reply: { output }, transfer: task.transfer?.(output) ?? [] };
  } catch (error) {
    if (error instanceof Stopped) return { reply: { stopped: true }, transfer: [] };
    if (!(error instanceof DomainError)) throw error;
    const { kind, code, message, details } = error;
    return { reply: { error: { kind, code, message, details } }, transfer: [] };
  }
}
