import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import type { ArtifactStore } from '../artifacts/artifact-store.js';
import { DomainError, type ErrorKind } from '../common/errors/domain-error.js';
import { ClaimLostError, JobCancelledError, JobTimedOutError, ShuttingDownError } from './engine-errors.js';
import type { JobFailure, JobResult, Json } from './job.js';
import type { Claim, JobEngine } from './job-engine.js';
import type { JobContext, JobType, SpreadOptions } from './job-type.js';
import { spread } from './spread.js';

const FIRST_RETRY_MS = 1000;
const LAST_RETRY_MS = 5 * 60_000;
/** Work that has been told to stop has so long before it is given up. */
const STOP_GRACE_MS = 10_000;
/** Where the engine cannot write how an attempt ended, it is asked again. */
const SETTLE_AGAIN_MS = 1000;
const LONGEST_LINE = 2000;
/** What another attempt may not meet again: the job's store, or a server that it asks, cannot be had for now. */
const TRANSIENT: ReadonlySet<ErrorKind> = new Set(['unavailable', 'bad-gateway', 'timeout']);
/** The longest that a timer can wait. */
const LONGEST_MS = 2 ** 31 - 1;

/** What an attempt may do with its runner while it waits for others. */
export interface Slot {
  /** Lets other jobs of the type begin while `work` waits for them. */
  lend<T>(work: () => Promise<T>): Promise<T>;
}

/** One attempt at a job: runs it within its limits, and settles the claim by how that ended. */
export class JobAttempt {
  private readonly logger = new Logger('Jobs');
  readonly #limit = new AbortController();
  readonly #signal: AbortSignal;

  constructor(
    private readonly engine: JobEngine,
    private readonly artifacts: ArtifactStore,
    private readonly type: JobType,
    private readonly claim: Claim,
    private readonly slot: Slot,
    private readonly shutdown: AbortSignal,
  ) {
    this.#signal = AbortSignal.any([claim.signal, this.#limit.signal, shutdown]);
  }

  /** Resolves when the claim is settled, or never will be by this process. Never rejects. */
  async run(): Promise<void> {
    const { job } = this.claim;
    const limitMs = Math.min(job.timeLimitSeconds * 1000, LONGEST_MS);
    const timer = setTimeout(() => this.#limit.abort(new JobTimedOutError(job.timeLimitSeconds)), limitMs);
    try {
      const result = await this.#runToEnd();
      await this.#settle(() => this.engine.succeed(this.claim, result));
    } catch (error) {
      await this.#settle(() => this.#end(error));
    } finally {
      clearTimeout(timer);
    }
  }

  /** Rejects with the signal's reason soon after it aborts, whatever the work does. */
  async #runToEnd(): Promise<JobResult> {
    const stopped = Promise.withResolvers<never>();
    let grace: NodeJS.Timeout | undefined;
    const stop = (): void => {
      grace = setTimeout(() => {
        this.logger.error(`A job of the type "${this.type.name}" does not stop: it is left alone.`);
        stopped.reject(this.#signal.reason as Error);
      }, STOP_GRACE_MS);
    };
    if (this.#signal.aborted) stop();
    else this.#signal.addEventListener('abort', stop, { once: true });
    try {
      return await Promise.race([this.#work(), stopped.promise]);
    } catch (error) {
      // Work that is told to stop ends in errors of many kinds.
      throw this.#signal.aborted ? this.#signal.reason : error;
    } finally {
      clearTimeout(grace);
      this.#signal.removeEventListener('abort', stop);
    }
  }

  async #work(): Promise<JobResult> {
    this.#signal.throwIfAborted();
    return this.type.run(this.claim.job.request, this.#context());
  }

  #context(): JobContext {
    const { job } = this.claim;
    let isFinding = false;
    let found = 0;
    const report = (what: Parameters<JobEngine['report']>[1]): void => {
      this.engine.report(this.claim, what).catch((error: unknown) => this.logger.error(error));
    };
    return {
      job,
      signal: this.#signal,
      artifacts: this.artifacts,
      progress: (done, total, message) => {
        if (isFinding) found = done;
        report({
          progress: { done, total, ...(found > 0 && { found }), ...(message !== undefined && { message }) },
        });
      },
      log: (line) => report({ log: [line.slice(0, LONGEST_LINE)] }),
      spread: (type: string, requests: readonly Json[], options: SpreadOptions = {}) => {
        const onProgress: SpreadOptions['onProgress'] = (done, total, isFound) => {
          // In its own units, the job says how far this brings it.
          isFinding = isFound;
          options.onProgress?.(done, total, isFound);
          isFinding = false;
        };
        const work = (): Promise<JobResult[]> =>
          spread(this.engine, job, this.#signal, type, requests, { ...options, onProgress });
        // It would wait for itself where it held the only place of its type.
        return type === this.type.name ? this.slot.lend(work) : work();
      },
    };
  }

  #end(error: unknown): Promise<boolean> {
    if (error instanceof ClaimLostError) return Promise.resolve(false);
    if (error instanceof JobCancelledError && this.claim.signal.aborted)
      return this.engine.stopped(this.claim);
    if (error instanceof ShuttingDownError) return this.engine.giveBack(this.claim);
    const { attempt, maxAttempts } = this.claim.job;
    const retryAt = attempt < maxAttempts ? retryTime(attempt) : undefined;
    if (error instanceof DomainError) {
      return this.engine.fail(this.claim, failureOf(error), TRANSIENT.has(error.kind) ? retryAt : undefined);
    }
    this.logger.error(error);
    return this.engine.fail(this.claim, unexpectedFailure(maxAttempts), retryAt);
  }

  /** The engine may be unavailable for a while (a full disk): what has been done is not thrown away for that. */
  async #settle(settle: () => Promise<boolean>): Promise<void> {
    const fail = (): Promise<boolean> =>
      this.engine.fail(this.claim, unexpectedFailure(this.claim.job.attempt));
    for (let end = settle; ;) {
      try {
        await end();
        return;
      } catch (error) {
        this.logger.error(error);
        if (error instanceof DomainError) {
          // Then whoever opens the store next takes the job back.
          if (this.shutdown.aborted) return;
          await sleep(SETTLE_AGAIN_MS);
        } else if (end === fail) return;
        // The result cannot be kept: it is no JSON.
        else end = fail;
      }
    }
  }
}

function failureOf(error: DomainError): JobFailure {
  const details = JSON.parse(JSON.stringify(error.details)) as Record<string, Json>;
  return {
    code: error.code,
    message: error.message,
    ...(Object.keys(details).length > 0 && { details }),
  };
}

/** What went wrong is in the log: it may tell of paths and of the code. */
function unexpectedFailure(attempts: number): JobFailure {
  const times = attempts === 1 ? 'an error' : `errors, in up to ${attempts} attempts`;
  return {
    code: 'INTERNAL_ERROR',
    message: `The job ended in ${times} of the server's own. The log of the server has the cause.`,
  };
}

/** Twice as long after each attempt, within a half more or less, so that jobs that failed together do not come back so. */
function retryTime(attempt: number): Date {
  const wait = Math.min(FIRST_RETRY_MS * 2 ** (attempt - 1), LAST_RETRY_MS);
  return new Date(Date.now() + wait * (0.5 + Math.random()));
}
