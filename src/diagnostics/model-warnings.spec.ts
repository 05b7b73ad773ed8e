import { describe, expect, it } from 'vitest';
import type { ModelDiagnostics } from '../models/model-diagnostics.js';
import type { Variable } from '../models/model.js';
import { Matrix } from '../numeric/linalg/matrix.js';
import { modelWarnings } from './model-warnings.js';

const N = 40;
const INPUTS: readonly Variable[] = [
  { name: 'alpha', kind: 'real' },
  { name: 'mach', kind: 'real' },
];
const OUTPUTS: readonly Variable[] = [{ name: 'lift', kind: 'real' }];
const observed = new Matrix(
  N,
  1,
  Float64Array.from({ length: N }, (_, i) => i / N),
);
const LEFT = {
  observed,
  mean: observed,
  variance: observed,
  relativeVariance: new Float64Array(N).fill(0.05),
  logMarginalLikelihood: -1,
  noiseToSignal: 0.01,
  priorOffset: [0.2],
};
/** A model with nothing to say about it. */
const WELL: ModelDiagnostics = {
  points: N,
  leaveOneOut: LEFT,
  conditionNumber: 1e5,
  inputs: [
    { min: 0, max: 2, lengthscale: 0.7 },
    { min: -1, max: 1, lengthscale: 3 },
  ],
  effects: Matrix.fromRows([[0.9], [0.4]]),
  repeated: [],
};

const about = (what: Partial<ModelDiagnostics>, outputs = OUTPUTS): ReturnType<typeof modelWarnings> =>
  modelWarnings({ ...WELL, ...what }, INPUTS, outputs);
const left = (what: Partial<typeof LEFT>): Partial<ModelDiagnostics> => ({
  leaveOneOut: { ...LEFT, ...what },
});
const longMach = { inputs: [WELL.inputs[0], { min: -1, max: 1, lengthscale: 22.4 }] };

