import { afterAll, beforeAll, describe } from 'vitest';
import { HAS_POSTGRES, Postgres } from '../../../test/support/postgres.js';
import { Database } from '../../database/database.js';
import { describeJobEngine } from '../job-engine.contract.js';
import { PostgresJobEngine } from './postgres-job-engine.js';

/** Dead processes are found soon. */
const LEASE_SECONDS = 2;

describe.skipIf(!HAS_POSTGRES)('on a real PostgreSQL', () => {
  let postgres: Postgres;
  beforeAll(async () => {
    postgres = await Postgres.start();
  }, 60_000);
  afterAll(() => postgres?.stop());

  describeJobEngine('PostgresJobEngine', async () => {
    const url = await postgres.newDatabase();
    return {
      engine: () => new PostgresJobEngine(new Database(url), LEASE_SECONDS),
      remove: async () => undefined,
    };
  });
});
