import type { Job, JobEvent, JobFailure, JobResult, JobState, Json, Progress } from '../job.js';

/** A row of `jobs`. */
export interface JobRow {
  readonly seq: number;
  readonly id: string;
  readonly type: string;
  readonly parent: string | null;
  readonly state: JobState;
  readonly request: string;
  readonly requested_by: string | null;
  readonly webhook: string | null;
  readonly priority: number;
  readonly created_at: number;
  readonly start_after: number | null;
  readonly started_at: number | null;
  readonly finished_at: number | null;
  readonly attempt: number;
  readonly max_attempts: number;
  readonly time_limit: number;
  readonly cancel_requested: number;
  readonly owner: string | null;
  readonly claims: number;
  readonly progress: string | null;
  readonly log: string;
  readonly result: string | null;
  readonly failure: string | null;
  readonly digest: string | null;
}

export function toJob(row: JobRow): Job {
  return {
    id: row.id,
    type: row.type,
    ...(row.parent !== null && { parent: row.parent }),
    state: row.state,
    request: JSON.parse(row.request) as Json,
    ...(row.requested_by !== null && { requestedBy: row.requested_by }),
    priority: row.priority,
    createdAt: new Date(row.created_at),
    ...(row.start_after !== null && { startAfter: new Date(row.start_after) }),
    ...(row.started_at !== null && { startedAt: new Date(row.started_at) }),
    ...(row.finished_at !== null && { finishedAt: new Date(row.finished_at) }),
    attempt: row.attempt,
    maxAttempts: row.max_attempts,
    timeLimitSeconds: row.time_limit,
    cancelRequested: row.cancel_requested === 1,
    ...(row.progress !== null && { progress: JSON.parse(row.progress) as Progress }),
    log: JSON.parse(row.log) as string[],
    ...(row.result !== null && { result: JSON.parse(row.result) as JobResult }),
    ...(row.failure !== null && { failure: JSON.parse(row.failure) as JobFailure }),
    ...(row.webhook !== null && { webhook: row.webhook }),
  };
}

/** A row of `events`. */
export interface EventRow {
  readonly id: number;
  readonly at: number;
  readonly type: JobEvent['type'];
  readonly data: string;
}

export function toEvent({ id, at, type, data }: EventRow): JobEvent {
  return { id, at: new Date(at), type, data: JSON.parse(data) as JobEvent['data'] };
}
