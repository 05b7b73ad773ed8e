import { describe, expect, it } from 'vitest';
import { Matrix } from '../numeric/linalg/matrix.js';
import type { Prediction } from './prediction.js';
import { concatenatePredictions, slicePrediction } from './prediction-parts.js';

function part(rows: number, ...varianceAtRounding: number[]): Prediction {
  const mean = Matrix.zeros(rows, 2);
  return varianceAtRounding.length === 0
    ? { mean }
    : { mean, varianceAtRounding: Uint32Array.from(varianceAtRounding) };
}

describe('rows whose variance is at rounding', () => {
  it('are counted from the start of the whole', () => {
    const whole = concatenatePredictions([part(3, 0, 2), part(4), part(2, 1)]);
    expect([...(whole.varianceAtRounding ?? [])]).toEqual([0, 2, 8]);
    expect(concatenatePredictions([part(3), part(4)])).not.toHaveProperty('varianceAtRounding');
  });

  it('are counted from the start of a slice', () => {
    const whole = part(10, 0, 4, 5, 9);
    expect([...(slicePrediction(whole, 4, 9).varianceAtRounding ?? [])]).toEqual([0, 1]);
    expect(slicePrediction(whole, 6, 9)).not.toHaveProperty('varianceAtRounding');
  });
});

describe('what is known of the training data at each row', () => {
  const trusted = (...values: number[]): Prediction => ({
    ...part(values.length),
    nearestDistance: Float64Array.from(values),
    relativeVariance: Float64Array.from(values, (value) => value / 10),
  });

  it('is stacked, and cut', () => {
    const whole = concatenatePredictions([trusted(1, 2, 3), trusted(4)]);
    expect(whole).toEqual(trusted(1, 2, 3, 4));
    expect(slicePrediction(whole, 1, 3)).toEqual(trusted(2, 3));
  });
});
