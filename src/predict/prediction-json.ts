import type { Prediction } from '../models/prediction.js';
import type { Matrix } from '../numeric/linalg/matrix.js';
import { predictionWarnings } from './prediction-warnings.js';

type Nested = number | Nested[];

/**
 * The JSON body of a prediction. Several rows: one entry a row, a number for one output, an array of p for several.
 * One row, squeezed: the entry itself. A covariance is always a matrix (one an output, where there are several).
 * `warnings` comes last, and only where there are any.
 */
export function predictionToJson(prediction: Prediction, squeeze: boolean): Record<string, unknown> {
  const { mean, meanGradient, varianceGradient, quantiles, credibleInterval, covariance, samples } =
    prediction;
  const p = mean.cols;
  const warnings = predictionWarnings(prediction);
  const single = squeeze && mean.rows === 1;
  const table = (matrix: Matrix): Nested => entryPerRow(matrix.data, [matrix.rows, p], single);
  const gradient = (data: Float64Array): Nested =>
    entryPerRow(data, [mean.rows, p, data.length / (mean.rows * p)], single);

  return {
    mean: table(mean),
    ...(prediction.variance && { variance: table(prediction.variance) }),
    ...(prediction.latentVariance && { latentVariance: table(prediction.latentVariance) }),
    ...(quantiles && {
      quantiles: Object.fromEntries(quantiles.map(({ percent, values }) => [String(percent), table(values)])),
    }),
    ...(credibleInterval && {
      credibleInterval: { lower: table(credibleInterval.lower), upper: table(credibleInterval.upper) },
    }),
    ...(meanGradient && { meanGradient: gradient(meanGradient) }),
    ...(varianceGradient && { varianceGradient: gradient(varianceGradient) }),
    ...(covariance && {
      covariance: unwrap(covariance.map((matrix) => nest(matrix.data, [matrix.rows, matrix.cols]))),
    }),
    ...(samples && { samples: samples.map(table) }),
    ...(warnings.length > 0 && { warnings }),
  };
}

/** `data` of shape [N, p, ...]: the axis of one output is dropped, and so is that of one row if asked. */
function entryPerRow(data: Float64Array, shape: readonly number[], single: boolean): Nested {
  const [rows, p, ...rest] = shape;
  const nested = nest(data, p === 1 ? [rows, ...rest] : [rows, p, ...rest]) as Nested[];
  return single ? nested[0] : nested;
}

function nest(data: Float64Array, shape: readonly number[]): Nested {
  const [length, ...rest] = shape;
  if (rest.length === 0) return Array.from(data);
  const stride = data.length / length;
  return Array.from({ length }, (_, i) => nest(data.subarray(i * stride, (i + 1) * stride), rest));
}

function unwrap(list: Nested[]): Nested {
  return list.length === 1 ? list[0] : list;
}
