import type { ResponseFormat } from '../common/media/negotiate.js';
import { writeNpy } from '../common/media/npy.js';
import { writeNpz } from '../common/media/npz.js';
import { writeCsv } from '../common/media/write-csv.js';
import type { Task } from '../common/pool/task.js';
import { revivePrediction } from '../models/cloned.js';
import type { Variable } from '../models/model.js';
import type { Prediction } from '../models/prediction.js';
import { type PredictionColumn, predictionColumns } from './prediction-columns.js';
import { predictionToJson } from './prediction-json.js';

export interface WritePredictionInput {
  readonly format: ResponseFormat;
  readonly prediction: Prediction;
  readonly inputs: readonly Variable[];
  readonly outputs: readonly Variable[];
  /** Whether one row is answered in JSON with numbers instead of arrays. */
  readonly squeeze: boolean;
}

/** A prediction as the body of an answer. JSON is text: a short one then leaves in one packet with the head. */
export function formatPrediction(input: WritePredictionInput): Buffer | string {
  const { format, prediction, inputs, outputs, squeeze } = input;
  if (format === 'json') return JSON.stringify(predictionToJson(prediction, squeeze));
  const columns = predictionColumns(prediction, inputs, outputs);
  if (format === 'csv') {
    return writeCsv(
      columns.map(({ name }) => name),
      columns.map(({ values }) => values),
    );
  }
  if (format === 'npy') return writeNpy([prediction.mean.rows, columns.length], interleave(columns));
  const arrays = columns.map(({ name, values }) => [name, { shape: [values.length], data: values }] as const);
  return writeNpz(Object.fromEntries(arrays));
}

export const writePredictionTask: Task<WritePredictionInput, Uint8Array> = {
  name: 'predict.write',
  run(input) {
    const body = formatPrediction({ ...input, prediction: revivePrediction(input.prediction) });
    return typeof body === 'string' ? Buffer.from(body) : body;
  },
  transfer: ({ buffer }) => (buffer instanceof ArrayBuffer ? [buffer] : []),
};

/** N x columns, row-major. */
function interleave(columns: readonly PredictionColumn[]): Float64Array {
  const width = columns.length;
  const table = new Float64Array(width * columns[0].values.length);
  columns.forEach(({ values }, j) => {
    for (let i = 0; i < values.length; i++) table[i * width + j] = values[i];
  });
  return table;
}
