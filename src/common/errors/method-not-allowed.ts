import { DomainError } from './domain-error.js';

/** The address is there, but not for this method. */
export class MethodNotAllowedError extends DomainError {
  readonly kind = 'not-allowed';
  readonly code = 'METHOD_NOT_ALLOWED';

  /** `use`: what the address is for, and by which method. */
  constructor(method: string, use: string) {
    super(`${method} is not for ${use}.`);
  }
}
