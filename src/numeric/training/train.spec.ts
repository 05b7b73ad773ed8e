import { describe, expect, it } from 'vitest';
import { KernelSpecError, NumericInputError, UntrainableKernelError } from '../errors.js';
import { inferExact } from '../gp/fit-posterior.js';
import type { KernelSpec } from '../kernels/kernel-spec.js';
import { buildKernel } from '../kernels/kernels.js';
import { Matrix } from '../linalg/matrix.js';
import { Random } from '../random/random.js';
import { Hyperparameters } from './hyperparameters.js';
import { best, maximise } from './maximise.js';
import { screen } from './screen.js';
import { startingPoints } from './starting-points.js';
import { train } from './train.js';
import type { TrainingProblem } from './training-problem.js';
import type { TrainingResult } from './training-result.js';

const SEED = 5;
const ard = (d: number): KernelSpec => ({
  type: 'rbf',
  params: { variance: 1, lengthscale: Array<number>(d).fill(1) },
});

/** sin(5 x_0) + x_1^2, near mean 0 and variance 1, of n points in [0, 1]^d. */
function problem(n: number, d: number, noise = 0, more: Partial<TrainingProblem> = {}): TrainingProblem {
  const random = new Random(SEED);
  const X = new Matrix(
    n,
    d,
    Float64Array.from({ length: n * d }, () => random.uniform()),
  );
  const e = new Float64Array(n);
  random.fillNormal(e);
  const y = e.map((ei, i) => Math.sin(5 * X.get(i, 0)) + (d > 1 ? X.get(i, 1) ** 2 : 0) - 0.5 + noise * ei);
  return { X, Y: new Matrix(n, 1, y), kernel: ard(d), noise: { type: 'free' }, mean: 'zero', ...more };
}

function valueOf(result: TrainingResult, path: string): number {
  const found = result.hyperparameters.find((one) => one.path === path);
  if (found === undefined) throw new Error(`no ${path}`);
  return found.value;
}

