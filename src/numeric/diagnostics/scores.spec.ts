import { describe, expect, it } from 'vitest';
import { scorePredictions, standardisedResiduals } from './scores.js';

// Values are compared with numpy and scipy in leave-one-out.spec.ts.

const array = (...values: number[]): Float64Array => Float64Array.from(values);

describe('scores', () => {
  it('of errors alone', () => {
    const scores = scorePredictions(array(1, 2, 3, 6), array(1, 1, 5, 6));
    expect(scores).toEqual({ rows: 4, rmse: Math.sqrt(5 / 4), mae: 3 / 4, q2: 1 - 5 / 14 });
  });

  it('leave Q² out where all observed values are equal, also but for rounding', () => {
    expect(scorePredictions(array(5, 5, 5), array(5, 5, 4)).q2).toBeNull();
    expect(scorePredictions(array(0.1 + 0.2, 0.3, 0.3), array(5, 5, 4)).q2).toBeNull();
    expect(scorePredictions(array(1), array(1), array(1)).predictive?.msll).toBeNull();
  });

  it('give no number where a variance of 0 makes it infinite', () => {
    const { predictive } = scorePredictions(array(1, 2, 3), array(1, 2.5, 3), array(0, 0, 1));
    expect(predictive?.nlpd).toBeNull();
    expect(predictive?.standardised).toEqual({
      mean: null,
      deviation: null,
      skewness: null,
      excessKurtosis: null,
    });
    expect(predictive?.coverage['95']).toBeCloseTo(2 / 3, 15);
    expect(standardisedResiduals(array(1, 2), array(1, 2.5), array(0, 0))).toEqual(array(0, -Infinity));
  });

  it('count who lies within each central interval', () => {
    const deviations = array(0.6, 0.7, 1.2, 1.3, 1.6, 1.7, 1.9, 2);
    const zeros = new Float64Array(8);
    const { predictive } = scorePredictions(deviations, zeros, new Float64Array(8).fill(1));
    expect(predictive?.coverage).toEqual({ '50': 1 / 8, '80': 3 / 8, '90': 5 / 8, '95': 7 / 8 });
  });
});
