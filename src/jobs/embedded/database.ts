import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { ConfigError } from '../../common/config/config.js';
import { makeDataFolder } from '../../common/files/data-folder.js';
import { MIGRATIONS } from './schema.js';

/** For another process of the same server to end its transaction. */
const BUSY_TIMEOUT_MS = 10_000;

/**
 * Opens the jobs of a data folder, at the newest schema. A transaction is on disk when it is committed (FULL). Throws
 * ConfigError where the folder or the file is not to be used.
 */
export async function openDatabase(folder: string): Promise<DatabaseSync> {
  await makeDataFolder(folder);
  // Not loaded by a server that keeps its jobs elsewhere.
  const { DatabaseSync: Database } = await import('node:sqlite');
  let database: DatabaseSync | undefined;
  try {
    database = new Database(join(folder, 'jobs.db'), { timeout: BUSY_TIMEOUT_MS });
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY');
    migrate(database, folder);
    return database;
  } catch (error) {
    database?.close();
    throw unusable(folder, error);
  }
}

/** What the operating system or SQLite says, as one line of a start that cannot be. */
export function unusable(folder: string, error: unknown): unknown {
  if (error instanceof ConfigError || (error as NodeJS.ErrnoException).code === undefined) return error;
  const [reason] = (error as Error).message.split('\n');
  return new ConfigError(
    'DATA_DIR',
    folder,
    `a folder that this process may write, with a whole jobs.db or none (${reason})`,
  );
}

function migrate(database: DatabaseSync, folder: string): void {
  // Of several processes that start, one does it.
  database.exec('BEGIN IMMEDIATE');
  try {
    const { user_version: version } = database.prepare('PRAGMA user_version').get() as {
      user_version: number;
    };
    if (version > MIGRATIONS.length) {
      throw new ConfigError('DATA_DIR', folder, 'a folder that no newer version of Kriged has used');
    }
    for (const migration of MIGRATIONS.slice(version)) database.exec(migration);
    database.exec(`PRAGMA user_version = ${MIGRATIONS.length}`);
    database.exec('COMMIT');
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}
