/** What sort of failure it is, in words that any protocol can map to its own statuses. */
export type ErrorKind =
  | 'invalid'
  | 'not-found'
  | 'forbidden'
  | 'not-allowed'
  | 'not-acceptable'
  | 'conflict'
  | 'too-large'
  | 'unsupported-media-type'
  | 'unprocessable'
  | 'not-supported'
  /** This server failed, and says so of work that it had taken on. */
  | 'failed'
  /** Something behind this server failed, ... */
  | 'bad-gateway'
  /** ... cannot be asked for now, ... */
  | 'unavailable'
  /** ... or did not answer in time. */
  | 'timeout';

/**
 * A failure that the caller can understand and act on. It knows nothing of HTTP: `problem.filter.ts` maps
 * its kind to a status, and a protocol with error shapes of its own maps it its own way.
 */
export abstract class DomainError extends Error {
  abstract readonly kind: ErrorKind;

  /** Stable, upper snake case; part of the public contract. */
  abstract readonly code: string;

  /** Facts for the answer's body beside the message; never a path, a stack or a secret. */
  get details(): Readonly<Record<string, unknown>> {
    return {};
  }

  /** After how many seconds the same may succeed, where that can be said. */
  get retryAfterSeconds(): number | undefined {
    return undefined;
  }
}
