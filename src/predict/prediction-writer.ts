import { Injectable } from '@nestjs/common';
import type { Answer } from '../common/http/answer.js';
import { MEDIA_TYPES, type ResponseFormat } from '../common/media/negotiate.js';
import { WorkerPool } from '../common/pool/worker-pool.js';
import { predictionArrays, predictionBuffers } from '../models/cloned.js';
import type { Prediction } from '../models/prediction.js';
import { formatPrediction, type WritePredictionInput, writePredictionTask } from './write-prediction.task.js';

const CONTENT_TYPES: Readonly<Record<ResponseFormat, string>> = {
  ...MEDIA_TYPES,
  json: `${MEDIA_TYPES.json}; charset=utf-8`,
  csv: `${MEDIA_TYPES.csv}; charset=utf-8`,
};

/** Numbers that are written as text within a few milliseconds. */
const IN_PLACE_VALUES = 20_000;

/** Makes answers of predictions, in the format asked for, where writing does not hold up other requests. */
@Injectable()
export class PredictionWriter {
  constructor(private readonly pool: WorkerPool) {}

  /** The prediction must not be used afterwards. */
  async write(input: WritePredictionInput): Promise<Answer> {
    const body =
      plainRow(input) ??
      (countValues(input.prediction) <= IN_PLACE_VALUES
        ? formatPrediction(input)
        : await this.pool.run(writePredictionTask, input, predictionBuffers(input.prediction)));
    return { status: 200, headers: { 'Content-Type': CONTENT_TYPES[input.format] }, body };
  }
}

/** What nearly everybody asks for, without the detours of what few do: mean and variance of one row, as JSON. */
function plainRow({ format, prediction, squeeze }: WritePredictionInput): string | undefined {
  const { mean, variance, ...others } = prediction;
  if (format !== 'json' || !squeeze || mean.data.length !== 1 || variance === undefined) return undefined;
  for (const _other in others) return undefined;
  return `{"mean":${mean.data[0]},"variance":${variance.data[0]}}`;
}

function countValues(prediction: Prediction): number {
  return predictionArrays(prediction).reduce((count, { length }) => count + length, 0);
}
