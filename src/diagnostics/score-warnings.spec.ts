import { describe, expect, it } from 'vitest';
import { normalQuantile } from '../numeric/random/normal.js';
import { Matrix } from '../numeric/linalg/matrix.js';
import { scoreOutputs, type ScoredOutput } from './score-outputs.js';
import { type ScoredRows, scoreWarnings } from './score-warnings.js';

const N = 100;
/** Errors as normal as a hundred can be, in an order that follows nothing. */
const NORMAL = Float64Array.from({ length: N }, (_, i) => normalQuantile((((37 * i) % N) + 0.5) / N));
const observed = Float64Array.from({ length: N }, (_, i) => 10 * Math.sin(i));

/** Observations of deviation 7 whose predictions miss by these errors, and are said to do so by `deviation`. */
function scored(errors: Float64Array, deviation?: number): ScoredOutput {
  const column = (values: Float64Array): Matrix => new Matrix(N, 1, values);
  const data = {
    observed: column(observed),
    mean: column(observed.map((value, i) => value - errors[i])),
    ...(deviation !== undefined && { variance: column(new Float64Array(N).fill(deviation ** 2)) }),
  };
  return scoreOutputs(data, ['lift'], 3)[0];
}

const warnings = (errors: Float64Array, deviation?: number, rows: ScoredRows = 'left out') =>
  scoreWarnings(scored(errors, deviation), rows);

describe('warnings about scores', () => {
  it('are none where errors are what the model says', () => {
    expect(warnings(NORMAL, 1)).toEqual([]);
    expect(warnings(NORMAL, 1.15)).toEqual([]);
    expect(warnings(NORMAL)).toEqual([]);
  });

  it('say when little is explained, and when less than nothing is', () => {
    const times = (factor: number) => NORMAL.map((error) => factor * error);
    expect(warnings(times(6.5), 6.5)).toEqual([
      {
        code: 'Q2_LOW',
        severity: 'warning',
        output: 'lift',
        message: 'Q² of lift is 0.17: left-out points are predicted little better than by the mean of all.',
      },
    ]);
    expect(warnings(times(8), 8, 'test').map(({ message }) => message)).toEqual([
      'Q² of lift is -0.26: rows of the test set are predicted worse than by the mean of all.',
    ]);
  });

  it('name outliers by row, the farthest first', () => {
    const errors = NORMAL.with(17, 4.5).with(3, -6.21);
    expect(warnings(errors, 1).filter(({ code }) => code === 'OUTLIERS')).toEqual([
      {
        code: 'OUTLIERS',
        severity: 'warning',
        output: 'lift',
        rows: [3, 17],
        message:
          '2 left-out points lie more than 4 standard deviations of lift from the prediction, the farthest 6.2 (rows 3 and 17, counted from 0): outliers, or a model that is too sure of itself.',
      },
    ]);
  });

  it('name one outlier in the singular', () => {
    const found = warnings(NORMAL.with(5, 40), 8, 'test').find(({ code }) => code === 'OUTLIERS');
    expect(found?.message).toBe(
      '1 row of the test set lies more than 4 standard deviations of lift from the prediction, the farthest 5 (row 5, counted from 0): outliers, or a model that is too sure of itself.',
    );
  });

  it('say when the variances are too small, or too large', () => {
    expect(warnings(NORMAL, 0.65)).toEqual([
      {
        code: 'OVERCONFIDENT',
        severity: 'warning',
        output: 'lift',
        message:
          'Only 80 of 100 left-out points lie within the 95% interval of lift: the model is over-confident, its variances are too small.',
      },
    ]);
    expect(warnings(NORMAL, 2, 'test')).toEqual([
      {
        code: 'UNDERCONFIDENT',
        severity: 'note',
        output: 'lift',
        message:
          '82 of 100 rows of the test set lie within the 50% interval of lift: the model is under-confident, its variances are larger than they need be.',
      },
    ]);
  });

  it('note residuals that are not normal', () => {
    const skewed = NORMAL.map((error) => Math.exp(error) - 1.6);
    expect(warnings(skewed, 2).map(({ code }) => code)).toContain('RESIDUALS_NOT_NORMAL');
  });

  it('note an output that never changes', () => {
    const constant = new Matrix(3, 1, new Float64Array(3).fill(2));
    const [output] = scoreOutputs({ observed: constant, mean: constant }, ['lift'], 3);
    expect(scoreWarnings(output, 'left out')).toEqual([
      {
        code: 'OUTPUT_CONSTANT',
        severity: 'note',
        output: 'lift',
        message: 'lift has the same value at all training points: there is nothing to explain, and no Q².',
      },
    ]);
  });
});

describe('scores of outputs', () => {
  it('list the largest residuals first', () => {
    const { scores } = scored(NORMAL.with(3, -6.25).with(17, 4.5), 2);
    expect(scores.largestResiduals).toHaveLength(3);
    expect(scores.largestResiduals.slice(0, 2)).toEqual([
      { row: 3, observed: observed[3], predicted: observed[3] + 6.25, standardised: expect.closeTo(-3.125, 12) },
      { row: 17, observed: observed[17], predicted: observed[17] - 4.5, standardised: expect.closeTo(2.25, 12) },
    ]); // prettier-ignore
  });

  it('of a model whose input picks the output are one for each', () => {
    const rows = Matrix.fromRows([[1], [20], [2], [30]]);
    const mean = Matrix.fromRows([[1], [21], [3], [31]]);
    const index = { name: 'which', values: Float64Array.of(0, 1, 0, 1) };
    const found = scoreOutputs({ observed: rows, mean, index }, ['y'], 9);
    expect(found.map(({ scores: { output, rows: count, mae, largestResiduals } }) => ({ output, count, mae, row: largestResiduals[0].row }))).toEqual([
      { output: 'y (which = 0)', count: 2, mae: 0.5, row: 2 },
      { output: 'y (which = 1)', count: 2, mae: 1, row: 1 },
    ]); // prettier-ignore
  });
});
