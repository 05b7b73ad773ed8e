import type { Job, JobEvent, JobFailure, JobResult, JobState, NewJob, Progress } from './job.js';

export interface JobFilter {
  readonly state?: JobState;
  readonly type?: string;
  /** Parts of this job; without it, jobs that are no part of another. */
  readonly parent?: string;
  /** Jobs older than this one: the next page. */
  readonly before?: string;
  readonly limit: number;
}

export interface CreatedJob {
  readonly job: Job;
  /** False where the idempotency key had made it before. */
  readonly isNew: boolean;
}

/** One attempt at a job, held by one process until it settles it, loses it, or dies. */
export interface Claim {
  /** As it was when it was claimed: `running`, with this attempt's number. */
  readonly job: Job;
  /**
   * Aborts when the job must stop: with JobCancelledError where somebody cancelled it, with ClaimLostError where the
   * engine has given it to another attempt.
   */
  readonly signal: AbortSignal;
}

/** What the listeners of an engine are told, for jobs of every process. */
export interface JobActivity {
  readonly job: string;
  readonly type: string;
}

/**
 * Where jobs are kept and handed out: durable, and safe against the death of any process. Every engine runs
 * `describeJobEngine` of `job-engine.contract.ts`.
 *
 * Delivery is at least once: an attempt whose process died is made again, as long as attempts are left, and then ends in
 * `failed` (JOB_ATTEMPTS_LOST). Settling an attempt that is no longer the job's current one changes nothing.
 */
export abstract class JobEngine {
  /** For people: `embedded`, `postgres`. */
  abstract readonly name: string;

  /**
   * Jobs are on disk when this resolves; all of them or none. Throws IdempotencyKeyReusedError where the key came with
   * another digest.
   */
  abstract create(jobs: readonly NewJob[]): Promise<CreatedJob[]>;

  abstract find(id: string): Promise<Job | undefined>;

  /** Newest first. */
  abstract list(filter: JobFilter): Promise<Job[]>;

  /** How many jobs of each type are in each state, parts included. */
  abstract counts(): Promise<readonly { type: string; state: JobState; count: number }[]>;

  /** A queued job is cancelled at once, and so are its parts; a running one is told to stop. Undefined: no such job. */
  abstract cancel(id: string): Promise<Job | undefined>;

  /**
   * A failed or cancelled job is queued once more, with all its attempts. Undefined where it is in another state, a part
   * of a job that has ended or is told to stop, or not there.
   */
  abstract retry(id: string): Promise<Job | undefined>;

  /** Removes terminal jobs that ended before, with their parts and events: the ids. Their artifacts are the caller's to remove. */
  abstract prune(endedBefore: { succeeded: Date; failed: Date }, limit: number): Promise<string[]>;

  /**
   * Takes up to `count` jobs of one type whose time has come, highest priority first. Empty where there are none. The
   * engine keeps the claims alive until they are settled.
   */
  abstract claim(type: string, count: number): Promise<Claim[]>;

  /** Shows how far an attempt is and what it says. May be called often: the engine writes now and then. */
  abstract report(claim: Claim, what: { progress?: Progress; log?: readonly string[] }): Promise<void>;

  /** False where the claim is not current any more: then nothing has changed. */
  abstract succeed(claim: Claim, result: JobResult): Promise<boolean>;

  /** Queued again for `retryAt`, or `failed` for good without it. False as above. */
  abstract fail(claim: Claim, failure: JobFailure, retryAt?: Date): Promise<boolean>;

  /** The job has stopped because it was cancelled. False as above. */
  abstract stopped(claim: Claim): Promise<boolean>;

  /** Gives an attempt back unharmed, because this process is shutting down: it does not count. False as above. */
  abstract giveBack(claim: Claim): Promise<boolean>;

  /** What happened to a job after the event `after` (0: from the beginning). */
  abstract events(id: string, after: number): Promise<JobEvent[]>;

  /** Calls `listener` soon after something happened to any job, in this or another process. Returns how to stop it. */
  abstract listen(listener: (activity: JobActivity) => void): () => void;

  /** Opens the store, and takes back what dead processes held. */
  abstract open(): Promise<void>;

  abstract close(): Promise<void>;
}
