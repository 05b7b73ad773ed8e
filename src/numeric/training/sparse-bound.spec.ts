import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { KernelSpec } from '../kernels/kernel-spec.js';
import { buildKernel } from '../kernels/kernels.js';
import { defaultLinearAlgebra } from '../linalg/default-linear-algebra.js';
import { Matrix } from '../linalg/matrix.js';
import { Random } from '../random/random.js';
import { LogMarginalLikelihood } from './log-marginal-likelihood.js';
import { selectInducingPoints } from './inducing-points.js';
import { maximise } from './maximise.js';
import { maximiseSparse } from './maximise-sparse.js';
import { SparseBound } from './sparse-bound.js';
import { startingPoints } from './starting-points.js';
import type { TrainingMean, TrainingProblem } from './training-problem.js';

interface Case {
  readonly name: string;
  readonly X: number[][];
  readonly Y: number[][];
  readonly Z: number[][];
  readonly noise: number;
  readonly bound: number;
  readonly byKernel: number[];
  readonly byNoise: number;
  readonly byInducing: number[][];
}

const file = join(import.meta.dirname, 'sparse-bound.fixture.json');
const { cases } = JSON.parse(readFileSync(file, 'utf8')) as { cases: Case[] };
const KERNELS: Readonly<Record<string, KernelSpec>> = {
  'rbf, ARD': { type: 'rbf', params: { variance: 1.3, lengthscale: [0.7, 1.4] } },
  'matern52, two outputs': { type: 'matern52', params: { variance: 0.8, lengthscale: 0.9 } },
  'rbf + white + bias': {
    type: 'sum',
    parts: [
      { type: 'rbf', params: { variance: 2, lengthscale: 0.6 } },
      { type: 'white', params: { variance: 0.1 } },
      { type: 'bias', params: { variance: 0.4 } },
    ],
  },
};
const linalg = defaultLinearAlgebra();
const random = new Random(7);

function problemOf(kernel: KernelSpec, X: Matrix, Y: Matrix, mean: TrainingMean = 'zero'): TrainingProblem {
  return { X, Y, kernel, noise: { type: 'free' }, mean };
}

function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>, relative: number): void {
  expect(actual).toHaveLength(expected.length);
  const size = Array.from(expected).reduce((a, b) => Math.max(a, Math.abs(b)), 0);
  for (let k = 0; k < expected.length; k += 1) {
    if (!(Math.abs(actual[k] - expected[k]) <= relative * size)) {
      expect.fail(`[${k}] is ${actual[k]}, expected ${expected[k]}`);
    }
  }
}

/** n points of d inputs, and a smooth function of them with a little noise. */
function data(n: number, d: number): { X: Matrix; Y: Matrix } {
  const X = Matrix.zeros(n, d);
  random.fillNormal(X.data);
  const noise = new Float64Array(n);
  random.fillNormal(noise);
  const Y = Matrix.zeros(n, 1);
  for (let i = 0; i < n; i += 1) {
    Y.data[i] = Math.sin(2 * X.get(i, 0)) + 0.5 * X.get(i, d - 1) ** 2 - 0.5 + 0.1 * noise[i];
  }
  return { X, Y };
}