describe('warnings about a model', () => {
  it('are none where all is well', () => {
    expect(about({})).toEqual([]);
  });

  it('name an input that hardly matters, by its lengthscale and by what it does', () => {
    expect(about({ ...longMach, effects: Matrix.fromRows([[1], [0.03]]) })).toEqual([
      {
        code: 'LENGTHSCALE_LONG',
        severity: 'note',
        input: 'mach',
        message: 'The lengthscale of mach is 11 times its range: the output barely depends on it.',
      },
    ]);
    const two = [...OUTPUTS, { name: 'drag', kind: 'real' }] as const;
    expect(about({ ...longMach, effects: Matrix.fromRows([[1, 1], [0.03, 0.09]]) }, two)[0].message).toBe(
      'The lengthscale of mach is 11 times its range: the outputs barely depend on it.',
    ); // prettier-ignore
  });

  it('do not say so of an input that the mean does follow', () => {
    const message =
      'The lengthscale of mach is 11 times its range: along it the output is close to a straight line.';
    expect(about({ ...longMach, effects: Matrix.fromRows([[1], [0.6]]) })).toMatchObject([{ message }]);
  });

  it('name an input that never changes', () => {
    expect(about({ inputs: [WELL.inputs[0], { min: 3, max: 3, lengthscale: 1 }] })).toEqual([
      {
        code: 'INPUT_CONSTANT',
        severity: 'warning',
        input: 'mach',
        message: 'mach is 3 at every point: the model cannot know what it does elsewhere.',
      },
    ]);
  });

  it('say where points tell nothing of each other, and by which input', () => {
    const short = { inputs: [{ min: 0, max: 2, lengthscale: 0.0241 }, WELL.inputs[1]] };
    const known = left({ relativeVariance: new Float64Array(N).fill(0.9) });
    const unknown = left({ relativeVariance: new Float64Array(N).fill(0.978) });
    expect(about({ ...short, ...known })).toEqual([]);
    expect(about({ ...short, ...unknown })).toEqual([
      {
        code: 'POINTS_TOO_FAR_APART',
        severity: 'warning',
        input: 'alpha',
        message:
          'Left out, a typical training point keeps 97% of its prior variance: the model knows next to nothing between its points. The shortest lengthscale is that of alpha, 0.012 times its range.',
      },
    ]);
    // A model without lengthscales has none to name.
    const bare = { inputs: [{ min: 0, max: 2 }, { min: 0, max: 2 }] }; // prettier-ignore
    expect(about({ ...bare, ...unknown })[0].message).toMatch(/between its points\.$/);
  });

  it('say when rounding decides', () => {
    expect(about({ conditionNumber: 9e13 })).toEqual([]);
    expect(about({ conditionNumber: 3.14e15 })).toEqual([
      {
        code: 'ILL_CONDITIONED',
        severity: 'warning',
        message:
          'The covariance matrix of the training points has a condition number of about 3.1e15: rounding decides small variances, and may decide digits of the mean. A larger noise variance or nugget, or fewer points close together, would help.',
      },
    ]);
  });

  it('note that the data are taken as exact', () => {
    expect(about(left({ noiseToSignal: 2e-6 }))).toEqual([]);
    expect(about(left({ noiseToSignal: 1.3e-8 }))).toEqual([
      {
        code: 'NOISE_AT_FLOOR',
        severity: 'note',
        message:
          'The noise variance is 1.3e-8 of the prior variance: the model takes its data as exact, and runs through every training point.',
      },
    ]);
  });

  it('note repeated points, and warn where they contradict each other', () => {
    const repeated = [{ row: 7, of: 0 }, { row: 9, of: 3 }]; // prettier-ignore
    expect(about({ repeated })).toEqual([
      {
        code: 'REPEATED_POINTS',
        severity: 'note',
        rows: [7, 9],
        message: '2 points have the same inputs as an earlier one (rows 7 and 9, counted from 0).',
      },
    ]);
    const exact = about({ repeated: [repeated[0]], ...left({ noiseToSignal: 0 }) });
    expect(exact).toContainEqual({
      code: 'REPEATED_POINTS',
      severity: 'warning',
      output: 'lift',
      rows: [7],
      message:
        '1 point has the same inputs as an earlier one (row 7, counted from 0), and another lift, but the model takes its data as exact: give it a noise variance.',
    });
    const same = new Matrix(N, 1, observed.data.with(7, observed.data[0] + 1e-7));
    const agreeing = about({ repeated: [repeated[0]], ...left({ noiseToSignal: 0, observed: same }) });
    expect(agreeing.map(({ code, severity }) => [code, severity])).toEqual([
      ['NOISE_AT_FLOOR', 'note'],
      ['REPEATED_POINTS', 'note'],
    ]);
  });

  it('note few points, by the inputs that are no index', () => {
    const message = '19 training points for 2 inputs: a common rule is 10 an input.';
    expect(about({ points: 19 })).toEqual([{ code: 'FEW_POINTS', severity: 'note', message }]);
    const one: Variable[] = [INPUTS[0], { name: 'which', kind: 'index', lower: 0, upper: 1 }];
    expect(modelWarnings({ ...WELL, points: 19 }, one, OUTPUTS)).toEqual([]);
  });

  it('say where the prior mean is out of place', () => {
    expect(about(left({ priorOffset: [2.9] }))).toEqual([]);
    expect(about(left({ priorOffset: [12.3] }))).toEqual([
      {
        code: 'FAR_FROM_PRIOR_MEAN',
        severity: 'warning',
        output: 'lift',
        message:
          'The mean of lift is 12 prior standard deviations from the prior mean, which the model falls back to away from its points: normalise the outputs, or give it a mean function.',
      },
    ]);
  });

  it('of a sparse model are those that need no training data', () => {
    const { leaveOneOut: _left, conditionNumber: _number, ...sparse } = WELL;
    expect(modelWarnings({ ...sparse, ...longMach, points: 5 }, INPUTS, OUTPUTS)).toMatchObject([
      { code: 'LENGTHSCALE_LONG' },
    ]);
  });
});
