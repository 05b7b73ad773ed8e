import { Injectable } from '@nestjs/common';
import type { Answer } from '../common/http/answer.js';
import { MEDIA_TYPES, type ResponseFormat } from '../common/media/negotiate.js';
import { WorkerPool } from '../common/pool/worker-pool.js';
import { predictionArrays, predictionBuffers } from '../models/cloned.js';
import type { Prediction } from '../models/prediction.js';
import { predictionWarnings, warningHeader } from './prediction-warnings.js';
import {
  formatPrediction,
  piecesOfPrediction,
  type WritePredictionInput,
  writePredictionTask,
} from './write-prediction.task.js';

export const CONTENT_TYPES: Readonly<Record<ResponseFormat, string>> = {
  ...MEDIA_TYPES,
  json: `${MEDIA_TYPES.json}; charset=utf-8`,
  csv: `${MEDIA_TYPES.csv}; charset=utf-8`,
};

/** Numbers that are written as text within two milliseconds. */
const IN_PLACE_VALUES = 20_000;

/** Makes answers of predictions, in the format asked for, where writing does not hold up other requests. */
@Injectable()
export class PredictionWriter {
  constructor(private readonly pool: WorkerPool) {}

  /** `model`: the header that says which model answered. Every number is known to be finite, so that what has begun as a 200 ends as one. */
  async write(input: WritePredictionInput, model: string, gone?: AbortSignal): Promise<Answer> {
    const plain = plainRow(input);
    if (plain !== undefined) {
      const headers = { 'Content-Type': CONTENT_TYPES.json, 'Kriged-Model': model };
      return { status: 200, headers, body: plain };
    }
    const warnings = input.format === 'json' ? [] : predictionWarnings(input.prediction);
    const headers = {
      'Content-Type': CONTENT_TYPES[input.format],
      'Kriged-Model': model,
      ...(warnings.length > 0 && {
        'Kriged-Warning': warnings.map((warning) => warningHeader(warning)).join(', '),
      }),
    };
    return { status: 200, headers, body: await this.#body(input, gone) };
  }

  #body(input: WritePredictionInput, gone: AbortSignal | undefined): Answer['body'] | Promise<Uint8Array> {
    if (countValues(input.prediction) <= IN_PLACE_VALUES) return formatPrediction(input);
    if (input.format !== 'npz') return piecesOfPrediction(input);
    // The checksum of a zip takes a while. The prediction is gone afterwards.
    return this.pool.run(writePredictionTask, input, predictionBuffers(input.prediction), gone);
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
