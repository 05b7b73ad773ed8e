import { Injectable, Logger } from '@nestjs/common';
import { ArtifactStore } from '../artifacts/artifact-store.js';
import { Config } from '../common/config/config.js';
import { JobEngine } from './job-engine.js';
import { artifactPrefix } from './job-type.js';

const FIRST_MS = 60_000;
const EVERY_MS = 10 * 60_000;
const BATCH = 100;
const HOUR_MS = 3_600_000;

/** Removes jobs that ended long ago, with the files that they made. */
@Injectable()
export class JobRetention {
  private readonly logger = new Logger('Jobs');
  #timer: NodeJS.Timeout | undefined;
  #pruning: Promise<void> = Promise.resolve();
  #isStopped = false;
  /** Jobs that have been removed, but not their files. */
  readonly #left: string[] = [];

  constructor(
    private readonly config: Config,
    private readonly engine: JobEngine,
    private readonly artifacts: ArtifactStore,
  ) {}

  start(): void {
    // One after another, however long one takes.
    const prune = (): void => {
      this.#pruning = this.#pruning
        .then(() => this.prune())
        .catch((error: unknown) => this.logger.error(error));
    };
    this.#timer = setTimeout(() => {
      prune();
      this.#timer = setInterval(prune, EVERY_MS).unref();
    }, FIRST_MS).unref();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    await this.#pruning;
  }

  /** Removes all whose time is over. */
  async prune(): Promise<void> {
    const { jobsRetentionHours, jobsRetentionFailedHours } = this.config;
    const now = Date.now();
    const endedBefore = {
      succeeded: new Date(now - jobsRetentionHours * HOUR_MS),
      failed: new Date(now - jobsRetentionFailedHours * HOUR_MS),
    };
    let ids = this.#left.splice(0);
    do {
      await this.#removeFiles(ids);
      if (this.#isStopped || this.#left.length >= BATCH) return;
      ids = await this.engine.prune(endedBefore, BATCH);
    } while (ids.length > 0);
  }

  /** Those that cannot be removed now are removed the next time. */
  async #removeFiles(ids: readonly string[]): Promise<void> {
    for (const id of ids) {
      try {
        await this.artifacts.remove(artifactPrefix({ id }));
      } catch (error) {
        this.logger.error(error);
        this.#left.push(id);
      }
    }
  }
}
