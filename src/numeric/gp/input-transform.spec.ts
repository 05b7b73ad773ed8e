import { describe, expect, it } from 'vitest';
import { GpStateError } from '../errors.js';
import { buildKernel } from '../kernels/kernels.js';
import { Matrix } from '../linalg/matrix.js';
import { Random } from '../random/random.js';
import { inferExact } from './fit-posterior.js';
import { GaussianProcess } from './gaussian-process.js';
import type { GpState } from './gp-state.js';

const SEED = 31;
const offset = [4, -0.3, 100];
const scale = [2, 0.25, -40];
const random = new Random(SEED);

function points(count: number): Matrix {
  return new Matrix(
    count,
    3,
    Float64Array.from({ length: 3 * count }, () => 3 * random.uniform() - 1),
  );
}

const kernel = { type: 'rbf', dims: [0, 1, 2], params: { variance: 1.5, lengthscale: [0.8, 1.4, 2] } };
const Z = points(15);
const Y = new Matrix(
  15,
  1,
  Float64Array.from({ length: 15 }, (_, i) => Math.sin(Z.get(i, 0)) + Z.get(i, 2)),
);
const { alpha, factor } = inferExact({ kernel: buildKernel(kernel, 3), X: Z, Y, noise: 0.01 });
const plainState: GpState = {
  kernel,
  Z,
  alpha,
  factor,
  noise: { type: 'gaussian', variance: 0.01 },
  mean: { type: 'linear', A: Matrix.fromRows([[0.5], [-1], [2]]) },
  outputNorm: { mean: [3], std: [0.5] },
};
const plain = new GaussianProcess(plainState);
const transformed = new GaussianProcess({ ...plainState, inputTransform: { offset, scale } });

const X = points(6);
/** The same points in the units of the model's inputs. */
const raw = new Matrix(
  6,
  3,
  X.data.map((x, k) => x * scale[k % 3] + offset[k % 3]),
);

function expectSame(actual: Matrix | undefined, expected: Matrix | undefined, tolerance = 1e-12): void {
  expect(actual?.data).toHaveLength(expected?.data.length ?? 0);
  actual?.data.forEach((value, k) => {
    const wanted = expected?.data[k] ?? Number.NaN;
    expect(Math.abs(value - wanted), `${value} against ${wanted}`).toBeLessThanOrEqual(
      tolerance * Math.max(1, Math.abs(wanted)),
    );
  });
}

describe('a model with an input transform', () => {
  it('predicts at a point what the model without one predicts at the scaled point', () => {
    const wants = { latentVariance: true, observedVariance: true };
    const [actual, expected] = [transformed.predict(raw, wants), plain.predict(X, wants)];
    expectSame(actual.mean, expected.mean);
    expectSame(actual.latentVariance, expected.latentVariance);
    expectSame(actual.observedVariance, expected.observedVariance);
    expectSame(transformed.varianceResolution(raw), plain.varianceResolution(X));
    expectSame(transformed.quantiles(raw, [0.1])[0], plain.quantiles(X, [0.1])[0]);
    expectSame(transformed.covariance(raw)[0], plain.covariance(X)[0]);
    const options = { count: 2, seed: 1 };
    expectSame(transformed.sample(raw, options)[1], plain.sample(X, options)[1], 1e-9);
  });

  it('leaves the points as they came', () => {
    const before = raw.data.slice();
    transformed.predict(raw);
    expect(raw.data).toEqual(before);
  });

  it('has gradients in the units of its inputs', () => {
    const gradients = transformed.gradients(raw, { variance: true });
    for (let q = 0; q < 3; q += 1) {
      const h = 1e-3 * Math.abs(scale[q]);
      const at = (step: number): { mean: Matrix; latentVariance?: Matrix } =>
        transformed.predict(
          new Matrix(
            6,
            3,
            raw.data.map((x, k) => (k % 3 === q ? x + step : x)),
          ),
          { latentVariance: true },
        );
      const [low2, low, high, high2] = [-2 * h, -h, h, 2 * h].map(at);
      for (let j = 0; j < 6; j += 1) {
        const slope = (of: (p: { mean: Matrix; latentVariance?: Matrix }) => Matrix | undefined): number => {
          const [a, b, c, d] = [low2, low, high, high2].map((p) => of(p)?.data[j] ?? Number.NaN);
          return (a - 8 * b + 8 * c - d) / (12 * h);
        };
        expect(gradients.mean[0].get(j, q)).toBeCloseTo(
          slope((p) => p.mean),
          7,
        );
        expect(gradients.variance?.[0].get(j, q)).toBeCloseTo(
          slope((p) => p.latentVariance),
          7,
        );
      }
    }
  });

  it.each([
    ['too few offsets', { offset: [1], scale }],
    ['too many scales', { offset, scale: [...scale, 1] }],
    ['a scale of 0', { offset, scale: [1, 0, 1] }],
    ['an offset that is no number', { offset: [1, Number.NaN, 1], scale }],
  ])('is refused with %s', (_, inputTransform) => {
    expect(() => new GaussianProcess({ ...plainState, inputTransform })).toThrow(GpStateError);
  });
});