describe('train', () => {
  it('finds the noise, and which inputs matter', () => {
    const result = train(problem(120, 3, 0.2), { restarts: 3, seed: 1 });
    expect(result.converged).toBe(true);
    expect(Math.sqrt(valueOf(result, 'noise'))).toBeGreaterThan(0.15);
    expect(Math.sqrt(valueOf(result, 'noise'))).toBeLessThan(0.25);
    expect(valueOf(result, 'kernel.lengthscale[0]')).toBeLessThan(1);
    expect(valueOf(result, 'kernel.lengthscale[2]')).toBeGreaterThan(3);
    expect(result.noise).toBe(valueOf(result, 'noise'));
    expect(result.kernel.params?.['lengthscale']).toHaveLength(3);
  });

  it('ends where no small step is better, and reports the likelihood that is served', () => {
    const data = problem(60, 2, 0.1);
    const result = train(data, { restarts: 2, seed: 1 });
    const kernel = buildKernel(result.kernel, 2);
    const served = { kernel, X: data.X, Y: data.Y, noise: result.noise };
    const { alpha, factor, jitter } = inferExact(served);
    let value = -30 * Math.log(2 * Math.PI);
    for (let i = 0; i < 60; i += 1) {
      value -= 0.5 * data.Y.data[i] * alpha.data[i] + Math.log(factor.L.get(i, i));
    }
    expect(jitter).toBe(0);
    expect(result.logMarginalLikelihood).toBeCloseTo(value, 7);
    expect(result.objective).toBe(result.logMarginalLikelihood);
    for (const { path, value: v } of result.hyperparameters) {
      for (const factorOf of [0.9, 1.1]) {
        const moved = { ...data, bounds: { [path]: { lower: v * factorOf, upper: v * factorOf } } };
        expect(train(moved, { restarts: 1, seed: 1 }).objective).toBeLessThan(result.objective);
      }
    }
  });

  it('takes a deterministic function without warnings', () => {
    const result = train(problem(60, 2), { restarts: 2, seed: 1 });
    expect(valueOf(result, 'noise')).toBeLessThan(1e-7);
    expect(result.converged).toBe(true);
    expect(result.warnings).toEqual([]);
  });

  it('gives the same bits for the same problem and seed', () => {
    const run = (): TrainingResult => train(problem(160, 2, 0.1), { restarts: 3, seed: 7 });
    expect(run()).toEqual(run());
  });

  it('finds on a part of the data where to begin on all of it', () => {
    const data = problem(200, 3, 0.05);
    const starts = startingPoints(data, 6, 1);
    const screened = screen(data, starts);
    expect(screened.length).toBeLessThanOrEqual(3);
    const whole = best(starts.map((start) => maximise(data, start)));
    const short = best(screened.map((start) => maximise(data, start)));
    expect(short.objective).toBeGreaterThan(whole.objective - 1e-3);
    expect(screen(problem(20, 1), startingPoints(problem(20, 1), 4, 1))).toHaveLength(4);
  });

  it('finds the maximum from a start where rounding decides the likelihood', () => {
    const data = problem(160, 2);
    const [suggested] = startingPoints(data, 1, 1);
    const singular = Float64Array.of(17, 0, 2, -34);
    const expected = maximise(data, suggested).objective;
    expect(maximise(data, singular).objective).toBeGreaterThan(expected - 0.1);
  });

  it.each<[string, Partial<TrainingProblem>, number[]]>([
    ['with noise to learn', { noise: { type: 'free' } }, [30, 10, 10, -34]],
    ['without', { noise: { type: 'fixed', variance: 0 } }, [30, 10, 10]],
  ])('finds the maximum from a start where K cannot be factored, %s', (_, more, singular) => {
    const data = problem(60, 2, 0, more);
    const [suggested] = startingPoints(data, 1, 1);
    const expected = maximise(data, suggested).objective;
    expect(maximise(data, Float64Array.from(singular)).objective).toBeGreaterThan(expected - 0.1);
  });

  it('takes the best of its searches', () => {
    const kernel = { type: 'periodic', params: { variance: 1, period: 1, lengthscale: 1 } };
    const data = problem(40, 1, 0.1, { kernel });
    const ends = startingPoints(data, 8, 1).map((start) => maximise(data, start).objective);
    expect(train(data, { restarts: 8, seed: 1 }).objective).toBe(Math.max(...ends));
    expect(Math.min(...ends)).toBeLessThan(Math.max(...ends) - 1);
  });

  it('spreads its starts over the typical range of each hyperparameter, one by one', () => {
    const data = problem(20, 2);
    const { all } = new Hyperparameters(data);
    const [, ...starts] = startingPoints(data, 21, 1);
    const strata = all.map(({ typical }, k) => {
      const [lower, upper] = [Math.log(typical.lower), Math.log(typical.upper)];
      return starts.map((start) => Math.floor((20 * (start[k] - lower)) / (upper - lower)));
    });
    for (const each of strata) expect(each.toSorted((a, b) => a - b)).toEqual([...starts.keys()]);
    expect(new Set(strata.map(String)).size).toBe(4);
  });

  it('keeps what is fixed, and takes bounds by a name for all', () => {
    const result = train(
      problem(40, 2, 0.1, {
        noise: { type: 'fixed', variance: 0.02 },
        fixed: ['kernel.variance'],
        bounds: { 'kernel.lengthscale': { lower: 0.05, upper: 0.1 } },
      }),
      { restarts: 2, seed: 1 },
    );
    expect(result.noise).toBe(0.02);
    expect(valueOf(result, 'kernel.variance')).toBe(1);
    expect(valueOf(result, 'kernel.lengthscale[0]')).toBeCloseTo(0.1, 8);
    expect(result.warnings).toHaveLength(2);
    expect(result.hyperparameters.map(({ state }) => state)).toEqual(['fixed', 'upper', 'upper', 'fixed']);
  });

  it('uses known variances, and fits a mean', () => {
    const data = problem(40, 1, 0.1, { mean: 'linear' });
    const variances = new Float64Array(40).fill(0.01);
    const result = train({ ...data, noise: { type: 'known', variances } }, { restarts: 2, seed: 1 });
    expect(result.noise).toBe(variances);
    expect(result.mean?.type).toBe('sum');
    expect(result.hyperparameters.map(({ path }) => path)).toEqual([
      'kernel.variance',
      'kernel.lengthscale[0]',
    ]);
  });

  it('is drawn towards a prior', () => {
    const prior = { type: 'log-normal', mean: Math.log(0.2), std: 0.01 } as const;
    const free = train(problem(30, 1, 0.1), { restarts: 2, seed: 1 });
    const drawn = train(problem(30, 1, 0.1, { priors: { 'kernel.lengthscale': prior } }), {
      restarts: 2,
      seed: 1,
    });
    expect(valueOf(free, 'kernel.lengthscale[0]')).toBeGreaterThan(0.3);
    expect(valueOf(drawn, 'kernel.lengthscale[0]')).toBeCloseTo(0.2, 1);
    expect(drawn.objective).not.toBe(drawn.logMarginalLikelihood);
    const gamma = { type: 'gamma', shape: 2, rate: 1e4 } as const;
    const small = train(problem(30, 1, 0.1, { priors: { noise: gamma } }), { restarts: 2, seed: 1 });
    expect(valueOf(small, 'noise')).toBeLessThan(valueOf(free, 'noise'));
  });

  it.each<[string, KernelSpec]>([
    ['sum', { type: 'sum', parts: [ard(2), { type: 'linear', params: { variances: [1, 1] } }] }],
    ['product', { type: 'product', parts: [ard(2), { type: 'bias', params: { variance: 1 } }] }],
    ['with white', { type: 'sum', parts: [ard(2), { type: 'white', params: { variance: 1 } }] }],
    ['periodic', { type: 'periodic', params: { variance: 1, period: 1, lengthscale: 1 } }],
    ['power', { type: 'power', params: { exponent: 2 }, parts: [ard(2)] }],
  ])('trains a kernel: %s', (_, kernel) => {
    const data = problem(40, 2, 0.1, { kernel });
    const [start] = startingPoints(data, 1, 1);
    const untrained = maximise(data, start, { mostIterations: 1 });
    const result = train(data, { restarts: 2, seed: 1 });
    expect(result.objective).toBeGreaterThan(untrained.objective);
    expect(result.converged).toBe(true);
  });

  it('begins at the given values where it is told to', () => {
    const kernel = { type: 'rbf', params: { variance: 0.7, lengthscale: [0.4, 0.6] } };
    const [start] = startingPoints(problem(20, 2, 0, { kernel, start: 'given' }), 1, 1);
    [0.7, 0.4, 0.6].forEach((value, k) => expect(Math.exp(start[k])).toBeCloseTo(value, 12));
  });
});

