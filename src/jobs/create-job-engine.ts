import type { Config } from '../common/config/config.js';
import { Database } from '../database/database.js';
import { EmbeddedJobEngine } from './embedded/embedded-job-engine.js';
import type { JobEngine } from './job-engine.js';
import { PostgresJobEngine } from './postgres/postgres-job-engine.js';

/** The engine that the settings ask for, not opened; on the `database` that others use as well, if they do. */
export function createJobEngine(
  { dataDir, databaseUrl }: Config,
  database = databaseUrl === undefined ? null : new Database(databaseUrl),
): JobEngine {
  return database ? new PostgresJobEngine(database) : new EmbeddedJobEngine(dataDir);
}
