import { Injectable } from '@nestjs/common';
import { ArtifactStore } from '../../artifacts/artifact-store.js';
import { Config } from '../../common/config/config.js';
import type { Answer } from '../../common/http/answer.js';
import type { StreamedAnswer } from '../../common/http/send-stream.js';
import { npyBytes } from '../../common/media/npy.js';
import { artifactPrefix } from '../../jobs/job-type.js';
import { JOB_OPTION_NAMES, type JobOptions, type JobRequest } from '../../jobs/job-options.js';
import { isTerminal, type Json } from '../../jobs/job.js';
import { JobsService } from '../../jobs/jobs.service.js';
import type { ReadyEntry } from '../../models/model-entry.js';
import { identityOf } from '../model-identity.js';
import { type AskedPrediction, PredictExchange, type PredictTarget } from '../predict-exchange.js';
import type { PostedRows } from '../predict-request.js';
import { PredictService } from '../predict.service.js';
import {
  ARTIFACTS,
  BINARY,
  type JobInput,
  type JobPredictOptions,
  PREDICT,
  type PredictJobRequest,
} from './predict-job.js';

type AnyAnswer = Answer | StreamedAnswer;

/** What a job is made of, once its files are stored. */
export interface NewPrediction {
  readonly id: string;
  readonly target: PredictTarget;
  readonly entry: ReadyEntry;
  readonly options: JobPredictOptions;
  readonly input: JobInput;
  /** Tells these rows from others: the SHA-256 of a file, say. */
  readonly rowsIdentity: Json;
}

/** Predictions that their clients need not wait for. */
@Injectable()
export class AsyncPredictions {
  constructor(
    private readonly exchange: PredictExchange,
    private readonly service: PredictService,
    private readonly jobs: JobsService,
    private readonly artifacts: ArtifactStore,
    private readonly config: Config,
  ) {}

  /**
   * Answers a POST with `Prefer`: as without it, if `respond-async` is not in it, or if the client would wait and the
   * model is fast enough; otherwise by a job. Throws what `PredictExchange.postRows` throws, before there is a job.
   */
  async postRows(target: PredictTarget, posted: PostedRows, request: JobRequest): Promise<AnyAnswer> {
    const options = this.jobs.options(request);
    if (!options.prefer.respondAsync) return this.exchange.postRows(target, posted);
    const query = withoutJobOptions(posted.query);
    const asked = await this.exchange.readRows(target, { ...posted, query });
    if (await this.#isShort(asked, options)) return this.exchange.answer(asked, posted.gone);
    const { entry } = asked;
    const { X, options: predictOptions } = asked.asked;
    await this.#validate(asked);
    const id = this.jobs.newId();
    const key = artifactPrefix({ id }) + ARTIFACTS.rows;
    const { sha256 } = await this.artifacts.put(key, npyBytes(X.data), { mediaType: BINARY });
    const made = { id, target, entry, options: predictOptions, input: { kind: 'rows', rows: X.rows }, rowsIdentity: sha256 } as const; // prettier-ignore
    return this.submit(made, options, posted.gone);
  }

  /** Makes the job whose files are stored under this id, and answers as the client prefers. Without a job, removes them. */
  async submit(
    { id, target, entry, options: asked, input, rowsIdentity }: NewPrediction,
    options: JobOptions,
    gone: () => AbortSignal,
  ): Promise<AnyAnswer> {
    const predictOptions = { ...asked };
    const request: PredictJobRequest = { model: identityOf(entry), options: predictOptions, input };
    // What was asked for, not what it means by now: the same request is the same job after a rollout, too.
    const { name = null, version = null } = target;
    const identity = { name, version, options: predictOptions, rows: rowsIdentity } as Json;
    let isNew = false;
    try {
      const created = await this.jobs.submit(PREDICT, request as unknown as Json, options, { id, identity });
      ({ isNew } = created);
      return await this.#answer(created.job.id, target, options, gone);
    } finally {
      if (!isNew) await this.artifacts.remove(artifactPrefix({ id }));
    }
  }

  async #answer(
    id: string,
    { accept }: PredictTarget,
    options: JobOptions,
    gone: () => AbortSignal,
  ): Promise<AnyAnswer> {
    const job = await this.jobs.waitFor(id, options.prefer.waitSeconds ?? 0, gone());
    const accepted = this.jobs.accepted(job, options);
    if (!isTerminal(job.state)) return accepted;
    const answer = await this.jobs.result(job, accept);
    const { 'Content-Type': _jobType, ...headers } = accepted.headers;
    return { ...answer, headers: { ...headers, ...answer.headers } };
  }

  /** Whether a client that would wait anyway may have the answer at once, and wants nothing that only a job has. */
  async #isShort(
    { entry, asked }: AskedPrediction,
    { prefer, asked: jobWishes, idempotencyKey }: JobOptions,
  ): Promise<boolean> {
    const { waitSeconds } = prefer;
    if (waitSeconds === undefined || idempotencyKey !== undefined || Object.keys(jobWishes).length > 0)
      return false;
    const { seconds } = await this.service.cost(entry, asked.X.rows, asked.options);
    return seconds !== undefined && seconds <= Math.min(waitSeconds, this.config.jobsSyncLimit);
  }

  /** Many rows are answered in parts, so that there is no limit to the whole; what is joint is in one. */
  async #validate({ entry, asked: { X, options } }: AskedPrediction): Promise<void> {
    if (this.service.isJoint(entry, options)) {
      await this.service.validate(entry, X, options);
      return;
    }
    const checker = await this.service.checker(entry, options);
    await checker.check(X);
    checker.throwIfAny();
  }
}

/** Parameters that say something about the prediction. */
export function withoutJobOptions(query: PostedRows['query']): PostedRows['query'] {
  return Object.fromEntries(
    Object.entries(query).filter(([name]) => !(JOB_OPTION_NAMES as readonly string[]).includes(name)),
  );
}
