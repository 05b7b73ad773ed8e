import { DomainError } from '../common/errors/domain-error.js';

/** The database cannot be asked for now: it restarts, or the way to it is broken. */
export class DatabaseUnavailableError extends DomainError {
  override readonly kind = 'unavailable';
  override readonly code = 'DATABASE_UNAVAILABLE';

  constructor(cause?: unknown) {
    super('The database cannot be reached now. Try again in a few seconds.', { cause });
  }

  override get retryAfterSeconds(): number {
    return 5;
  }
}

/** Node's names for a connection that cannot be made, or broke. */
const BROKEN = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOENT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EPIPE',
  'ETIMEDOUT',
]);

/**
 * SQLSTATEs of a server that takes no statements now: connection exceptions (class 08), too many connections, a server
 * that is stopping or starting, and one that has become a read-only standby.
 */
const NOT_NOW = /^(08...|53300|57P0[1-4]|25006)$/;

/** What pg throws without any code. */
const CLIENT_GONE =
  /^(Connection terminated|timeout e|Query read timeout|Client has encountered|Client was closed|Cannot use a pool after)/;

/** Transactions that got in each other's way: the same again succeeds. */
const COLLIDED = new Set(['40001', '40P01']);

export function isUnavailable(error: unknown): boolean {
  if (error instanceof DatabaseUnavailableError) return true;
  const { code, message } = error as { code?: unknown; message?: unknown };
  if (typeof code === 'string') return BROKEN.has(code) || NOT_NOW.test(code);
  return typeof message === 'string' && CLIENT_GONE.test(message);
}

export function isCollision(error: unknown): boolean {
  return COLLIDED.has((error as { code: string }).code);
}
