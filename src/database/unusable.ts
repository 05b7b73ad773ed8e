import { ConfigError } from '../common/config/config.js';
import { DatabaseUnavailableError } from './database-errors.js';
import { SchemaTooNewError } from './migrate.js';

/** What ends a start, as one line; of the URL, which holds a password, it shows nothing. */
export function unusable(error: unknown): unknown {
  const cause = error instanceof DatabaseUnavailableError ? error.cause : error;
  if (cause instanceof SchemaTooNewError) return new ConfigError('DATABASE_URL', undefined, cause.message);
  const { code, message, severity } = cause as { code?: string; message: string; severity?: string };
  if (code === undefined && !(error instanceof DatabaseUnavailableError)) return error;
  // What the server itself says names the user or the database, and never a password.
  const reason = severity === undefined ? (code ?? 'no answer') : message;
  return new ConfigError(
    'DATABASE_URL',
    undefined,
    `a PostgreSQL database that can be reached and changed (${reason})`,
  );
}
