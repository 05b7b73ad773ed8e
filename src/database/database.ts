import type { Pool, PoolClient } from 'pg';
import { DatabaseUnavailableError, isCollision, isUnavailable } from './database-errors.js';

/** Prepared once on each connection, under its name. */
export interface Statement {
  readonly name: string;
  readonly text: string;
}

export type Row = Record<string, unknown>;

/** Runs statements: a connection of the pool for each, or the one of a transaction. */
export interface Session {
  query(statement: Statement, values?: readonly unknown[]): Promise<Row[]>;
}

const CONNECTIONS = 8;
const CONNECT_TIMEOUT_MS = 5_000;
/** A connection that says nothing for so long is broken: no statement here takes longer. */
const QUERY_TIMEOUT_MS = 30_000;
const ATTEMPTS = 5;

/**
 * Connections to PostgreSQL. A connection that breaks is replaced when the next statement wants one; statements
 * meanwhile throw DatabaseUnavailableError.
 */
export class Database implements Session {
  private constructor(private readonly pool: Pool) {
    // An idle connection that breaks: the pool has let go of it, and nobody waits for an answer.
    pool.on('error', () => undefined);
  }

  /** Connects to nothing yet. The driver is loaded here, so that nobody else has it in memory. */
  static async create(url: string): Promise<Database> {
    const { default: pg } = await import('pg');
    return new Database(
      new pg.Pool({
        ...connection(url),
        max: CONNECTIONS,
        query_timeout: QUERY_TIMEOUT_MS,
        idleTimeoutMillis: 30_000,
        allowExitOnIdle: true,
      }),
    );
  }

  async query(statement: Statement, values: readonly unknown[] = []): Promise<Row[]> {
    return attempt(async () => (await this.pool.query({ ...statement, values: [...values] })).rows);
  }

  /** All or nothing. `work` may be run again where another transaction got in its way. */
  async transaction<Result>(work: (session: Session) => Promise<Result>): Promise<Result> {
    return attempt(async () => {
      const client = await this.pool.connect();
      let broken: Error | undefined;
      // Between two statements nobody else hears that the connection broke.
      const onError = (error: Error): void => void (broken = error);
      client.on('error', onError);
      try {
        return await inTransaction(client, work);
      } catch (error) {
        if (isUnavailable(error)) broken ??= error as Error;
        throw error;
      } finally {
        client.off('error', onError);
        client.release(broken);
      }
    });
  }

  async close(): Promise<void> {
    await this.pool.end();
  }
}

/** How every connection is made, for the pool and for whoever needs one of its own. */
export function connection(url: string): {
  connectionString: string;
  connectionTimeoutMillis: number;
  keepAlive: boolean;
  application_name: string;
} {
  return {
    connectionString: url,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
    application_name: 'kriged',
  };
}

async function inTransaction<Result>(
  client: PoolClient,
  work: (session: Session) => Promise<Result>,
): Promise<Result> {
  await client.query('BEGIN');
  try {
    const result = await work({
      query: async (statement, values = []) => (await client.query({ ...statement, values: [...values] })).rows,
    });
    await client.query('COMMIT');
    return result;
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
}

async function attempt<Result>(work: () => Promise<Result>): Promise<Result> {
  for (let attempts = 1; ; attempts++) {
    try {
      return await work();
    } catch (error) {
      if (isUnavailable(error)) throw new DatabaseUnavailableError(error);
      if (!isCollision(error) || attempts === ATTEMPTS) throw error;
    }
  }
}
