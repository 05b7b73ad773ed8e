import type { Transferable } from 'node:worker_threads';
import { DomainError } from '../errors/domain-error.js';
import type { SharedValues, Task } from './task.js';
import type { WorkerReply, WorkerRequest } from './worker-message.js';

/** The worker's side: finds the task by name, and turns an expected failure into data. */
export async function runTask(
  tasks: ReadonlyMap<string, Task<unknown, unknown>>,
  { task: name, input }: WorkerRequest,
  shared: SharedValues,
): Promise<{ reply: WorkerReply; transfer: Transferable[] }> {
  const task = tasks.get(name);
  if (!task) throw new Error(`No task ${JSON.stringify(name)} is listed for workers.`);
  try {
    const output = await task.run(input, shared);
    return { reply: { output }, transfer: task.transfer?.(output) ?? [] };
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    const { kind, code, message, details } = error;
    return { reply: { error: { kind, code, message, details } }, transfer: [] };
  }
}
