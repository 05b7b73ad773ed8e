import { setTimeout } from 'node:timers/promises';
import type { WorkerReply, WorkerRequest } from '../../src/common/pool/worker-message.js';

/** The script of worker threads that can be told to die. */
export default async function work({ task, input, place }: WorkerRequest): Promise<WorkerReply> {
  if (task === 'die') process.exit(1);
  if (task === 'echo') return { output: input };
  await setTimeout(50);
  return { output: place };
}
