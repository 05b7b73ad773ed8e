import { DomainError } from '../../common/errors/domain-error.js';

/** The receiver will not be told any more. */
export class WebhookFailedError extends DomainError {
  readonly kind = 'bad-gateway';
  readonly code = 'WEBHOOK_FAILED';

  constructor(why: string) {
    super(`The webhook could not be delivered: ${why}.`);
  }
}

/** This time it did not work; it is tried again. */
export class WebhookAttemptError extends Error {
  override readonly name = 'WebhookAttemptError';
}
