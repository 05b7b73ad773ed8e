import { describe, expect, it } from 'vitest';
import { buildKernel } from '../kernels/kernels.js';
import { Matrix } from '../linalg/matrix.js';
import { Random } from '../random/random.js';
import { GPY_NUGGET, inferExact } from './fit-posterior.js';
import { GaussianProcess, type PredictionWants } from './gaussian-process.js';

const N = 60;
const random = new Random(5);
const Z = uniform(N);
const X = uniform(40);
const Y = Matrix.fromRows(Array.from({ length: N }, (_, i) => [3 * Z.get(i, 0)]));
const squares = Z.data.reduce((sum, z) => sum + z * z, 0);

/** k = s2 x z: with s2 |Z|^2 far above noise and nugget, K is near singular, and the variance known in closed form. */
function linear(s2: number, noise = 0): GaussianProcess {
  const kernel = { type: 'linear', dims: [0], params: { variances: s2 } };
  const posterior = inferExact({ kernel: buildKernel(kernel, 1), X: Z, Y, noise });
  expect(posterior.jitter).toBe(0);
  return new GaussianProcess({ kernel, Z, ...posterior, noise: { type: 'gaussian', variance: noise } });
}

/** Sherman and Morrison: s2 x^2 - s2^2 x^2 z^T (s2 z z^T + delta I)^-1 z = s2 x^2 delta / (delta + s2 |z|^2). */
function exactVariance(s2: number, x: number): number {
  return (s2 * x * x * GPY_NUGGET) / (GPY_NUGGET + s2 * squares);
}

function flagged(gp: GaussianProcess, wants: PredictionWants, points = X): number[] {
  return [...(gp.predict(points, wants).varianceAtRounding ?? [])];
}

describe('variances at rounding', () => {
  it('are silent about no wrong variance, and about every one that is right', () => {
    const latentVariance = true;
    let wrong = 0;
    let right = 0;
    for (let exponent = 0; exponent <= 6; exponent += 0.1) {
      const s2 = 10 ** exponent;
      const gp = linear(s2);
      const variances = gp.predict(X, { latentVariance }).latentVariance?.data ?? [];
      const rows = new Set(flagged(gp, { latentVariance }));
      variances.forEach((variance, j) => {
        const exact = exactVariance(s2, X.get(j, 0));
        const error = Math.abs(variance - exact) / exact;
        if (error > 0.1) wrong += 1;
        if (error > 0.1) expect(rows).toContain(j);
        if (s2 * squares < 1e4) right += 1;
        if (s2 * squares < 1e4) expect(rows).not.toContain(j);
      });
    }
    expect(wrong).toBeGreaterThan(50);
    expect(right).toBeGreaterThan(50);
  });

  it('are told one by one as together', () => {
    const gp = linear(1e6);
    const together = flagged(gp, { latentVariance: true });
    expect(together.length).toBeGreaterThan(0);
    for (let j = 0; j < X.rows; j += 1) {
      const alone = flagged(gp, { latentVariance: true }, X.slice(j, j + 1));
      expect(alone).toEqual(together.includes(j) ? [0] : []);
    }
  });

  it('are no matter where the noise that the answer includes is larger', () => {
    const gp = linear(1e6);
    const noisy = new GaussianProcess({ ...gp.state, noise: { type: 'gaussian', variance: 1 } });
    expect(flagged(gp, { observedVariance: true })).toHaveLength(X.rows);
    expect(flagged(noisy, { observedVariance: true })).toEqual([]);
    expect(flagged(noisy, { observedVariance: true, latentVariance: true })).toHaveLength(X.rows);
  });

  it('are not those that are exactly 0', () => {
    const gp = linear(1e6);
    const origin = gp.predict(Matrix.zeros(1, 1), { latentVariance: true });
    expect(origin.latentVariance?.data[0]).toBe(0);
    expect(origin.varianceAtRounding).toBeUndefined();
  });

  it('of a sparse model come from large entries of W that cancel', () => {
    const gp = linear(1);
    const W = Matrix.zeros(N, N);
    const sparse = (): GaussianProcess =>
      new GaussianProcess({ ...gp.state, factor: { type: 'inverse', W } });
    expect(flagged(sparse(), { latentVariance: true })).toEqual([]);
    W.data[1] = 1e17;
    W.data[N] = -1e17;
    expect(flagged(sparse(), { latentVariance: true })).toHaveLength(X.rows);
  });
});

function uniform(count: number): Matrix {
  return Matrix.fromRows(Array.from({ length: count }, () => [0.1 + random.uniform()]));
}
