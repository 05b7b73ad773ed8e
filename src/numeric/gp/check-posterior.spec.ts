import { describe, expect, it } from 'vitest';
import { buildKernel } from '../kernels/kernels.js';
import { Matrix } from '../linalg/matrix.js';
import { Random } from '../random/random.js';
import { checkPosterior } from './check-posterior.js';
import { inferExact, type TrainingData } from './fit-posterior.js';

const random = new Random(9);
const X = new Matrix(
  40,
  2,
  Float64Array.from({ length: 80 }, () => 4 * random.uniform() - 2),
);
const Y = new Matrix(
  40,
  2,
  Float64Array.from({ length: 80 }, (_, k) => Math.sin(X.data[k])),
);

function data(noise = 0.01, lengthscale = 0.9, points = X): TrainingData {
  const kernel = buildKernel(
    {
      type: 'sum',
      parts: [
        { type: 'rbf', params: { variance: 1.3, lengthscale } },
        { type: 'white', params: { variance: 0.02 } },
      ],
    },
    2,
  );
  return { kernel, X: points, Y, noise };
}

function stored(of: TrainingData): { L: Matrix; alpha: Matrix } {
  const { alpha, factor } = inferExact(of);
  return { alpha, L: factor.L };
}

describe('checkPosterior', () => {
  it('agrees with a posterior of the same model', () => {
    const check = checkPosterior(data(), stored(data()));
    expect(check.agreed).toBe(true);
    expect(check.jitter).toBe(0);
    expect(check.factorError).toBeLessThan(1e-14);
    expect(check.alphaError).toBeLessThan(1e-12);
    expect(check.alphaBackwardError).toBeLessThan(1e-15);
  });

  it.each([
    ['another noise', data(0.011)],
    ['another lengthscale', data(0.01, 0.9001)],
    ['other points', data(0.01, 0.9, new Matrix(40, 2, X.data.with(21, 1)))],
  ])('disagrees with %s', (_, other) => {
    expect(checkPosterior(other, stored(data())).agreed).toBe(false);
  });

  it('disagrees with other data: alpha alone tells', () => {
    const other = { ...data(), Y: new Matrix(40, 2, Y.data.with(30, 5)) };
    const check = checkPosterior(other, stored(data()));
    expect(check.agreed).toBe(false);
    expect(check.factorError).toBeLessThan(1e-14);
    expect(check.alphaError).toBeGreaterThan(0.5);
  });

  it('disagrees with an L that is right on the diagonal of L L^T only', () => {
    const own = stored(data());
    own.L.data[7 * 40 + 3] *= -1;
    const check = checkPosterior(data(), own);
    expect(check.agreed).toBe(false);
    expect(check.alphaError).toBeLessThan(1e-12);
  });

  it('takes noise a point, and a mean function, into account', () => {
    const noise = Float64Array.from({ length: 40 }, (_, i) => 0.01 + 0.001 * i);
    const own: TrainingData = { ...data(), noise, mean: { type: 'constant', value: [0.5] } };
    expect(checkPosterior(own, stored(own)).agreed).toBe(true);
    expect(checkPosterior({ ...own, mean: undefined }, stored(own)).agreed).toBe(false);
  });

  it.each([1e-6, 1e-5, 1e-4, 1e-3, 1e-2])('finds the jitter that GPy does not record: %d', (step) => {
    const jitter = step * (1.32 + 0.01 + 1e-8);
    const check = checkPosterior(data(0.01), stored(data(0.01 + jitter)));
    expect(check.jitter).toBeCloseTo(jitter, 9);
    expect(check.agreed).toBe(true);
  });

  it('agrees on a nearly singular model, where alpha is large', () => {
    const close = new Matrix(
      40,
      2,
      X.data.map((x) => x / 20),
    );
    const smooth: TrainingData = {
      ...data(0, 0.9, close),
      kernel: buildKernel({ type: 'rbf', params: { variance: 1, lengthscale: 0.9 } }, 2),
    };
    expect(checkPosterior(smooth, stored(smooth)).agreed).toBe(true);
  });

  it.each(['L', 'alpha'] as const)('disagrees where %s holds NaN', (name) => {
    const own = stored(data());
    own[name].data[40] = NaN;
    expect(checkPosterior(data(), own).agreed).toBe(false);
  });
});
