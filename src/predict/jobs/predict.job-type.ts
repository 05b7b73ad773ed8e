import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { Injectable } from '@nestjs/common';
import { ArtifactNotFoundError } from '../../artifacts/artifact-errors.js';
import type { Answer } from '../../common/http/answer.js';
import type { StreamedAnswer } from '../../common/http/send-stream.js';
import type { Job, JobResult, Json } from '../../jobs/job.js';
import { type AnswerContext, artifactPrefix, type JobContext, JobType } from '../../jobs/job-type.js';
import type { ReadyEntry } from '../../models/model-entry.js';
import { PartPredictor } from './part-predictor.js';
import { PinnedModels } from './pinned-models.js';
import {
  ARTIFACTS,
  PREDICT,
  PREDICT_PART,
  type PredictJobRequest,
  type PredictPartRequest,
  type PredictPartValue,
  type PredictPlan,
} from './predict-job.js';
import { PredictPlanner } from './predict-planner.js';
import { partRange, PredictionResult, type PredictionSummary } from './prediction-result.js';
import { ResultWriter } from './result-writer.js';
import { ROWS_IN_HEADER } from '../prediction-warnings.js';

/** A prediction that outlives its request: of any number of rows, in parts that any worker takes. */
@Injectable()
export class PredictJobType extends JobType {
  readonly name = PREDICT;
  /** Mostly they wait for their parts. */
  readonly concurrency = 4;

  constructor(
    private readonly models: PinnedModels,
    private readonly planner: PredictPlanner,
    private readonly predictor: PartPredictor,
    private readonly writer: ResultWriter,
  ) {
    super();
  }

  async run(value: Json, context: JobContext): Promise<JobResult> {
    const request = value as unknown as PredictJobRequest;
    const entry = await this.models.find(request.model);
    const plan = await this.#plan(entry, request, context);
    const parts = await this.#predict(request, plan, context);
    context.progress(plan.rows, plan.rows);
    return { value: summarise(entry, request, plan, parts) as unknown as Json };
  }

  override answer(job: Job, { accept, artifacts }: AnswerContext): Promise<Answer | StreamedAnswer> {
    const summary = job.result?.value as unknown as PredictionSummary;
    return this.writer.write(new PredictionResult(summary, artifacts, artifactPrefix(job)), accept);
  }

  /** What an attempt before has decided holds: its parts may be there. */
  async #plan(entry: ReadyEntry, request: PredictJobRequest, context: JobContext): Promise<PredictPlan> {
    const { artifacts, job } = context;
    const key = artifactPrefix(job) + ARTIFACTS.plan;
    try {
      return JSON.parse((await buffer(await artifacts.read(key))).toString()) as PredictPlan;
    } catch (error) {
      if (!(error instanceof ArtifactNotFoundError)) throw error;
    }
    const plan = await this.planner.plan(entry, request, context);
    await artifacts.put(key, Readable.from([Buffer.from(JSON.stringify(plan))]), {
      mediaType: 'application/json',
    });
    // Its rows are there in another form.
    if (request.input.kind === 'upload') await artifacts.remove(artifactPrefix(job) + ARTIFACTS.input);
    return plan;
  }

  async #predict(
    { model }: PredictJobRequest,
    plan: PredictPlan,
    context: JobContext,
  ): Promise<readonly PredictPartValue[]> {
    const { rows, parts, options } = plan;
    const requests = Array.from({ length: parts }, (_, part): PredictPartRequest => ({
      model,
      options,
      part,
      ...partRange(plan, part),
    }));
    context.progress(0, rows, 'predicting rows');
    if (parts === 1) return [await this.predictor.predict(requests[0], context)];
    context.log(`${rows} rows in ${parts} parts of ${plan.rowsPerPart}.`);
    const results = await context.spread(PREDICT_PART, requests as unknown as Json[], {
      onProgress: (done) =>
        context.progress(Math.min(rows, done * plan.rowsPerPart), rows, 'predicting rows'),
    });
    return results.map(({ value }) => value as unknown as PredictPartValue);
  }
}

function summarise(
  { inputs, outputs }: ReadyEntry,
  { model }: PredictJobRequest,
  { options, ...plan }: PredictPlan,
  parts: readonly PredictPartValue[],
): PredictionSummary {
  const [{ shape }] = parts;
  if (parts.some((part) => JSON.stringify(part.shape) !== JSON.stringify(shape))) {
    throw new Error('The model has not answered the same to each part.');
  }
  return {
    model,
    ...plan,
    shape,
    inputs: inputs.map(({ name }) => name),
    outputs: outputs.map(({ name }) => name),
    squeeze: options.squeeze ?? true,
    atRounding: {
      count: parts.reduce((count, { atRounding }) => count + atRounding.count, 0),
      first: parts.flatMap(({ atRounding }) => atRounding.first).slice(0, ROWS_IN_HEADER),
    },
  };
}