describe('train, with data that say little', () => {
  const fit = (data: TrainingProblem): TrainingResult => train(data, { restarts: 2, seed: 1 });

  it('keeps the lengthscale of a constant input, and says so', () => {
    const data = problem(30, 2, 0.1);
    for (let i = 0; i < 30; i += 1) data.X.data[2 * i + 1] = 4;
    const result = fit(data);
    expect(valueOf(result, 'kernel.lengthscale[1]')).toBe(1);
    expect(result.warnings.join()).toContain('input 1 has the same value at all points');
  });

  it('takes duplicated rows, equal or not', () => {
    const data = problem(30, 1);
    for (let i = 0; i < 10; i += 1) data.X.data[i + 10] = data.X.data[i];
    const result = fit(data);
    expect(result.converged).toBe(true);
    expect(valueOf(result, 'noise')).toBeGreaterThan(0.01);
    for (let i = 0; i < 10; i += 1) data.Y.data[i + 10] = data.Y.data[i];
    expect(fit(data).converged).toBe(true);
  });

  it('takes one point, and outputs that are all 0', () => {
    const one = fit(problem(1, 2));
    expect(Number.isFinite(one.objective)).toBe(true);
    expect(one.warnings).not.toEqual([]);
    const flat = problem(10, 1);
    flat.Y.data.fill(0);
    const result = fit(flat);
    expect(Number.isFinite(result.objective)).toBe(true);
    expect(result.warnings.join()).toContain('constant');
  });

  it.each([1e-9, 1e9])('does not mind the scale of the inputs: %d', (scale) => {
    const plain = fit(problem(40, 2, 0.1));
    const data = problem(40, 2, 0.1);
    for (let k = 0; k < data.X.data.length; k += 1) data.X.data[k] *= scale;
    const scaled = fit(data);
    expect(scaled.objective).toBeCloseTo(plain.objective, 3);
    expect(valueOf(scaled, 'kernel.lengthscale[0]') / scale).toBeCloseTo(
      valueOf(plain, 'kernel.lengthscale[0]'),
      2,
    );
  });

  it('takes collinear inputs', () => {
    const data = problem(30, 2, 0.1);
    for (let i = 0; i < 30; i += 1) data.X.data[2 * i + 1] = 3 * data.X.data[2 * i];
    expect(fit(data).converged).toBe(true);
  });

  it('refuses what is not a number, and what does not fit', () => {
    const data = problem(10, 2);
    data.X.data[5] = NaN;
    expect(() => fit(data)).toThrow('Row 2, input 1 is NaN');
    expect(() => fit({ ...problem(10, 2), Y: Matrix.zeros(9, 1) })).toThrow(NumericInputError);
    expect(() => fit(problem(0, 2))).toThrow(NumericInputError);
    const untrained = { type: 'mlp', params: { variance: 1, weight_variance: 1, bias_variance: 1 } };
    expect(() => fit(problem(10, 2, 0, { kernel: untrained }))).toThrow(UntrainableKernelError);
    expect(() => fit(problem(10, 2, 0, { fixed: ['kernel.lengthscales'] }))).toThrow(KernelSpecError);
    const bounds = { noise: { lower: 1, upper: 0.1 } };
    expect(() => fit(problem(10, 2, 0, { bounds }))).toThrow(KernelSpecError);
  });

  it('ends when its checkpoint throws', () => {
    const checkpoint = (): never => {
      throw new Error('cancelled');
    };
    expect(() => train(problem(20, 1), { restarts: 2, seed: 1, checkpoint })).toThrow('cancelled');
  });
});
