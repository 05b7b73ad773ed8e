import { createHash, randomUUIDv7 } from 'node:crypto';
import { DomainError } from '../common/errors/domain-error.js';
import { isTerminal, type Job, type JobFailure, type JobResult, type Json, type NewJob } from './job.js';
import type { JobEngine } from './job-engine.js';
import type { SpreadOptions } from './job-type.js';

/** So many are made in one transaction. */
const CREATE_BATCH = 500;
/** Activity tells when a part ends; so often some are looked at anyway. */
const LOOK_MS = 5000;
const LOOK_COUNT = 200;
const HIGHEST_PRIORITY = 100;

/** A part of a job failed for good, and so does the job: with the part's own code. */
class PartFailedError extends DomainError {
  readonly kind = 'unprocessable';

  constructor(
    readonly part: number,
    private readonly failure: JobFailure,
  ) {
    super(failure.message);
  }

  get code(): string {
    return this.failure.code;
  }

  override get details(): Record<string, unknown> {
    return { ...this.failure.details, part: this.part };
  }
}

/** What `JobContext.spread` does. Its keys are the same at each attempt, so that a later one finds the parts that are. */
export async function spread(
  engine: JobEngine,
  parent: Job,
  signal: AbortSignal,
  type: string,
  requests: readonly Json[],
  options: SpreadOptions = {},
): Promise<JobResult[]> {
  const name = options.name === undefined ? '' : `${options.name}/`;
  const waiting = new Parts(engine, signal, requests.length, options);
  try {
    for (let start = 0; start < requests.length; start += CREATE_BATCH) {
      signal.throwIfAborted();
      const batch = requests.slice(start, start + CREATE_BATCH);
      const created = await engine.create(
        batch.map((request, index) => partOf(parent, type, request, `${name}${start + index}`)),
      );
      for (const [index, { job, isNew }] of created.entries()) {
        const isAgain = !isNew && (job.state === 'failed' || job.state === 'cancelled');
        waiting.add(start + index, (isAgain ? await engine.retry(job.id) : undefined) ?? job, isNew);
      }
    }
    return await waiting.results();
  } catch (error) {
    // A job that is to be attempted again by another process keeps its parts; the engine ends those of one that ends,
    // also where it could not end them here.
    if (error instanceof PartFailedError) await waiting.cancel().catch(() => undefined);
    throw error;
  } finally {
    waiting.stop();
  }
}

/** `name`: among the parts of its job. */
function partOf(parent: Job, type: string, request: Json, name: string): NewJob {
  const digest = createHash('sha256')
    .update(JSON.stringify([type, request]))
    .digest('hex');
  return {
    id: randomUUIDv7(),
    type,
    request,
    parent: parent.id,
    ...(parent.requestedBy !== undefined && { requestedBy: parent.requestedBy }),
    // What has begun is finished before other jobs of its priority begin.
    priority: Math.min(parent.priority + 1, HIGHEST_PRIORITY),
    maxAttempts: parent.maxAttempts,
    timeLimitSeconds: parent.timeLimitSeconds,
    idempotency: { key: `${parent.id}/${name}`, digest },
  };
}

/** The parts of one job, until all have succeeded or one has failed. */
class Parts {
  readonly #results: (JobResult | undefined)[];
  readonly #pending = new Map<string, number>();
  /** Those that were told to stop before this attempt began: they are sent again when they have. */
  readonly #stopping = new Set<string>();
  readonly #ended = Promise.withResolvers<void>();
  readonly #ignore: () => void;
  readonly #look: NodeJS.Timeout;
  readonly #abort = (): void => this.#ended.reject(this.signal.reason as Error);
  #done = 0;
  #isWhole = false;

  constructor(
    private readonly engine: JobEngine,
    private readonly signal: AbortSignal,
    private readonly total: number,
    private readonly options: SpreadOptions,
  ) {
    this.#results = Array.from({ length: total });
    // It may be rejected before anybody waits for it.
    this.#ended.promise.catch(() => undefined);
    this.#ignore = engine.listen(({ job }) => void this.#check(job));
    this.#look = setInterval(() => void this.#lookAtSome(), LOOK_MS).unref();
    signal.addEventListener('abort', this.#abort, { once: true });
  }

  add(index: number, job: Job, isNew: boolean): void {
    this.#pending.set(job.id, index);
    if (job.state === 'running' && job.cancelRequested) this.#stopping.add(job.id);
    if (isTerminal(job.state)) this.#take(job, !isNew);
    // It may have ended before anybody listened for it.
    else if (!isNew) void this.#check(job.id);
  }

  /** In order. Rejects with the first failure. */
  async results(): Promise<JobResult[]> {
    this.#isWhole = true;
    this.#endIfDone();
    await this.#ended.promise;
    return this.#results as JobResult[];
  }

  async cancel(): Promise<void> {
    await Promise.all([...this.#pending.keys()].map((id) => this.engine.cancel(id)));
  }

  stop(): void {
    this.#ignore();
    clearInterval(this.#look);
    this.signal.removeEventListener('abort', this.#abort);
  }

  async #lookAtSome(): Promise<void> {
    for (const id of [...this.#pending.keys()].slice(0, LOOK_COUNT)) await this.#check(id);
  }

  async #check(id: string): Promise<void> {
    if (!this.#pending.has(id)) return;
    try {
      const job = await this.engine.find(id);
      // Removed: then so is the job that it is a part of, whose signal tells.
      if (!job || !isTerminal(job.state)) return;
      if (job.state !== 'succeeded' && this.#stopping.has(id)) {
        await this.engine.retry(id);
        this.#stopping.delete(id);
      } else this.#take(job);
    } catch {
      // It is looked at again.
    }
  }

  #take(job: Job, found = false): void {
    const index = this.#pending.get(job.id);
    if (index === undefined) return;
    this.#pending.delete(job.id);
    if (job.state === 'succeeded') {
      this.#results[index] = job.result ?? {};
      this.options.onProgress?.(++this.#done, this.total, found);
      this.#endIfDone();
      return;
    }
    const failure = job.failure ?? { code: 'JOB_CANCELLED', message: 'A part of the job was cancelled.' };
    this.#ended.reject(new PartFailedError(index, failure));
  }

  #endIfDone(): void {
    if (this.#isWhole && this.#pending.size === 0) this.#ended.resolve();
  }
}