describe('SparseBound', () => {
  it.each(cases)("is that of GPy's SparseGPRegression: $name", (given) => {
    const [X, Y, Z] = [given.X, given.Y, given.Z].map((rows) => Matrix.fromRows(rows));
    const kernel = KERNELS[given.name];
    const gradient = new Float64Array(given.byKernel.length + 1);
    const byInducing = Matrix.zeros(Z.rows, Z.cols);
    const bound = new SparseBound(problemOf(kernel, X, Y), Z, linalg);
    const { value } = bound.evaluate(kernel, given.noise, gradient, byInducing);
    expect(Math.abs(value / given.bound - 1)).toBeLessThan(1e-9);
    expectClose(gradient, [...given.byKernel, given.byNoise], 1e-7);
    expectClose(byInducing.data, given.byInducing.flat(), 1e-7);
  });

  it.each<[TrainingMean, number, 'one' | 'each']>([
    ['zero', 60, 'one'],
    ['constant', 60, 'one'],
    ['linear', 1500, 'one'],
    ['constant', 60, 'each'],
  ])('has the gradient of its value, with a mean that is %s, %d points, noise for %s', (mean, n, noise) => {
    const { X, Y } = data(n, 2);
    const Z = X.slice(0, 6);
    const kernel: KernelSpec = {
      type: 'sum',
      parts: [
        { type: 'rbf', params: { variance: 1.2, lengthscale: [0.9, 1.6] } },
        { type: 'linear', params: { variances: 0.3 } },
        { type: 'white', params: { variance: 0.05 } },
      ],
    };
    const bound = new SparseBound(problemOf(kernel, X, Y, mean), Z, linalg);
    const variances =
      noise === 'one' ? 0.1 : Float64Array.from({ length: n }, (_, i) => 0.05 + 0.01 * (i % 7));
    const known = typeof variances !== 'number';
    const gradient = new Float64Array(known ? 5 : 6);
    const byInducing = Matrix.zeros(6, 2);
    bound.evaluate(kernel, variances, gradient, byInducing);

    const values = [1.2, 0.9, 1.6, 0.3, 0.05, ...(known ? [] : [0.1])];
    const at = ([variance, a, b, slope, white, given]: number[]): number =>
      bound.evaluate(
        {
          type: 'sum',
          parts: [
            { type: 'rbf', params: { variance, lengthscale: [a, b] } },
            { type: 'linear', params: { variances: slope } },
            { type: 'white', params: { variance: white } },
          ],
        },
        known ? variances : given,
      ).value;
    expectClose(
      gradient,
      values.map((_, k) => difference(at, values, k)),
      1e-6,
    );
    const atZ = (moved: number[]): number =>
      new SparseBound(
        problemOf(kernel, X, Y, mean),
        new Matrix(6, 2, Float64Array.from(moved)),
        linalg,
      ).evaluate(kernel, variances).value;
    expectClose(
      byInducing.data,
      Array.from(Z.data, (_, k) => difference(atZ, [...Z.data], k)),
      1e-6,
    );
  });

  it('is below the likelihood, and reaches it where the inducing points are the training points', () => {
    const { X, Y } = data(50, 2);
    const kernel: KernelSpec = { type: 'matern52', params: { variance: 1, lengthscale: 0.8 } };
    const problem = problemOf(kernel, X, Y, 'linear');
    const exact = new LogMarginalLikelihood(problem, linalg).evaluate(kernel, 0.1);
    const all = new SparseBound(problem, X, linalg).evaluate(kernel, 0.1);
    expect(all.value).toBeCloseTo(exact.value, 4);
    expectClose(all.beta.data, exact.beta.data, 1e-5);
    const few = new SparseBound(problem, X.slice(0, 10), linalg).evaluate(kernel, 0.1);
    expect(few.value).toBeLessThan(exact.value - 1);
  });
});

/** Central difference of fourth order by value k. */
function difference(f: (values: number[]) => number, values: readonly number[], k: number): number {
  const step = 1e-3 * Math.max(0.05, Math.abs(values[k]));
  const at = (steps: number): number => f(values.map((value, i) => (i === k ? value + steps * step : value)));
  return (8 * (at(1) - at(-1)) - (at(2) - at(-2))) / (12 * step);
}

describe('selectInducingPoints', () => {
  const kernel = buildKernel({ type: 'rbf', params: { variance: 1, lengthscale: 1 } }, 1);

  it('takes the point that the others say least of, each time', () => {
    const X = Matrix.fromRows([[0], [0.1], [5], [5.1], [2]]);
    const { data: chosen } = selectInducingPoints(kernel, X, 3);
    expect([...chosen].map(Math.round).sort((a, b) => a - b)).toEqual([0, 2, 5]);
  });

  it('takes no point twice, and none that adds nothing', () => {
    const X = Matrix.fromRows([[0], [1], [0], [1], [1 + 1e-9]]);
    expect(selectInducingPoints(kernel, X, 5).data).toHaveLength(2);
    const noisy = buildKernel(
      {
        type: 'sum',
        parts: [
          { type: 'rbf', params: { variance: 1, lengthscale: 1 } },
          { type: 'white', params: { variance: 1 } },
        ],
      },
      1,
    );
    expect(selectInducingPoints(noisy, X, 5).data).toHaveLength(2);
  });
});

describe('maximiseSparse', () => {
  it('comes close to exact training, and is the same each time', () => {
    const { X, Y } = data(250, 2);
    const kernel: KernelSpec = { type: 'rbf', params: { variance: 1, lengthscale: [1, 1] } };
    const problem = problemOf(kernel, X, Y, 'constant');
    const [start] = startingPoints(problem, 1, 1);
    const exact = maximise(problem, start);
    const sparse = maximiseSparse(problem, start, { inducing: 60 });
    expect(sparse.inducingPoints.rows).toBeLessThanOrEqual(60);
    expect(sparse.logMarginalLikelihood).toBeLessThan(exact.logMarginalLikelihood + 1e-6);
    expect(sparse.logMarginalLikelihood).toBeGreaterThan(exact.logMarginalLikelihood - 2);
    sparse.hyperparameters.forEach(({ path, value }, k) => {
      expect(path).toBe(exact.hyperparameters[k].path);
      expect(Math.abs(Math.log(value / exact.hyperparameters[k].value))).toBeLessThan(0.3);
    });
    expect(maximiseSparse(problem, start, { inducing: 60 })).toEqual(sparse);
  });
});
