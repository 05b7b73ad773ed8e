import type { DatabaseSync } from 'node:sqlite';

/** SQLITE_BUSY: https://www.sqlite.org/rescode.html */
const BUSY = 5;

/**
 * A lock that the kernel frees when its process dies, however that happens: Node.js has no call for one, but SQLite
 * takes it on a file that nothing else is done with.
 */
export class FileLock {
  readonly #database: DatabaseSync;

  private constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /** Undefined where another holds it, in this or in another process. Makes the file. Throws what SQLite does. */
  static async take(path: string): Promise<FileLock | undefined> {
    // Not loaded by processes that lock nothing.
    const { DatabaseSync: Database } = await import('node:sqlite');
    const database = new Database(path, { timeout: 0 });
    try {
      database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
      return new FileLock(database);
    } catch (error) {
      database.close();
      if (((error as { errcode?: number }).errcode ?? 0) % 256 === BUSY) return undefined;
      throw error;
    }
  }

  release(): void {
    this.#database.close();
  }
}
