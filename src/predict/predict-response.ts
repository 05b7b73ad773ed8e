import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Response } from 'express';
import { MEDIA_TYPES, type ResponseFormat } from '../common/media/negotiate.js';
import { writeNpy } from '../common/media/npy.js';
import { writeNpz } from '../common/media/npz.js';
import { csvChunks } from '../common/media/write-csv.js';
import type { Model } from '../models/model.js';
import type { Prediction } from '../models/prediction.js';
import { predictionColumns, type PredictionColumn } from './prediction-columns.js';
import { predictionToJson } from './prediction-json.js';

/** Writes a prediction in the format asked for. CSV is streamed: it is never one string. */
export async function writePrediction(
  response: Response,
  format: ResponseFormat,
  model: Model,
  prediction: Prediction,
  squeeze: boolean,
): Promise<void> {
  response.status(200).type(MEDIA_TYPES[format]);
  if (format === 'json') {
    response.send(JSON.stringify(predictionToJson(prediction, squeeze)));
    return;
  }
  const columns = predictionColumns(prediction, model.inputs, model.outputs);
  if (format === 'csv') {
    const names = columns.map(({ name }) => name);
    const values = columns.map((column) => column.values);
    await pipeline(Readable.from(csvChunks(names, values)), response);
  } else if (format === 'npy') {
    response.send(writeNpy([prediction.mean.rows, columns.length], interleave(columns)));
  } else {
    const arrays = columns.map(
      ({ name, values }) => [name, { shape: [values.length], data: values }] as const,
    );
    response.send(writeNpz(Object.fromEntries(arrays)));
  }
}

/** N x columns, row-major. */
function interleave(columns: readonly PredictionColumn[]): Float64Array {
  const width = columns.length;
  const table = new Float64Array(width * columns[0].values.length);
  columns.forEach(({ values }, j) => {
    for (let i = 0; i < values.length; i++) table[i * width + j] = values[i];
  });
  return table;
}
