import { DomainError } from '../common/errors/domain-error.js';

/** What computes the model (a process, another server) failed, or answered what is no answer. */
export class ExternalModelError extends DomainError {
  readonly kind = 'bad-gateway';
  readonly code = 'EXTERNAL_MODEL_FAILED';
}

/** What computes the model did not answer in time. */
export class ExternalModelTimeoutError extends DomainError {
  readonly kind = 'timeout';
  readonly code = 'EXTERNAL_MODEL_TIMEOUT';

  constructor(
    message: string,
    readonly timeoutMs: number,
  ) {
    super(message);
  }

  override get details(): Record<string, unknown> {
    return { timeoutMs: this.timeoutMs };
  }
}

/** What computes the model cannot be asked at the moment: it is down, or has too much to do. */
export class ExternalModelUnavailableError extends DomainError {
  readonly kind = 'unavailable';
  readonly code = 'EXTERNAL_MODEL_UNAVAILABLE';

  constructor(
    message: string,
    private readonly seconds: number,
  ) {
    super(message);
  }

  override get retryAfterSeconds(): number {
    return this.seconds;
  }

  override get details(): Record<string, unknown> {
    return { retryAfterSeconds: this.seconds };
  }
}

/** What computes the model understood the request, and does not take it. */
export class ExternalModelRefusalError extends DomainError {
  readonly kind = 'unprocessable';
  readonly code = 'EXTERNAL_MODEL_REFUSED';
}
