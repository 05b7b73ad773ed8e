import type { ArtifactReference } from '../artifacts/artifact-store.js';

/** What JSON can hold. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

export const JOB_STATES = ['queued', 'running', 'succeeded', 'failed', 'cancelled'] as const;

/**
 * `queued`: waits for its turn, its time (`startAfter`), or its next attempt. `failed` is where a job ends whose attempts
 * are used up, or whose failure no attempt would mend: it is kept, and can be sent again.
 */
export type JobState = (typeof JOB_STATES)[number];

/** No job leaves these by itself. */
export function isTerminal(state: JobState): state is 'succeeded' | 'failed' | 'cancelled' {
  return state === 'succeeded' || state === 'failed' || state === 'cancelled';
}

/** How far a job is: `done` of `total` parts of work. */
export interface Progress {
  readonly done: number;
  readonly total: number;
  /** How many of those done were found done by an earlier attempt, and took this one no time. */
  readonly found?: number;
  /** What is going on, in a few words. */
  readonly message?: string;
}

/** What a job has made: a small value, files, or both. */
export interface JobResult {
  readonly value?: Json;
  readonly artifacts?: readonly ArtifactReference[];
}

/** Why a job failed, in the words of a problem document: never a stack, a path or a secret. */
export interface JobFailure {
  readonly code: string;
  readonly message: string;
  readonly details?: { readonly [key: string]: Json };
}

/** Work that outlives the request which asked for it. A record of what the engine holds: it does not change. */
export interface Job {
  /** UUID, version 7: later jobs sort later. */
  readonly id: string;
  /** Name of its job type, which is also its queue. */
  readonly type: string;
  /** The job it is a part of. */
  readonly parent?: string;
  readonly state: JobState;
  /** What its job type's `run` is given. Large data are artifacts. */
  readonly request: Json;
  /** Who asked, as far as the server knows. */
  readonly requestedBy?: string;
  /** From -100 to 100; greater ones first, then older ones. */
  readonly priority: number;
  readonly createdAt: Date;
  /** Not before. */
  readonly startAfter?: Date;
  /** Of the latest attempt. */
  readonly startedAt?: Date;
  readonly finishedAt?: Date;
  /** How many attempts have begun. */
  readonly attempt: number;
  readonly maxAttempts: number;
  /** Of one attempt. */
  readonly timeLimitSeconds: number;
  readonly cancelRequested: boolean;
  readonly progress?: Progress;
  /** The latest lines it has said, oldest first: at most `LOG_TAIL_LINES`. */
  readonly log: readonly string[];
  /** Of a job that succeeded. */
  readonly result?: JobResult;
  /** Of the latest attempt that failed. */
  readonly failure?: JobFailure;
  readonly webhook?: string;
}

export const LOG_TAIL_LINES = 50;

/** The same key with the same digest of the request means the same job. */
export interface Idempotency {
  readonly key: string;
  /** SHA-256 of everything that was asked for, in hexadecimal. */
  readonly digest: string;
}

export interface NewJob {
  readonly id: string;
  readonly type: string;
  readonly request: Json;
  readonly parent?: string;
  readonly requestedBy?: string;
  readonly priority: number;
  readonly startAfter?: Date;
  readonly maxAttempts: number;
  readonly timeLimitSeconds: number;
  readonly idempotency?: Idempotency;
  readonly webhook?: string;
}

/** One thing that happened to a job. `id` rises from 1 within a job; a reader that has seen `id` asks for what is after. */
export interface JobEvent {
  readonly id: number;
  readonly at: Date;
  readonly type: 'state' | 'progress' | 'log';
  readonly data: { readonly [key: string]: Json };
}
