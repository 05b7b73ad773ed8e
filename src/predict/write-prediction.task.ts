import type { BodyPieces } from '../common/http/send-pieces.js';
import type { ResponseFormat } from '../common/media/negotiate.js';
import { npyBytes, npyHeader } from '../common/media/npy.js';
import { writeNpz } from '../common/media/npz.js';
import { csvChunks, rowMajor } from '../common/media/write-csv.js';
import type { Task } from '../common/pool/task.js';
import { revivePrediction } from '../models/cloned.js';
import type { Variable } from '../models/model.js';
import { type PredictionColumn, predictionColumns } from './prediction-columns.js';
import { predictionToJson, predictionToJsonPieces } from './prediction-json.js';
import type { TrustedPrediction } from './trust.js';

export interface WritePredictionInput {
  readonly format: ResponseFormat;
  readonly prediction: TrustedPrediction;
  readonly inputs: readonly Variable[];
  readonly outputs: readonly Variable[];
  /** Whether one row is answered in JSON with numbers instead of arrays. */
  readonly squeeze: boolean;
}

/** Up to so many numbers JSON.stringify is faster. */
const FEW_VALUES = 256;
/** Numbers of a piece of npy. */
const NPY_VALUES = 65_536;

/** A prediction as the body of an answer. JSON is text: a short one then leaves in one packet with the head. */
export function formatPrediction(input: WritePredictionInput): Buffer | string {
  const { format, prediction, squeeze } = input;
  if (format === 'json' && prediction.mean.data.length <= FEW_VALUES) {
    return JSON.stringify(predictionToJson(prediction, squeeze));
  }
  return Buffer.concat([...piecesOfPrediction(input).pieces]);
}

/** The same in pieces of at most some hundred thousand bytes; all but npz are never whole in memory. */
export function piecesOfPrediction(input: WritePredictionInput): BodyPieces {
  const { format, prediction, inputs, outputs, squeeze } = input;
  if (format === 'json') return { pieces: predictionToJsonPieces(prediction, squeeze) };
  const columns = predictionColumns(prediction, inputs, outputs);
  if (format === 'csv') {
    const names = columns.map(({ name }) => name);
    return { pieces: csvChunks(names, columns.map(({ values }) => values)) }; // prettier-ignore
  }
  if (format === 'npy') return npyPieces(columns);
  const arrays = columns.map(({ name, values }) => [name, { shape: [values.length], data: values }] as const);
  return { pieces: [writeNpz(Object.fromEntries(arrays))] };
}

export const writePredictionTask: Task<WritePredictionInput, Uint8Array> = {
  name: 'predict.write',
  run(input) {
    const body = formatPrediction({ ...input, prediction: revivePrediction(input.prediction) });
    return typeof body === 'string' ? Buffer.from(body) : body;
  },
  transfer: ({ buffer }) => (buffer instanceof ArrayBuffer ? [buffer] : []),
};

/** N x columns, row-major; a single column is sent as it lies in memory. */
function npyPieces(columns: readonly PredictionColumn[]): BodyPieces {
  const values = columns.map((column) => column.values);
  const shape = [values[0].length, columns.length];
  const header = npyHeader(shape);
  const elements = shape[0] * shape[1];
  function* pieces(): Generator<Uint8Array> {
    yield header;
    for (let start = 0; start < elements; start += NPY_VALUES) {
      const end = Math.min(start + NPY_VALUES, elements);
      yield npyBytes(values.length === 1 ? values[0].subarray(start, end) : rowMajor(values, start, end));
    }
  }
  return { pieces: pieces(), byteLength: header.length + 8 * elements };
}
