import { Injectable } from '@nestjs/common';
import { count } from '../common/media/describe.js';
import { WorkerPool } from '../common/pool/worker-pool.js';
import { DiagnosticsService } from '../diagnostics/diagnostics.service.js';
import type { JobResult, Json } from '../jobs/job.js';
import { type JobContext, JobType } from '../jobs/job-type.js';
import { TrainingStore } from './stored-training.js';
import { atATime, TrainingService } from './training.service.js';

export const TRAIN = 'train';
const TRAIN_PART = 'train-part';

/** Trains a model and puts it into the repository. The search's pieces are jobs of their own, which any worker takes. */
@Injectable()
export class TrainJobType extends JobType {
  readonly name = TRAIN;
  readonly concurrency = 2;

  constructor(
    private readonly service: TrainingService,
    private readonly store: TrainingStore,
    private readonly diagnostics: DiagnosticsService,
  ) {
    super();
  }

  async run(request: Json, context: JobContext): Promise<JobResult> {
    const { signal } = context;
    const begun = performance.now();
    const training = await this.store.get(request);
    const { X, Y } = training.data;
    context.log(`${count(X.rows, 'point')}, ${count(X.cols, 'input')}, ${count(Y.cols, 'output')}`);
    const trained = await this.service.train(training, {
      signal,
      log: (line) => context.log(line),
      progress: (done, total) =>
        context.progress(done, total, `${done} of ${total} searches for hyperparameters have ended`),
      share: async (pieces, { round, onProgress }) => {
        const requests = pieces.map((piece) => ({ ...(request as { readonly [key: string]: Json }), piece }));
        const parts = await context.spread(TRAIN_PART, requests, { name: `${round}`, onProgress });
        return parts.map(({ value }) => value ?? null);
      },
    });
    signal.throwIfAborted();
    const entry = await this.service.commit(training.target, trained);
    context.log(`version ${entry.version} of ${entry.name}`);
    const diagnostics = entry.supports.includes('diagnostics')
      ? await this.diagnostics.diagnoseEntry(entry, undefined, signal)
      : undefined;
    return {
      value: {
        model: entry.name,
        version: entry.version,
        ...trained.facts,
        ...(diagnostics && { diagnostics: diagnostics as unknown as Json }),
        warnings: [...trained.warnings, ...(diagnostics?.warnings.map(({ message }) => message) ?? [])],
        seconds: Math.round(performance.now() - begun) / 1000,
      },
    };
  }
}

/** One piece of a search. */
@Injectable()
export class TrainPartJobType extends JobType {
  readonly name = TRAIN_PART;
  readonly concurrency: number;
  override readonly isPart = true;

  constructor(
    private readonly service: TrainingService,
    private readonly store: TrainingStore,
    pool: WorkerPool,
  ) {
    super();
    this.concurrency = atATime(pool.threads);
  }

  async run(request: Json, { signal }: JobContext): Promise<JobResult> {
    const { target, settings, data } = await this.store.get(request);
    const { piece } = request as { readonly piece: Json };
    return { value: await this.service.trainer(target.type).work(data, settings, piece, signal) };
  }
}
