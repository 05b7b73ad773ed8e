import { describe, expect, it } from 'vitest';
import type { Prediction } from '../models/prediction.js';
import { Matrix } from '../numeric/linalg/matrix.js';
import { predictionToJson } from './prediction-json.js';

const range = (length: number): number[] => Array.from({ length }, (_, i) => i);

/** N rows, p outputs, d = 2 inputs: each number tells its row, its output and (tenths) its input. */
function prediction(rows: number, outputs: number): Prediction {
  const table = (add: number): Matrix =>
    Matrix.fromRows(range(rows).map((i) => range(outputs).map((q) => 100 * i + 10 * q + add)));
  const gradient = Float64Array.from({ length: rows * outputs * 2 }, (_, at) => {
    const input = at % 2;
    const output = Math.floor(at / 2) % outputs;
    return 100 * Math.floor(at / 2 / outputs) + 10 * output + (input + 1) / 10;
  });
  return {
    mean: table(1),
    variance: table(2),
    latentVariance: table(3),
    quantiles: [{ percent: 2.5, values: table(4) }],
    credibleInterval: { lower: table(5), upper: table(6) },
    meanGradient: gradient,
    varianceGradient: gradient,
    covariance: range(outputs).map((q) =>
      Matrix.fromRows(range(rows).map((i) => range(rows).map((j) => 1000 * q + 10 * i + j))),
    ),
    samples: [table(7), table(8)],
  };
}

describe('predictionToJson', () => {
  it('squeezes one row of one output to numbers', () => {
    expect(predictionToJson(prediction(1, 1), true)).toEqual({
      mean: 1,
      variance: 2,
      latentVariance: 3,
      quantiles: { '2.5': 4 },
      credibleInterval: { lower: 5, upper: 6 },
      meanGradient: [0.1, 0.2],
      varianceGradient: [0.1, 0.2],
      covariance: [[0]],
      samples: [7, 8],
    });
  });

  it('keeps one row in arrays when asked to', () => {
    expect(predictionToJson(prediction(1, 1), false)).toMatchObject({
      mean: [1],
      quantiles: { '2.5': [4] },
      credibleInterval: { lower: [5], upper: [6] },
      meanGradient: [[0.1, 0.2]],
      covariance: [[0]],
      samples: [[7], [8]],
    });
  });

  it.each([true, false])('has one number a row for one output (squeeze: %j)', (squeeze) => {
    expect(predictionToJson(prediction(2, 1), squeeze)).toEqual({
      mean: [1, 101],
      variance: [2, 102],
      latentVariance: [3, 103],
      quantiles: { '2.5': [4, 104] },
      credibleInterval: { lower: [5, 105], upper: [6, 106] },
      meanGradient: [[0.1, 0.2], [100.1, 100.2]],
      varianceGradient: [[0.1, 0.2], [100.1, 100.2]],
      covariance: [[0, 1], [10, 11]],
      samples: [[7, 107], [8, 108]],
    }); // prettier-ignore
  });

  it('has one array of outputs a row for several', () => {
    expect(predictionToJson(prediction(2, 2), true)).toMatchObject({
      mean: [[1, 11], [101, 111]],
      meanGradient: [[[0.1, 0.2], [10.1, 10.2]], [[100.1, 100.2], [110.1, 110.2]]],
      covariance: [[[0, 1], [10, 11]], [[1000, 1001], [1010, 1011]]],
      samples: [[[7, 17], [107, 117]], [[8, 18], [108, 118]]],
    }); // prettier-ignore
  });

  it('squeezes one row of several outputs to one array', () => {
    expect(predictionToJson(prediction(1, 2), true)).toMatchObject({
      mean: [1, 11],
      meanGradient: [[0.1, 0.2], [10.1, 10.2]],
      covariance: [[[0]], [[1000]]],
      samples: [[7, 17], [8, 18]],
    }); // prettier-ignore
  });

  it('has the mean alone where nothing else was computed', () => {
    expect(predictionToJson({ mean: Matrix.fromRows([[1], [2]]) }, true)).toEqual({ mean: [1, 2] });
  });
});
