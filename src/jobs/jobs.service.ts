import { createHash } from 'node:crypto';
import { type BeforeApplicationShutdown, Injectable } from '@nestjs/common';
import type { Answer, WholeAnswer } from '../common/http/answer.js';
import type { StreamedAnswer } from '../common/http/send-stream.js';
import { ArtifactStore } from '../artifacts/artifact-store.js';
import { Config } from '../common/config/config.js';
import { isTerminal, type Job, type Json } from './job.js';
import { JobChanges } from './job-changes.js';
import { type CreatedJob, JobEngine, type JobFilter } from './job-engine.js';
import { JobCancelledError } from './engine-errors.js';
import {
  JobEndedError,
  JobFailedError,
  JobNotFinishedError,
  JobNotFoundError,
  JobNotRetryableError,
} from './job-errors.js';
import { isJobId, newJobId } from './job-id.js';
import { type JobOptions, type JobRequest, readJobOptions } from './job-options.js';
import { JobTypes } from './job-types.js';
import { jobJson, secondsLeft } from './job.dto.js';
import { WebhookAccess } from './webhook/webhook-access.js';

/** Whoever asks to wait for longer is answered after this. */
const MOST_WAIT_SECONDS = 60;

export interface Submission {
  /** Where files have been stored under the job's id before it was made: from `newId`. */
  readonly id?: string;
  /**
   * What tells this request from others, where `request` names files by the job's id: their SHA-256, say. By default the
   * request itself. An idempotency key that comes again with another identity is refused.
   */
  readonly identity?: Json;
}

/** What features and routes do with jobs. */
@Injectable()
export class JobsService implements BeforeApplicationShutdown {
  readonly #stopping = new AbortController();

  constructor(
    private readonly engine: JobEngine,
    private readonly types: JobTypes,
    private readonly artifacts: ArtifactStore,
    private readonly changes: JobChanges,
    private readonly config: Config,
    private readonly webhooks: WebhookAccess,
  ) {}

  beforeApplicationShutdown(): void {
    this.#stopping.abort();
  }

  /** What a request says about the job it is to make. Throws InvalidInputError. */
  options(request: JobRequest): JobOptions {
    return readJobOptions(request, {
      timeLimitSeconds: this.config.jobsTimeLimit,
      maxAttempts: this.config.jobsMaxAttempts,
      refuseWebhook: (url) => this.webhooks.refusal(url),
    });
  }

  /** For who must store files of a job before it is made: their keys begin with `artifactPrefix`. */
  newId(): string {
    return newJobId();
  }

  /**
   * Makes a job, durably; or finds the one that the same idempotency key has made before (`isNew` is false, and files that
   * were stored under another id are the caller's to remove). Throws IdempotencyKeyReusedError.
   */
  async submit(
    type: string,
    request: Json,
    options: JobOptions,
    { id = newJobId(), identity = request }: Submission = {},
  ): Promise<CreatedJob> {
    const { idempotencyKey: key, asked, prefer: _prefer, ...rest } = options;
    // The server has keys of its own, which nobody is to guess.
    const idempotency = key !== undefined && {
      idempotency: { key: `client/${key}`, digest: digest([type, identity, asked]) },
    };
    const [created] = await this.engine.create([{ id, type, request, ...rest, ...idempotency }]);
    return created;
  }

  /** Throws JobNotFoundError. */
  async find(id: string): Promise<Job> {
    const job = isJobId(id) ? await this.engine.find(id) : undefined;
    if (!job) throw new JobNotFoundError();
    return job;
  }

  /** Newest first. Jobs of the server's own, such as deliveries of webhooks, only where their type is asked for. */
  async list({ before, limit, ...filter }: JobFilter): Promise<Job[]> {
    const jobs: Job[] = [];
    for (let last = before, isMore = true; isMore && jobs.length < limit;) {
      const page = await this.engine.list({ ...filter, limit, ...(last !== undefined && { before: last }) });
      isMore = page.length === limit;
      last = page.at(-1)?.id;
      const isShown = ({ type }: Job): boolean =>
        filter.type !== undefined || filter.parent !== undefined || this.types.get(type)?.isPart !== true;
      jobs.push(...page.filter(isShown));
    }
    return jobs.slice(0, limit);
  }

