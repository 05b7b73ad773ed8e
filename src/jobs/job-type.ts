import type { ArtifactStore } from '../artifacts/artifact-store.js';
import type { Answer } from '../common/http/answer.js';
import type { StreamedAnswer } from '../common/http/send-stream.js';
import type { Job, JobResult, Json } from './job.js';

/** What a running job may use. */
export interface JobContext {
  readonly job: Job;
  /** Aborts when the job must stop: cancelled, over its time limit, claimed by another process, or shutting down. */
  readonly signal: AbortSignal;
  readonly artifacts: ArtifactStore;

  /** Says how far the job is; may be called often. */
  progress(done: number, total: number, message?: string): void;

  /** Says a line. */
  log(line: string): void;

  /**
   * Shares work out as jobs of the type `type`, one a request, which any worker may take; resolves with their results, in
   * the order of the requests. When the job is attempted again, the parts that have succeeded are not done again. The
   * first part that fails for good cancels the others and is what this rejects with.
   */
  spread(type: string, requests: readonly Json[], options?: SpreadOptions): Promise<JobResult[]>;
}

export interface SpreadOptions {
  /** Tells the spreads of one job apart, where there are several; the same at each attempt. */
  readonly name?: string;
  /** Called when a part has ended, or was found done by an earlier attempt. */
  readonly onProgress?: (done: number, total: number, found: boolean) => void;
}

/**
 * A kind of long work. Its owner's module registers it with the JobTypes; `run` may be called again for a job that it
 * had begun before (its process died), and must then come to the same end.
 */
export abstract class JobType {
  /** Also the name of its queue: `train`, `predict`, `predict-part`. */
  abstract readonly name: string;

  /** How many jobs of this type one process runs at the same time. */
  abstract readonly concurrency: number;

  /** What a client is not meant to see in the list of jobs: parts of others. */
  readonly isPart: boolean = false;

  /**
   * Does the work. A DomainError fails the job for good (it would fail again), unless it says that something cannot be
   * had for now; any other error is attempted again. When the signal aborts, it stops soon and throws the signal's reason.
   */
  abstract run(request: Json, context: JobContext): Promise<JobResult>;

  /** How `GET /jobs/{id}/result` answers for a job that succeeded, where that is not its value as JSON. */
  answer?(job: Job, context: AnswerContext): Promise<Answer | StreamedAnswer>;
}

/** What the answer of a result may depend on. */
export interface AnswerContext {
  /** The Accept header: see `negotiate`. */
  readonly accept: string | undefined;
  readonly artifacts: ArtifactStore;
}

/** Where the files of a job are: their keys begin with it. */
export function artifactPrefix({ id, parent }: Pick<Job, 'id' | 'parent'>): string {
  return `jobs/${parent ?? id}/`;
}
