import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { FileLock } from '../../common/files/file-lock.js';

/** A younger file may be one that its engine is about to lock. */
const FORGOTTEN_MS = 60_000;

/**
 * The engines that run jobs of one folder. Each holds a lock on a file of its own, which the kernel frees when its
 * process dies, however that happens: so it is known at once and for certain whose jobs nobody runs any more, and a
 * process that is only slow keeps its own.
 */
export class Owner {
  private constructor(
    readonly name: string,
    private readonly folder: string,
    private readonly lock: FileLock,
  ) {}

  static async join(dataFolder: string): Promise<Owner> {
    const folder = join(dataFolder, 'owners');
    await mkdir(folder, { recursive: true });
    const name = randomUUID();
    const lock = await FileLock.take(join(folder, name));
    if (!lock) throw new Error('A new lock is held by another process.');
    return new Owner(name, folder, lock);
  }

  async isDead(other: string): Promise<boolean> {
    const lock = await FileLock.take(join(this.folder, other));
    lock?.release();
    return lock !== undefined;
  }

  /** Forgets a dead owner whose jobs have been taken back. */
  async bury(other: string): Promise<void> {
    await rm(join(this.folder, other), { force: true });
  }

  /** Removes the files of dead owners that ran nothing. */
  async buryForgotten(working: ReadonlySet<string>): Promise<void> {
    for (const name of await readdir(this.folder)) {
      if (name === this.name || working.has(name)) continue;
      const facts = await stat(join(this.folder, name)).catch(() => undefined);
      if (facts === undefined || Date.now() - facts.mtimeMs < FORGOTTEN_MS) continue;
      if (await this.isDead(name)) await this.bury(name);
    }
  }

  async leave(): Promise<void> {
    this.lock.release();
    await this.bury(this.name);
  }
}
