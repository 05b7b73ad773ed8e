import type { Row } from '../../database/session.js';
import type { Job, JobEvent, JobFailure, JobResult, JobState, Json, NewJob, Progress } from '../job.js';

/** The columns of a `Job`. */
export const JOB_COLUMNS = [
  'id',
  'type',
  'parent',
  'state',
  'request',
  'requested_by',
  'priority',
  'created_at',
  'start_after',
  'started_at',
  'finished_at',
  'attempt',
  'max_attempts',
  'time_limit_seconds',
  'cancel_requested',
  'progress',
  'log',
  'result',
  'failure',
  'webhook',
]
  .map((column) => `job.${column}`)
  .join(', ');

export function toJob(row: Row): Job {
  return {
    id: row['id'] as string,
    type: row['type'] as string,
    ...optional('parent', row['parent'] as string | null),
    state: row['state'] as JobState,
    request: row['request'] as Json,
    ...optional('requestedBy', row['requested_by'] as string | null),
    priority: row['priority'] as number,
    createdAt: row['created_at'] as Date,
    ...optional('startAfter', row['start_after'] as Date | null),
    ...optional('startedAt', row['started_at'] as Date | null),
    ...optional('finishedAt', row['finished_at'] as Date | null),
    attempt: row['attempt'] as number,
    maxAttempts: row['max_attempts'] as number,
    timeLimitSeconds: row['time_limit_seconds'] as number,
    cancelRequested: row['cancel_requested'] as boolean,
    ...optional('progress', row['progress'] as Progress | null),
    log: row['log'] as string[],
    ...optional('result', row['result'] as JobResult | null),
    ...optional('failure', row['failure'] as JobFailure | null),
    ...optional('webhook', row['webhook'] as string | null),
  };
}

export function toEvent(row: Row): JobEvent {
  return {
    id: row['id'] as number,
    at: row['at'] as Date,
    type: row['type'] as JobEvent['type'],
    data: row['data'] as JobEvent['data'],
  };
}

/** The columns that make jobs, in the order of the statement that does: an array for each. */
export function toColumns(jobs: readonly NewJob[]): unknown[][] {
  return [
    jobs.map(({ id }) => id),
    jobs.map(({ type }) => type),
    jobs.map(({ parent }) => parent),
    jobs.map(({ request }) => JSON.stringify(request)),
    jobs.map(({ requestedBy }) => requestedBy && withoutNul(requestedBy)),
    jobs.map(({ priority }) => priority),
    jobs.map(({ startAfter }) => startAfter),
    jobs.map(({ maxAttempts }) => maxAttempts),
    jobs.map(({ timeLimitSeconds }) => timeLimitSeconds),
    jobs.map(({ idempotency }) => idempotency && withoutNul(idempotency.key)),
    jobs.map(({ idempotency }) => idempotency?.digest),
    jobs.map(({ webhook }) => webhook),
  ];
}

/** The one character that PostgreSQL's texts cannot hold. */
export function withoutNul(text: string): string {
  return text.replaceAll('\0', '\u{FFFD}');
}

function optional<Key extends string, Value>(key: Key, value: Value | null): { [K in Key]?: Value } {
  return value === null ? {} : ({ [key]: value } as { [K in Key]?: Value });
}
