import type { Variable } from '../models/model.js';
import type { Matrix } from '../numeric/linalg/matrix.js';
import { insideColumn, type TrustedPrediction } from './trust.js';

/** N numbers under a name: what CSV, npy and npz answers hold. */
export interface PredictionColumn {
  readonly name: string;
  readonly values: Float64Array;
}

/**
 * `mean`, `variance`, `latent_variance`, `quantile_<percent>`, `lower`, `upper`, `mean_gradient_<input>`,
 * `variance_gradient_<input>`, `covariance_<row>` and `sample_<draw>`; with several outputs each ends in `_<output>`.
 * Then, of the row as a whole, `inside` (1 or 0), `nearest_distance` and `relative_variance`.
 */
export function predictionColumns(
  prediction: TrustedPrediction,
  inputs: readonly Variable[],
  outputs: readonly Variable[],
): PredictionColumn[] {
  const { mean, variance, latentVariance, quantiles, credibleInterval, covariance, samples } = prediction;
  const p = outputs.length;
  const columns: PredictionColumn[] = [];
  const suffix = (output: number): string => (p === 1 ? '' : `_${outputs[output].name}`);
  const add = (name: string, data: Float64Array, offset: number, stride: number): void => {
    columns.push({ name, values: everyNth(data, offset, stride) });
  };
  const addOutputs = (name: string, matrix: Matrix | undefined): void => {
    if (!matrix) return;
    for (let q = 0; q < p; q++) add(name + suffix(q), matrix.data, q, p);
  };
  const addGradient = (name: string, data: Float64Array | undefined): void => {
    if (!data) return;
    for (let q = 0; q < p; q++) {
      inputs.forEach((input, k) =>
        add(`${name}_${input.name}${suffix(q)}`, data, q * inputs.length + k, p * inputs.length),
      );
    }
  };

  addOutputs('mean', mean);
  addOutputs('variance', variance);
  addOutputs('latent_variance', latentVariance);
  for (const { percent, values } of quantiles ?? []) addOutputs(`quantile_${percent}`, values);
  addOutputs('lower', credibleInterval?.lower);
  addOutputs('upper', credibleInterval?.upper);
  addGradient('mean_gradient', prediction.meanGradient);
  addGradient('variance_gradient', prediction.varianceGradient);
  covariance?.forEach(({ data, cols }, q) => {
    for (let j = 0; j < cols; j++) add(`covariance_${j + 1}${suffix(q)}`, data, j, cols);
  });
  samples?.forEach((draw, s) => addOutputs(`sample_${s + 1}`, draw));
  const { trust, nearestDistance, relativeVariance } = prediction;
  if (trust?.outside) add('inside', insideColumn(trust.outside), 0, 1);
  if (nearestDistance) add('nearest_distance', nearestDistance, 0, 1);
  if (relativeVariance) add('relative_variance', relativeVariance, 0, 1);
  return columns;
}

function everyNth(data: Float64Array, offset: number, stride: number): Float64Array {
  if (stride === 1) return data;
  const values = new Float64Array(data.length / stride);
  for (let i = 0, at = offset; i < values.length; i++, at += stride) values[i] = data[at];
  return values;
}
