import { Injectable } from '@nestjs/common';
import type { JobResult, Json } from '../jobs/job.js';
import { type JobContext, JobType } from '../jobs/job-type.js';
import { Matrix } from '../numeric/linalg/matrix.js';
import type { Observations } from './observations.js';
import { ObserveService } from './observe.service.js';

/** What a job is given: rows of numbers, in the order of the model's inputs and outputs. */
interface ObserveRequest {
  readonly model: string;
  readonly inputs: readonly (readonly number[])[];
  readonly outputs: readonly (readonly number[])[];
  readonly baseVersion?: string;
  readonly alias?: string;
}

/** Observations that are added later: `Prefer: respond-async`. */
@Injectable()
export class ObserveJobType extends JobType {
  readonly name = 'observe';
  readonly concurrency = 1;

  constructor(private readonly service: ObserveService) {
    super();
  }

  /** The job's id is the key: when it is attempted again, the version that it made is the result. */
  async run(request: Json, context: JobContext): Promise<JobResult> {
    const { model, inputs, outputs, ...rest } = request as unknown as ObserveRequest;
    const observations = { X: Matrix.fromRows(inputs), Y: Matrix.fromRows(outputs), ...rest };
    const { entry } = await this.service.observe(
      model,
      observations,
      `job ${context.job.id}`,
      context.signal,
    );
    const { version, file } = entry;
    context.log(`Added ${observations.X.rows} observations: version ${version}.`);
    return { value: { model, version, sha256: file.sha256, observations: observations.X.rows } };
  }
}

export function observeRequest(model: string, { X, Y, baseVersion, alias }: Observations): Json {
  return {
    model,
    inputs: rowsOf(X),
    outputs: rowsOf(Y),
    ...(baseVersion !== undefined && { baseVersion }),
    ...(alias !== undefined && { alias }),
  };
}

function rowsOf(matrix: Matrix): number[][] {
  return Array.from({ length: matrix.rows }, (_, i) => [...matrix.row(i)]);
}
