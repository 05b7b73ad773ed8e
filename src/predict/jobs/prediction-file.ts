import { Matrix } from '../../numeric/linalg/matrix.js';
import { rowArrays } from '../../models/prediction-parts.js';
import type { ModelIdentity } from '../model-identity.js';
import type { TrustedPrediction } from '../trust.js';

/** Numbers of consecutive rows: doubles, or flags. */
export type FieldValues = Float64Array | Uint8Array;

export interface PredictionField {
  readonly name: string;
  readonly valuesPerRow: number;
  /** 8 for doubles (in the byte order of every machine that runs this, little-endian), 1 for flags. */
  readonly bytesPerValue: 1 | 8;
}

/** What a file of predictions holds, beside the number of its rows: one field after the other, each row by row. */
export interface PredictionShape {
  /** p */
  readonly outputs: number;
  /** Of the quantiles, in the order asked. */
  readonly percents: readonly number[];
  readonly fields: readonly PredictionField[];
  /** Where `trust` was asked for. `names`: of the inputs, where any of their ranges is known. */
  readonly trust?: { readonly model: ModelIdentity; readonly names?: readonly string[] };
}

/** Flags of N x d: 1 for a value outside its input's range. */
const OUTSIDE = 'outside';
/** One flag a row: see `Prediction.varianceAtRounding`. */
export const AT_ROUNDING = 'atRounding';

/** A prediction as a file, and what is needed to read it. */
export function encodePrediction(prediction: TrustedPrediction): { shape: PredictionShape; bytes: Buffer } {
  const { mean, quantiles, trust } = prediction;
  const arrays = fieldsOf(prediction);
  const fields = [...arrays].map(([name, values]): PredictionField => ({
    name,
    valuesPerRow: values.length / mean.rows,
    bytesPerValue: values instanceof Float64Array ? 8 : 1,
  }));
  const names = trust?.outside?.names;
  return {
    shape: {
      outputs: mean.cols,
      percents: quantiles?.map(({ percent }) => percent) ?? [],
      fields,
      ...(trust && { trust: { model: trust.model, ...(names && { names }) } }),
    },
    bytes: Buffer.concat([...arrays.values()].map(bytesOf)),
  };
}

/** Where a field lies in a file of so many rows. */
export function fieldRange(
  { fields }: PredictionShape,
  field: PredictionField,
  rows: number,
): { start: number; end: number } {
  const start = fields
    .slice(0, fields.indexOf(field))
    .reduce((sum, before) => sum + fieldBytes(before, rows), 0);
  return { start, end: start + fieldBytes(field, rows) };
}

/** How many bytes a row takes. */
export function bytesPerRow({ fields }: PredictionShape): number {
  return fields.reduce((sum, field) => sum + fieldBytes(field, 1), 0);
}

/** The values that a field's bytes hold. */
export function fieldValues({ bytesPerValue }: PredictionField, bytes: Buffer): FieldValues {
  if (bytesPerValue === 1) return bytes;
  // A copy, since doubles must begin at a multiple of eight.
  const values = new Float64Array(bytes.length / 8);
  Buffer.from(values.buffer).set(bytes);
  return values;
}

/** The prediction whose fields are these; the arrays become its own. */
export function predictionOf(
  { outputs: p, percents, trust }: PredictionShape,
  rows: number,
  fields: ReadonlyMap<string, FieldValues>,
): TrustedPrediction {
  const doubles = (name: string): Float64Array => fields.get(name) as Float64Array;
  const matrix = (name: string): Matrix => new Matrix(rows, p, doubles(name));
  const flagged = rowsOfFlags(fields.get(AT_ROUNDING) as Uint8Array);
  const flags = fields.get(OUTSIDE) as Uint8Array | undefined;
  return {
    mean: matrix('mean'),
    ...(fields.has('variance') && { variance: matrix('variance') }),
    ...(fields.has('latentVariance') && { latentVariance: matrix('latentVariance') }),
    ...(flagged.length > 0 && { varianceAtRounding: flagged }),
    ...(percents.length > 0 && {
      quantiles: percents.map((percent, k) => ({ percent, values: matrix(`quantile ${k}`) })),
    }),
    ...(fields.has('lower') && { credibleInterval: { lower: matrix('lower'), upper: matrix('upper') } }),
    ...(fields.has('meanGradient') && { meanGradient: doubles('meanGradient') }),
    ...(fields.has('varianceGradient') && { varianceGradient: doubles('varianceGradient') }),
    ...(fields.has('covariance') && { covariance: split(doubles('covariance'), rows, rows) }),
    ...(fields.has('samples') && { samples: split(doubles('samples'), rows, p) }),
    ...(fields.has('nearestDistance') && { nearestDistance: doubles('nearestDistance') }),
    ...(fields.has('relativeVariance') && { relativeVariance: doubles('relativeVariance') }),
    ...(trust && {
      trust: {
        model: trust.model,
        ...(trust.names && flags && { outside: { names: [...trust.names], flags } }),
      },
    }),
  };
}

/** In the order of the columns of `predictionColumns`; what is no column comes last. */
function fieldsOf(prediction: TrustedPrediction): Map<string, FieldValues> {
  const { mean, varianceAtRounding, covariance, samples, trust } = prediction;
  const fields = new Map<string, FieldValues>();
  const ofRow = rowArrays(prediction);
  const add = (name: string, values: FieldValues | undefined): void => {
    if (values) fields.set(name, values);
  };
  for (const [name, values] of ofRow) if (!OF_TRUST.has(name)) add(name, values);
  if (covariance) add('covariance', joined(covariance));
  if (samples) add('samples', joined(samples));
  add(OUTSIDE, trust?.outside?.flags);
  for (const name of OF_TRUST) add(name, ofRow.get(name));
  const flags = new Uint8Array(mean.rows);
  for (const row of varianceAtRounding ?? []) flags[row] = 1;
  add(AT_ROUNDING, flags);
  return fields;
}

const OF_TRUST: ReadonlySet<string> = new Set(['nearestDistance', 'relativeVariance']);

function joined(matrices: readonly Matrix[]): Float64Array {
  const size = matrices[0].data.length;
  const values = new Float64Array(size * matrices.length);
  matrices.forEach(({ data }, k) => values.set(data, k * size));
  return values;
}

function split(values: Float64Array, rows: number, cols: number): Matrix[] {
  const size = rows * cols;
  return Array.from(
    { length: values.length / size },
    (_, k) => new Matrix(rows, cols, values.subarray(k * size, (k + 1) * size)),
  );
}

function rowsOfFlags(flags: Uint8Array): Uint32Array {
  const rows: number[] = [];
  for (let row = flags.indexOf(1); row >= 0; row = flags.indexOf(1, row + 1)) rows.push(row);
  return Uint32Array.from(rows);
}

function fieldBytes({ valuesPerRow, bytesPerValue }: PredictionField, rows: number): number {
  return rows * valuesPerRow * bytesPerValue;
}

function bytesOf({ buffer, byteOffset, byteLength }: FieldValues): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}
