import { DomainError } from '../common/errors/domain-error.js';
import type { JobFailure, JobState } from './job.js';

export class JobNotFoundError extends DomainError {
  readonly kind = 'not-found';
  readonly code = 'JOB_NOT_FOUND';

  constructor() {
    super('There is no such job: it may have been removed some time after it ended. See GET /jobs.');
  }
}

/** It has no result yet. */
export class JobNotFinishedError extends DomainError {
  readonly kind = 'conflict';
  readonly code = 'JOB_NOT_FINISHED';

  constructor(
    readonly state: JobState,
    readonly seconds: number,
  ) {
    super(`The job is ${state}, and has no result yet. Ask again later, or watch its events.`);
  }

  override get retryAfterSeconds(): number {
    return this.seconds;
  }

  override get details(): Record<string, unknown> {
    return { state: this.state };
  }
}

/** There is nothing left to cancel. */
export class JobEndedError extends DomainError {
  readonly kind = 'conflict';
  readonly code = 'JOB_ENDED';

  constructor(readonly state: JobState) {
    super(`The job has ${state}, and cannot be cancelled any more.`);
  }

  override get details(): Record<string, unknown> {
    return { state: this.state };
  }
}

export class JobNotRetryableError extends DomainError {
  readonly kind = 'conflict';
  readonly code = 'JOB_NOT_RETRYABLE';

  constructor(readonly state: JobState) {
    super(
      `Only a job that failed or was cancelled is sent again, and a part only while its job runs: the state of this one is ${state}.`,
    );
  }

  override get details(): Record<string, unknown> {
    return { state: this.state };
  }
}

/** Failures of which the request is innocent: the same may succeed another time. */
const OF_THE_SERVER: readonly string[] = ['INTERNAL_ERROR', 'JOB_ATTEMPTS_LOST'];

/** A job's own failure, told to whoever asks for its result. */
export class JobFailedError extends DomainError {
  readonly kind: 'failed' | 'unprocessable';
  readonly code: string;

  constructor(readonly failure: JobFailure) {
    super(failure.message);
    this.code = failure.code;
    this.kind = OF_THE_SERVER.includes(failure.code) ? 'failed' : 'unprocessable';
  }

  override get details(): Record<string, unknown> {
    return { ...this.failure.details, state: 'failed' };
  }
}
