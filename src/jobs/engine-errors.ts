import { DomainError } from '../common/errors/domain-error.js';
import type { JobFailure } from './job.js';

export class IdempotencyKeyReusedError extends DomainError {
  readonly kind = 'unprocessable';
  readonly code = 'IDEMPOTENCY_KEY_REUSED';

  constructor() {
    super(
      'Idempotency-Key has been used for another request: expected a new key, or the same request as before.',
    );
  }

  override get details(): Record<string, unknown> {
    return { field: 'Idempotency-Key' };
  }
}

/** Somebody cancelled the job: why its work must stop, and why it has no result. */
export class JobCancelledError extends DomainError {
  readonly kind = 'conflict';
  readonly code = 'JOB_CANCELLED';

  constructor() {
    super('The job was cancelled.');
  }
}

/** An attempt took longer than the job may. */
export class JobTimedOutError extends DomainError {
  readonly kind = 'unprocessable';
  readonly code = 'JOB_TIMED_OUT';

  constructor(readonly seconds: number) {
    super(
      `The job took longer than its time limit of ${seconds} seconds. Ask for less, or allow it more time.`,
    );
  }

  override get details(): Record<string, unknown> {
    return { timeLimitSeconds: this.seconds };
  }
}

/** The engine cannot take or give jobs at the moment: its disk is full, its database is not reached. */
export class JobsUnavailableError extends DomainError {
  readonly kind = 'unavailable';
  readonly code = 'JOBS_UNAVAILABLE';

  constructor(cause: unknown) {
    super('Jobs cannot be kept at the moment. The log of the server has the cause.', { cause });
  }

  override get retryAfterSeconds(): number {
    return 10;
  }
}

/** The engine has given the job to another attempt, or no longer keeps the claim: what this one does is in vain. */
export class ClaimLostError extends Error {
  override readonly name = 'ClaimLostError';

  constructor() {
    super('The job is no longer held by this attempt.');
  }
}

/** The process ends before the job does: the job goes back, and this attempt does not count. */
export class ShuttingDownError extends Error {
  override readonly name = 'ShuttingDownError';

  constructor() {
    super('This process is shutting down.');
  }
}

/** Why a job fails whose last attempt's process died. */
export const ATTEMPTS_LOST: JobFailure = {
  code: 'JOB_ATTEMPTS_LOST',
  message: 'Each process that ran the job ended before the job did. It may need more memory than there is.',
};
