import { describe, expect, it } from 'vitest';
import { GpStateError } from '../errors.js';
import { buildKernel } from '../kernels/kernels.js';
import { Matrix } from '../linalg/matrix.js';
import { inferExact } from './fit-posterior.js';
import { GaussianProcess } from './gaussian-process.js';
import type { GpState } from './gp-state.js';

const offset = [3, -2];
const scale = [4, -0.5];
const Z = Matrix.fromRows([[-1, 0.3], [0.2, 0.8], [0.9, -0.4], [0.5, 0.1]]); // prettier-ignore
const Y = Matrix.fromRows([[1], [2], [0], [-1]]);
const X = Matrix.fromRows([[2.5, -2.2], [5.1, -1.9]]); // prettier-ignore

/** An RBF with lengthscales of the transformed inputs, behind the transform. */
function behindTransform(): GpState {
  const kernel = { type: 'rbf', params: { variance: 2, lengthscale: [0.7, 1.1] } };
  return { kernel, inputTransform: { offset, scale }, ...fit(kernel, Z) };
}

/** The same GP without a transform: points and lengthscales in the inputs' own units. */
function inOwnUnits(): GpState {
  const points = new Matrix(
    Z.rows,
    2,
    Z.data.map((t, k) => t * scale[k % 2] + offset[k % 2]),
  );
  const kernel = { type: 'rbf', params: { variance: 2, lengthscale: [0.7 * 4, 1.1 * 0.5] } };
  return { kernel, ...fit(kernel, points) };
}

function fit(kernel: GpState['kernel'], points: Matrix): Pick<GpState, 'Z' | 'alpha' | 'factor' | 'noise'> {
  const { alpha, factor } = inferExact({ kernel: buildKernel(kernel, 2), X: points, Y, noise: 0.1 });
  return { Z: points, alpha, factor, noise: { type: 'gaussian', variance: 0.1 } };
}

describe('a GP behind an input transform', () => {
  const behind = new GaussianProcess(behindTransform());
  const plain = new GaussianProcess(inOwnUnits());

  it('predicts what the same GP predicts in the units of the inputs', () => {
    const [a, b] = [behind, plain].map((gp) =>
      gp.predict(X, { latentVariance: true, observedVariance: true }),
    );
    close(a.mean, b.mean);
    close(a.latentVariance, b.latentVariance);
    close(a.observedVariance, b.observedVariance);
    close(behind.covariance(X)[0], plain.covariance(X)[0]);
    close(behind.sample(X, { count: 1, seed: 3 })[0], plain.sample(X, { count: 1, seed: 3 })[0]);
  });

  it('has the derivatives by the inputs as they are given', () => {
    const [a, b] = [behind, plain].map((gp) => gp.gradients(X, { variance: true }));
    close(a.mean[0], b.mean[0]);
    close(a.variance?.[0], b.variance?.[0]);
  });

  it('leaves the points it is given as they are', () => {
    const given = X.data.slice();
    behind.predict(X);
    expect(X.data).toEqual(given);
  });

  it.each([
    [{ offset: [1], scale: [1, 1] }],
    [{ offset: [1, 1], scale: [1, 0] }],
    [{ offset: [1, NaN], scale: [1, 1] }],
    [{ offset: [1, 1], scale: [1, Infinity] }],
  ])('refuses %j', (inputTransform) => {
    expect(() => new GaussianProcess({ ...behindTransform(), inputTransform })).toThrow(GpStateError);
  });
});

function close(actual: Matrix | undefined, expected: Matrix | undefined): void {
  expect(actual?.data.length).toBe(expected?.data.length);
  expected?.data.forEach((value, k) => expect(actual?.data[k]).toBeCloseTo(value, 10));
}
