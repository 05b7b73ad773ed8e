import { describe, expect, it } from 'vitest';
import type { Variable } from '../models/model.js';
import type { Prediction } from '../models/prediction.js';
import { Matrix } from '../numeric/linalg/matrix.js';
import { predictionColumns } from './prediction-columns.js';

const variables = (...names: string[]): Variable[] => names.map((name) => ({ name, kind: 'real' }));
const columns = (prediction: Prediction, outputs: string[]): Record<string, number[]> =>
  Object.fromEntries(
    predictionColumns(prediction, variables('a', 'b'), variables(...outputs)).map(({ name, values }) => [
      name,
      [...values],
    ]),
  );

describe('predictionColumns', () => {
  it('names a column for each field of one output', () => {
    const table = (...values: number[]): Matrix => new Matrix(2, 1, Float64Array.from(values));
    const prediction: Prediction = {
      mean: table(1, 2),
      variance: table(3, 4),
      latentVariance: table(5, 6),
      quantiles: [{ percent: 2.5, values: table(7, 8) }, { percent: 50, values: table(9, 10) }], // prettier-ignore
      credibleInterval: { lower: table(11, 12), upper: table(13, 14) },
      meanGradient: Float64Array.of(1.1, 1.2, 2.1, 2.2),
      varianceGradient: Float64Array.of(3.1, 3.2, 4.1, 4.2),
      covariance: [Matrix.fromRows([[1, 2], [3, 4]])], // prettier-ignore
      samples: [table(15, 16), table(17, 18)],
    };
    const named = columns(prediction, ['y']);
    expect(named).toEqual({
      mean: [1, 2],
      variance: [3, 4],
      latent_variance: [5, 6],
      'quantile_2.5': [7, 8],
      quantile_50: [9, 10],
      lower: [11, 12],
      upper: [13, 14],
      mean_gradient_a: [1.1, 2.1],
      mean_gradient_b: [1.2, 2.2],
      variance_gradient_a: [3.1, 4.1],
      variance_gradient_b: [3.2, 4.2],
      covariance_1: [1, 3],
      covariance_2: [2, 4],
      sample_1: [15, 16],
      sample_2: [17, 18],
    });
    expect(Object.keys(named).slice(0, 3)).toEqual(['mean', 'variance', 'latent_variance']);
  });

  it('ends each name in the output where there are several', () => {
    const prediction: Prediction = {
      mean: Matrix.fromRows([[1, 2], [3, 4], [5, 6]]),
      meanGradient: Float64Array.from({ length: 12 }, (_, i) => i),
      covariance: [Matrix.fromRows([[1, 0, 0], [0, 2, 0], [0, 0, 3]]), Matrix.fromRows([[4, 0, 0], [0, 5, 0], [0, 0, 6]])],
      samples: [Matrix.fromRows([[7, 8], [9, 10], [11, 12]])],
    }; // prettier-ignore
    expect(columns(prediction, ['u', 'v'])).toEqual({
      mean_u: [1, 3, 5],
      mean_v: [2, 4, 6],
      mean_gradient_a_u: [0, 4, 8],
      mean_gradient_b_u: [1, 5, 9],
      mean_gradient_a_v: [2, 6, 10],
      mean_gradient_b_v: [3, 7, 11],
      covariance_1_u: [1, 0, 0],
      covariance_2_u: [0, 2, 0],
      covariance_3_u: [0, 0, 3],
      covariance_1_v: [4, 0, 0],
      covariance_2_v: [0, 5, 0],
      covariance_3_v: [0, 0, 6],
      sample_1_u: [7, 9, 11],
      sample_1_v: [8, 10, 12],
    });
  });
});
