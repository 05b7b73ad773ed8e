import { Matrix } from '../numeric/linalg/matrix.js';
import type { Prediction } from './prediction.js';

/** The arrays of a prediction that hold one entry a row, by name; a name stands for the same thing in each part. */
type RowArrays = Map<string, Float64Array>;

/** Stacks predictions of consecutive rows; all have the same fields. */
export function concatenatePredictions(parts: readonly Prediction[]): Prediction {
  const [first] = parts;
  if (parts.length === 1) return first;
  const arrays = parts.map(rowArrays);
  const joined: RowArrays = new Map();
  for (const name of arrays[0].keys())
    joined.set(name, join(arrays.map((part) => part.get(name) as Float64Array)));
  return { ...withRowArrays(first, joined), ...atRounding(joinRows(parts)) };
}

/** Rows [start, end) of a prediction, as copies: what one of several callers gets of a shared computation. */
export function slicePrediction(prediction: Prediction, start: number, end: number): Prediction {
  const { rows } = prediction.mean;
  const sliced: RowArrays = new Map();
  for (const [name, data] of rowArrays(prediction)) {
    const stride = data.length / rows;
    sliced.set(name, data.slice(start * stride, end * stride));
  }
  const flagged = prediction.varianceAtRounding?.filter((row) => row >= start && row < end);
  return { ...withRowArrays(prediction, sliced), ...atRounding(flagged?.map((row) => row - start)) };
}

export function rowArrays(prediction: Prediction): RowArrays {
  const { variance, latentVariance, quantiles, credibleInterval, meanGradient, varianceGradient } =
    prediction;
  const arrays: RowArrays = new Map([['mean', prediction.mean.data]]);
  const add = (name: string, data: Float64Array | undefined): void => {
    if (data) arrays.set(name, data);
  };
  add('variance', variance?.data);
  add('latentVariance', latentVariance?.data);
  quantiles?.forEach(({ values }, k) => add(`quantile ${k}`, values.data));
  add('lower', credibleInterval?.lower.data);
  add('upper', credibleInterval?.upper.data);
  add('meanGradient', meanGradient);
  add('varianceGradient', varianceGradient);
  add('nearestDistance', prediction.nearestDistance);
  add('relativeVariance', prediction.relativeVariance);
  return arrays;
}

/** A prediction with the fields of `like`, and other rows. */
function withRowArrays(like: Prediction, arrays: RowArrays): Prediction {
  const p = like.mean.cols;
  const data = (name: string): Float64Array => arrays.get(name) as Float64Array;
  const matrix = (name: string): Matrix => new Matrix(data(name).length / p, p, data(name));
  return {
    mean: matrix('mean'),
    ...(like.variance && { variance: matrix('variance') }),
    ...(like.latentVariance && { latentVariance: matrix('latentVariance') }),
    ...(like.quantiles && {
      quantiles: like.quantiles.map(({ percent }, k) => ({ percent, values: matrix(`quantile ${k}`) })),
    }),
    ...(like.credibleInterval && { credibleInterval: { lower: matrix('lower'), upper: matrix('upper') } }),
    ...(like.meanGradient && { meanGradient: data('meanGradient') }),
    ...(like.varianceGradient && { varianceGradient: data('varianceGradient') }),
    ...(like.nearestDistance && { nearestDistance: data('nearestDistance') }),
    ...(like.relativeVariance && { relativeVariance: data('relativeVariance') }),
  };
}

/** The rows at rounding of consecutive parts, counted from the first part's start. */
function joinRows(parts: readonly Prediction[]): Uint32Array {
  const rows: number[] = [];
  let start = 0;
  for (const { mean, varianceAtRounding } of parts) {
    for (const row of varianceAtRounding ?? []) rows.push(start + row);
    start += mean.rows;
  }
  return Uint32Array.from(rows);
}

function atRounding(rows?: Uint32Array): Pick<Prediction, 'varianceAtRounding'> {
  return rows && rows.length > 0 ? { varianceAtRounding: rows } : {};
}

function join(arrays: readonly Float64Array[]): Float64Array {
  const whole = new Float64Array(arrays.reduce((length, array) => length + array.length, 0));
  let at = 0;
  for (const array of arrays) {
    whole.set(array, at);
    at += array.length;
  }
  return whole;
}
