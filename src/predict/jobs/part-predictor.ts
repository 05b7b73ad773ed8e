import { Injectable } from '@nestjs/common';
import type { ReadyEntry } from '../../models/model-entry.js';
import { Matrix } from '../../numeric/linalg/matrix.js';
import { artifactPrefix, type JobContext } from '../../jobs/job-type.js';
import { ROWS_IN_HEADER } from '../prediction-warnings.js';
import { PredictService } from '../predict.service.js';
import type { TrustedPrediction } from '../trust.js';
import { PinnedModels } from './pinned-models.js';
import { ARTIFACTS, BINARY, type PredictPartRequest, type PredictPartValue } from './predict-job.js';
import { encodePrediction } from './prediction-file.js';
import { partKey } from './prediction-result.js';

/** Predicts some rows of a job, and stores the answers. */
@Injectable()
export class PartPredictor {
  constructor(
    private readonly service: PredictService,
    private readonly models: PinnedModels,
  ) {}

  /** Throws what the model throws, rows counted as in the whole request, and ModelVersionGoneError. */
  async predict(request: PredictPartRequest, context: JobContext): Promise<PredictPartValue> {
    const { job, artifacts, signal } = context;
    const entry = await this.models.find(request.model);
    const prediction = await this.#predict(
      entry,
      await readRows(request, entry.inputs.length, context),
      request,
      context,
    );
    const { shape, bytes } = encodePrediction(prediction);
    await artifacts.put(partKey(artifactPrefix(job), request.part), bytes, { mediaType: BINARY, signal });
    const flagged = prediction.varianceAtRounding ?? new Uint32Array();
    const first = Array.from(flagged.subarray(0, ROWS_IN_HEADER), (row) => row + request.start);
    return { shape, atRounding: { count: flagged.length, first } };
  }

  async #predict(
    entry: ReadyEntry,
    X: Matrix,
    { options: { squeeze: _squeeze, ...options }, start }: PredictPartRequest,
    context: JobContext,
  ): Promise<TrustedPrediction> {
    try {
      // The domain was checked for all rows together.
      return await this.service.predict(entry, X, { ...options, domain: 'ignore' }, context.signal, (line) =>
        context.log(line),
      );
    } catch (error) {
      throw isOfRow(error) ? error.fromRow(start) : error;
    }
  }
}

/** An error that names a row. */
interface RowError extends Error {
  fromRow(first: number): Error;
}

function isOfRow(error: unknown): error is RowError {
  return error instanceof Error && 'fromRow' in error;
}

async function readRows(
  { start, end }: PredictPartRequest,
  cols: number,
  { job, artifacts }: JobContext,
): Promise<Matrix> {
  const X = Matrix.shared(end - start, cols);
  const bytes = Buffer.from(X.data.buffer);
  const range = { start: start * cols * 8, end: end * cols * 8 };
  let at = 0;
  for await (const chunk of await artifacts.read(artifactPrefix(job) + ARTIFACTS.rows, range)) {
    at += (chunk as Buffer).copy(bytes, at);
  }
  if (at < bytes.length) throw new Error(`Rows ${start} to ${end} are not all there.`);
  return X;
}
