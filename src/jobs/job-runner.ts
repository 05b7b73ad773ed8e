import { Injectable, Logger } from '@nestjs/common';
import { ArtifactStore } from '../artifacts/artifact-store.js';
import { Config, ConfigError } from '../common/config/config.js';
import { ShuttingDownError } from './engine-errors.js';
import { JobAttempt, type Slot } from './job-attempt.js';
import { JobEngine } from './job-engine.js';
import type { JobType } from './job-type.js';
import { JobTypes } from './job-types.js';

/** Activity tells that a job waits; so often it is looked for anyway. */
const LOOK_MS = 2000;

/** Runs the jobs of all registered types, each type as many at a time as it or JOBS_CONCURRENCY says, until it is stopped. */
@Injectable()
export class JobRunner {
  private readonly logger = new Logger('Jobs');
  readonly #queues = new Map<string, Queue>();
  readonly #shutdown = new AbortController();
  #ignore: (() => void) | undefined;
  #look: NodeJS.Timeout | undefined;
  #stopped: Promise<void> | undefined;

  constructor(
    private readonly types: JobTypes,
    private readonly engine: JobEngine,
    private readonly artifacts: ArtifactStore,
    private readonly config: Config,
  ) {}

  /** Begins to take jobs. Everything that they need must be ready. Throws ConfigError. */
  start(): void {
    const { jobsConcurrency } = this.config;
    for (const name of jobsConcurrency.keys()) {
      if (this.types.get(name)) continue;
      const known = this.types.all.map((type) => type.name).toSorted();
      throw new ConfigError('JOBS_CONCURRENCY', name, `types of jobs: ${known.join(', ')}`);
    }
    for (const type of this.types.all) {
      const most = jobsConcurrency.get(type.name) ?? type.concurrency;
      this.#queues.set(type.name, new Queue(type, most, this.#run, this.engine, this.logger));
    }
    this.#ignore = this.engine.listen(({ type }) => void this.#queues.get(type)?.fill());
    this.#look = setInterval(() => this.#fillAll(), LOOK_MS).unref();
    this.#fillAll();
  }

  /** Takes no more jobs, and gives back those that run, as soon as they stop. Never rejects. */
  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<void> {
    this.#ignore?.();
    clearInterval(this.#look);
    const queues = [...this.#queues.values()];
    for (const queue of queues) queue.close();
    this.#shutdown.abort(new ShuttingDownError());
    await Promise.all(queues.map((queue) => queue.ended()));
  }

  #fillAll(): void {
    for (const queue of this.#queues.values()) void queue.fill();
  }

  readonly #run: RunClaim = (type, claim, slot) =>
    new JobAttempt(this.engine, this.artifacts, type, claim, slot, this.#shutdown.signal).run();
}

type Claim = Awaited<ReturnType<JobEngine['claim']>>[number];
type RunClaim = (type: JobType, claim: Claim, slot: Slot) => Promise<void>;

/** The jobs of one type that this process runs. */
class Queue implements Slot {
  readonly #running = new Set<Promise<void>>();
  /** Attempts that wait for jobs of their own type. */
  #lent = 0;
  #isFilling = false;
  #isAskedAgain = false;
  #isClosed = false;
  #filled: Promise<void> = Promise.resolve();

  constructor(
    private readonly type: JobType,
    private readonly most: number,
    private readonly run: RunClaim,
    private readonly engine: JobEngine,
    private readonly logger: Logger,
  ) {}

  /** Takes as many jobs as there is room for. Never rejects. */
  fill(): Promise<void> {
    this.#isAskedAgain = true;
    if (!this.#isFilling) this.#filled = this.#fill();
    return this.#filled;
  }

  close(): void {
    this.#isClosed = true;
  }

  /** Resolves when nothing runs any more. */
  async ended(): Promise<void> {
    await this.#filled;
    await Promise.all(this.#running);
  }

  async lend<T>(work: () => Promise<T>): Promise<T> {
    this.#lent++;
    void this.fill();
    try {
      return await work();
    } finally {
      this.#lent--;
    }
  }

  async #fill(): Promise<void> {
    this.#isFilling = true;
    try {
      while (this.#isAskedAgain && !this.#isClosed) {
        this.#isAskedAgain = false;
        const room = this.most - (this.#running.size - this.#lent);
        if (room <= 0) continue;
        for (const claim of await this.engine.claim(this.type.name, room)) this.#begin(claim);
      }
    } catch (error) {
      // It is tried again with the next activity, or look.
      this.logger.error(error);
    } finally {
      this.#isFilling = false;
    }
  }

  #begin(claim: Claim): void {
    const attempt = this.run(this.type, claim, this).finally(() => {
      this.#running.delete(attempt);
      void this.fill();
    });
    this.#running.add(attempt);
  }
}
