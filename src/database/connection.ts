import type { ClientConfig } from 'pg';

const CONNECT_TIMEOUT_MS = 5_000;

/** How every connection is made. */
export function connectionTo(url: string): ClientConfig {
  return {
    connectionString: url,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
    application_name: 'kriged',
  };
}
