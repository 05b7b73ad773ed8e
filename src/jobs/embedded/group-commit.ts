import type { DatabaseSync } from 'node:sqlite';
import { DomainError } from '../../common/errors/domain-error.js';
import { JobsUnavailableError } from '../engine-errors.js';

interface Change {
  readonly make: () => unknown;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** What the changes of one transaction came to: `outcome` is called when they are on disk. */
type Outcome = () => void;

/**
 * Puts the changes that are asked for in one turn of the event loop into one transaction, and so one flush of the disk.
 * Each is undone alone if it throws; none is answered before all are on disk.
 */
export class GroupCommit {
  #waiting: Change[] = [];
  #isScheduled = false;

  constructor(
    private readonly database: DatabaseSync,
    private readonly hooks: {
      /** At the beginning of a transaction. */
      readonly begin: () => void;
      /** Before it is written. */
      readonly end: () => void;
      /** After it is on disk. */
      readonly committed: () => void;
      /** Nothing of it is. */
      readonly failed: (error: unknown) => void;
    },
  ) {}

  change<T>(make: () => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#waiting.push({ make, resolve: resolve as (value: unknown) => void, reject });
      if (this.#isScheduled) return;
      this.#isScheduled = true;
      setImmediate(() => this.flush());
    });
  }

  /** Makes the changes that wait. */
  flush(): void {
    this.#isScheduled = false;
    const changes = this.#waiting;
    if (changes.length === 0) return;
    this.#waiting = [];
    let outcomes: Outcome[];
    try {
      this.database.exec('BEGIN IMMEDIATE');
      this.hooks.begin();
      outcomes = changes.map((change) => this.#make(change));
      this.hooks.end();
      this.database.exec('COMMIT');
    } catch (error) {
      if (this.database.isOpen && this.database.isTransaction) this.database.exec('ROLLBACK');
      this.hooks.failed(error);
      for (const { reject } of changes) reject(new JobsUnavailableError(error));
      return;
    }
    this.hooks.committed();
    for (const outcome of outcomes) outcome();
  }

  #make({ make, resolve, reject }: Change): Outcome {
    this.database.exec('SAVEPOINT change');
    try {
      const value = make();
      this.database.exec('RELEASE change');
      return () => resolve(value);
    } catch (error) {
      // The disk's errors end the whole transaction; a change's own end the change.
      if (!(error instanceof DomainError) && isOfSqlite(error)) throw error;
      this.database.exec('ROLLBACK TO change; RELEASE change');
      return () => reject(error);
    }
  }
}

function isOfSqlite(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ERR_SQLITE_ERROR';
}
