import { Injectable } from '@nestjs/common';
import type { JobResult, Json } from '../../jobs/job.js';
import { type JobContext, JobType } from '../../jobs/job-type.js';
import { PartPredictor } from './part-predictor.js';
import { PREDICT_PART, type PredictPartRequest } from './predict-job.js';

/** Some rows of a large prediction, for any worker to take. */
@Injectable()
export class PredictPartJobType extends JobType {
  readonly name = PREDICT_PART;
  /** One computes while another reads or writes; the model shares its work among all threads itself. */
  readonly concurrency = 2;
  override readonly isPart = true;

  constructor(private readonly predictor: PartPredictor) {
    super();
  }

  async run(request: Json, context: JobContext): Promise<JobResult> {
    const value = await this.predictor.predict(request as unknown as PredictPartRequest, context);
    return { value: value as unknown as Json };
  }
}
