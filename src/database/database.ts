import type { Pool, PoolClient } from 'pg';
import { connectionTo } from './connection.js';
import { DatabaseUnavailableError, isCollision, isUnavailable } from './database-errors.js';
import { Notifications } from './notifications.js';
import type { Row, Session, Statement } from './session.js';

const CONNECTIONS = 8;
/** A connection that says nothing for so long is broken: no statement here takes longer. */
const QUERY_TIMEOUT_MS = 30_000;
const ATTEMPTS = 5;

/**
 * Connections to PostgreSQL. Nothing is connected before it is needed, and a connection that breaks is replaced when the
 * next statement wants one; statements meanwhile throw DatabaseUnavailableError.
 */
export class Database implements Session {
  readonly notifications: Notifications;
  #pool: Promise<Pool> | undefined;

  /** `url`: with its password, which goes nowhere else. */
  constructor(private readonly url: string) {
    this.notifications = new Notifications(url, this);
  }

  async query(statement: Statement, values: readonly unknown[] = []): Promise<Row[]> {
    return attempt(
      async () => (await (await this.#connections()).query<Row>({ ...statement, values: [...values] })).rows,
    );
  }

  /** All or nothing. `work` may be run again where another transaction got in its way. */
  async transaction<Result>(work: (session: Session) => Promise<Result>): Promise<Result> {
    return attempt(async () => {
      const client = await (await this.#connections()).connect();
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

  /** More than once is once. */
  async close(): Promise<void> {
    await this.notifications.close();
    const pool = await this.#pool;
    if (pool?.ending === false) await pool.end();
  }

  /** The driver is loaded here, so that nobody else has it in memory. */
  #connections(): Promise<Pool> {
    this.#pool ??= import('pg').then(({ default: pg }) => {
      const pool = new pg.Pool({
        ...connectionTo(this.url),
        max: CONNECTIONS,
        query_timeout: QUERY_TIMEOUT_MS,
        allowExitOnIdle: true,
      });
      // An idle connection that breaks: the pool has let go of it, and nobody waits for an answer.
      return pool.on('error', () => undefined);
    });
    return this.#pool;
  }
}

async function inTransaction<Result>(
  client: PoolClient,
  work: (session: Session) => Promise<Result>,
): Promise<Result> {
  await client.query('BEGIN');
  try {
    const result = await work({
      query: async (statement, values = []) =>
        (await client.query<Row>({ ...statement, values: [...values] })).rows,
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
