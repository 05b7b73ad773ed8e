import { Injectable } from '@nestjs/common';
import type { Response } from 'express';
import { MEDIA_TYPES, type ResponseFormat } from '../common/media/negotiate.js';
import { WorkerPool } from '../common/pool/worker-pool.js';
import { predictionArrays, predictionBuffers } from '../models/cloned.js';
import type { Prediction } from '../models/prediction.js';
import { predictionWarnings, warningHeader } from './prediction-warnings.js';
import { sendPieces } from './send-pieces.js';
import {
  formatPrediction,
  piecesOfPrediction,
  type WritePredictionInput,
  writePredictionTask,
} from './write-prediction.task.js';

const CONTENT_TYPES: Readonly<Record<ResponseFormat, string>> = {
  ...MEDIA_TYPES,
  json: `${MEDIA_TYPES.json}; charset=utf-8`,
  csv: `${MEDIA_TYPES.csv}; charset=utf-8`,
};

/** Numbers that are written as text within two milliseconds. */
const IN_PLACE_VALUES = 20_000;

/** Answers with a prediction in the format asked for, where writing does not hold up other requests. */
@Injectable()
export class PredictionWriter {
  constructor(private readonly pool: WorkerPool) {}

  /** Every number is known to be finite, so that what has begun as a 200 ends as one. */
  async write(response: Response, input: WritePredictionInput, gone?: AbortSignal): Promise<void> {
    const warnings = predictionWarnings(input.prediction);
    response.statusCode = 200;
    response.setHeader('Content-Type', CONTENT_TYPES[input.format]);
    if (warnings.length > 0 && input.format !== 'json')
      response.setHeader('Kriged-Warning', warningHeader(warnings));
    if (countValues(input.prediction) <= IN_PLACE_VALUES) response.end(formatPrediction(input));
    else if (input.format === 'npz') response.end(await this.#writeInWorker(input, gone));
    else await sendPieces(response, piecesOfPrediction(input));
  }

  /** The checksum of a zip takes a while. The prediction is gone afterwards. */
  #writeInWorker(input: WritePredictionInput, gone?: AbortSignal): Promise<Uint8Array> {
    return this.pool.run(writePredictionTask, input, predictionBuffers(input.prediction), gone);
  }
}

function countValues(prediction: Prediction): number {
  return predictionArrays(prediction).reduce((count, { length }) => count + length, 0);
}
