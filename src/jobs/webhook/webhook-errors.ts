import { DomainError } from '../../common/errors/domain-error.js';

/** The receiver will not be told any more: of a kind that no job attempts again. */
export class WebhookFailedError extends DomainError {
  readonly kind = 'failed';
  readonly code = 'WEBHOOK_FAILED';

  constructor(why: string) {
    super(`The webhook could not be delivered: ${why}.`);
  }
}

/** This time it did not work; it is tried again. */
export class WebhookAttemptError extends Error {
  override readonly name = 'WebhookAttemptError';
}
