import { randomUUIDv7 } from 'node:crypto';
import type { NewJob } from '../../src/jobs/job.ts';

/** A job that asks for little. */
export function newJob(type: string): NewJob {
  return {
    id: randomUUIDv7(),
    type,
    request: { x: [1, 2, 3] },
    priority: 0,
    maxAttempts: 3,
    timeLimitSeconds: 60,
  };
}