  /** How many jobs that are no parts of others are in each state. */
  async counts(type?: string): Promise<Record<Job['state'], number>> {
    const counts = { queued: 0, running: 0, succeeded: 0, failed: 0, cancelled: 0 };
    for (const { type: of, state, count } of await this.engine.counts()) {
      if (type === undefined ? this.types.get(of)?.isPart !== true : of === type) counts[state] += count;
    }
    return counts;
  }

  /**
   * The job when it has ended, or as it is after `seconds`, when `signal` aborts, or when the server stops. Throws
   * JobNotFoundError.
   */
  async waitFor(id: string, seconds: number, signal: AbortSignal): Promise<Job> {
    const limit = AbortSignal.timeout(Math.min(seconds, MOST_WAIT_SECONDS) * 1000);
    const enough = AbortSignal.any([signal, limit, this.#stopping.signal]);
    let changed = Promise.withResolvers<void>();
    const stop = this.changes.on(id, () => changed.resolve());
    enough.addEventListener('abort', () => changed.resolve(), { once: true });
    try {
      for (;;) {
        const job = await this.find(id);
        if (isTerminal(job.state) || enough.aborted) return job;
        await changed.promise;
        changed = Promise.withResolvers();
      }
    } finally {
      stop();
    }
  }

  /**
   * The answer to a request that made a job: 202 and where to look; 200 where it has ended already. With `options`, says
   * which preferences were kept.
   */
  accepted(job: Job, options?: JobOptions): WholeAnswer {
    const ended = isTerminal(job.state);
    const applied = options && appliedPreferences(options);
    return {
      status: ended ? 200 : 202,
      headers: {
        'Content-Type': 'application/json; charset=utf-8',
        Location: `/jobs/${job.id}`,
        ...(!ended && { 'Retry-After': String(secondsLeft(job)) }),
        ...(applied && { 'Preference-Applied': applied }),
      },
      body: JSON.stringify(jobJson(job)),
    };
  }

  /** Waits as the client prefers (`Prefer: wait=5`), and answers as `accepted`. */
  async acceptedAfterWait(job: Job, options: JobOptions, signal: AbortSignal): Promise<WholeAnswer> {
    const { waitSeconds = 0 } = options.prefer;
    return this.accepted(waitSeconds > 0 ? await this.waitFor(job.id, waitSeconds, signal) : job, options);
  }

  /**
   * The result of a job that succeeded, as its type writes it. Throws JobNotFinishedError, JobFailedError,
   * JobCancelledError, and what the type says to `accept`.
   */
  async result(job: Job, accept: string | undefined): Promise<Answer | StreamedAnswer> {
    if (job.state === 'cancelled') throw new JobCancelledError();
    if (job.state === 'failed' && job.failure) throw new JobFailedError(job.failure);
    if (!isTerminal(job.state)) throw new JobNotFinishedError(job.state, secondsLeft(job));
    const type = this.types.get(job.type);
    if (type?.answer) return type.answer(job, { accept, artifacts: this.artifacts });
    return {
      status: 200,
      headers: { 'Content-Type': 'application/json; charset=utf-8' },
      body: JSON.stringify(job.result?.value ?? null),
    };
  }

  /** A queued job is cancelled at once, a running one is told to stop. Throws JobNotFoundError, JobEndedError. */
  async cancel(id: string): Promise<Job> {
    const { state } = await this.find(id);
    if (state === 'succeeded' || state === 'failed') throw new JobEndedError(state);
    const job = await this.engine.cancel(id);
    if (!job) throw new JobNotFoundError();
    // It may have ended in between.
    if (job.state === 'succeeded' || job.state === 'failed') throw new JobEndedError(job.state);
    return job;
  }

  /** Throws JobNotFoundError, JobNotRetryableError. */
  async retry(id: string): Promise<Job> {
    const { state } = await this.find(id);
    const job = await this.engine.retry(id);
    if (!job) throw new JobNotRetryableError(state);
    return job;
  }
}

function appliedPreferences({ prefer: { respondAsync, waitSeconds } }: JobOptions): string {
  const wait = waitSeconds !== undefined && `wait=${Math.min(waitSeconds, MOST_WAIT_SECONDS)}`;
  return [respondAsync && 'respond-async', wait].filter((text) => text !== false).join(', ');
}

/** SHA-256 of a value as JSON with its members in order. */
function digest(value: Json): string {
  return createHash('sha256').update(JSON.stringify(value, sorted)).digest('hex');
}

function sorted(_name: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
