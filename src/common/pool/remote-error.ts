import { DomainError, type ErrorKind } from '../errors/domain-error.js';
import type { ErrorFacts } from './worker-message.js';

/** A DomainError that a worker thread met: the same kind, code, message and details. */
export class RemoteError extends DomainError {
  readonly kind: ErrorKind;
  readonly code: string;
  readonly #details: Readonly<Record<string, unknown>>;

  constructor(facts: ErrorFacts) {
    super(facts.message);
    this.kind = facts.kind;
    this.code = facts.code;
    this.#details = facts.details;
  }

  override get details(): Readonly<Record<string, unknown>> {
    return this.#details;
  }
}
