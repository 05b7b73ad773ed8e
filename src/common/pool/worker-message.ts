import type { ErrorKind } from '../errors/domain-error.js';

export interface WorkerRequest {
  readonly task: string;
  readonly input: unknown;
  /** See `SharedValues`. */
  readonly place: number;
  /** One number in shared memory: 1 once nobody waits for the result any more. */
  readonly gone?: Int32Array<SharedArrayBuffer>;
}

/** A DomainError as data: an error loses its class on the way between threads. */
export interface ErrorFacts {
  readonly kind: ErrorKind;
  readonly code: string;
  readonly message: string;
  readonly details: Readonly<Record<string, unknown>>;
}

export type WorkerReply =
  { readonly output: unknown } | { readonly error: ErrorFacts } | { readonly stopped: true };
