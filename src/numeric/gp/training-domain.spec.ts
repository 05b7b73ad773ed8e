import { describe, expect, it } from 'vitest';
import type { KernelSpec } from '../kernels/kernel-spec.js';
import { buildKernel } from '../kernels/kernels.js';
import { Matrix } from '../linalg/matrix.js';
import { Random } from '../random/random.js';
import { inferExact } from './fit-posterior.js';
import { GaussianProcess } from './gaussian-process.js';
import type { GpState } from './gp-state.js';
import { type InputTransform, transformInputs } from './input-transform.js';
import { TrainingDomain } from './training-domain.js';

const random = new Random(31);
const points = (rows: number, cols: number): Matrix =>
  new Matrix(
    rows,
    cols,
    Float64Array.from({ length: rows * cols }, () => 6 * random.uniform() - 2),
  );
const rbf = (lengthscale: number | number[], dims?: number[]): KernelSpec => ({
  type: 'rbf',
  params: { variance: 2, lengthscale },
  ...(dims && { dims }),
});
const linear: KernelSpec = { type: 'linear', params: { variances: 1 } };

const Z = points(23, 3);
const X = points(7, 3);
const range = (q: number): number => Math.max(...Z.column(q)) - Math.min(...Z.column(q));

/** Each scale by hand, and hypot over every pair. */
function bruteForce(scales: readonly number[]): number[] {
  return Array.from({ length: X.rows }, (_, j) =>
    Math.min(
      ...Array.from({ length: Z.rows }, (_unused, i) =>
        Math.hypot(...scales.map((scale, q) => (X.get(j, q) - Z.get(i, q)) / scale)),
      ),
    ),
  );
}

describe('TrainingDomain', () => {
  const white: KernelSpec = { type: 'white', params: { variance: 1 } };
  it.each<[string, KernelSpec, number[]]>([
    ['one lengthscale', rbf(0.7), [0.7, 0.7, 0.7]],
    ['ARD', rbf([0.3, 2, 11]), [0.3, 2, 11]],
    ['columns in another order', rbf([0.3, 2, 11], [2, 0, 1]), [2, 11, 0.3]],
    ['a sum: the smallest', { type: 'sum', parts: [rbf([5, 0.5, 4]), white, rbf([0.2, 3, 4])] }, [0.2, 0.5, 4]],
    ['a product, nested', { type: 'product', parts: [{ type: 'sum', parts: [rbf(3), linear] }, rbf(1.5, [1])] }, [3, 1.5, 3]],
    ['a power', { type: 'power', params: { exponent: 2 }, parts: [rbf(0.9)] }, [0.9, 0.9, 0.9]],
    ['some inputs only: the range of the others', rbf(0.4, [1]), [range(0), 0.4, range(2)]],
    ['no stationary kernel: the ranges', linear, [range(0), range(1), range(2)]],
    [
      'a period, which is no lengthscale',
      { type: 'exp-sine-squared', params: { variance: 1, lengthscale: 0.01, period: 0.02 } },
      [range(0), range(1), range(2)],
    ],
  ])('%s', (_what, spec, scales) => {
    const distances = new TrainingDomain(Z, buildKernel(spec, 3)).nearestDistances(X);
    bruteForce(scales).forEach((distance, j) => expect(distances[j]).toBeCloseTo(distance, 12));
  }); // prettier-ignore

  it('is at distance 0 from each of its points', () => {
    expect([...new TrainingDomain(Z, buildKernel(rbf(0.7), 3)).nearestDistances(Z)]).toEqual(
      Array(23).fill(0),
    );
  });

  it('takes an input that never varied in its own unit', () => {
    const domain = new TrainingDomain(new Matrix(2, 1, Float64Array.of(4, 4)), buildKernel(linear, 1));
    expect([...domain.nearestDistances(new Matrix(2, 1, Float64Array.of(4, 6.5)))]).toEqual([0, 2.5]);
    expect(domain.ranges()).toEqual([{ min: 4, max: 4 }]);
  });

  it('is finite at any distance', () => {
    const domain = new TrainingDomain(Z, buildKernel(rbf(0.1), 3));
    const far = Matrix.fromRows([[1e200, 0, 0], [-1.7e308, 1.7e308, 0]]); // prettier-ignore
    expect([...domain.nearestDistances(far)]).toEqual([Number.MAX_VALUE, Number.MAX_VALUE]);
  });

  it('says the ranges and the lengthscales', () => {
    const ranges = new TrainingDomain(Z, buildKernel(rbf(0.4, [1]), 3)).ranges();
    expect(ranges).toEqual(
      [0, 1, 2].map((q) => ({
        min: Math.min(...Z.column(q)),
        max: Math.max(...Z.column(q)),
        ...(q === 1 && { lengthscale: 0.4 }),
      })),
    );
  });

  it('says them in the units before a transform, and no training point is outside', () => {
    const transform: InputTransform = { offset: [0.1, -1 / 3, 1e6], scale: [1 / 7, -0.3, 1e-3] };
    const raw = points(400, 3);
    const domain = new TrainingDomain(transformInputs(raw, transform), buildKernel(rbf([2, 3, 5]), 3));
    const ranges = domain.ranges(transform);
    ranges.forEach(({ min, max, lengthscale }, q) => {
      const column = raw.column(q);
      expect(min).toBeLessThanOrEqual(Math.min(...column));
      expect(max).toBeGreaterThanOrEqual(Math.max(...column));
      expect(min).toBeCloseTo(Math.min(...column), 8);
      expect(max).toBeCloseTo(Math.max(...column), 8);
      expect(lengthscale).toBeCloseTo([2 / 7, 0.9, 5e-3][q], 12);
    });
  });
});

describe('GaussianProcess', () => {
  const transform: InputTransform = { offset: [1, 2, 3], scale: [0.5, -2, 4] };
  const Y = points(23, 2);
  const kernel: KernelSpec = { type: 'sum', parts: [rbf([0.7, 1.5, 2.5]), linear] };
  const gp = fit(kernel, transformInputs(Z, transform), {
    inputTransform: transform,
    outputNorm: { mean: [5, 6], std: [10, 0.01] },
  });

  it('measures distances in the space of its kernel', () => {
    const distances = gp.nearestDistances(X);
    const scales = [0.7 * 0.5, 1.5 * 2, 2.5 * 4];
    bruteForce(scales).forEach((distance, j) => expect(distances[j]).toBeCloseTo(distance, 12));
  });

  it('relates the latent variance to the prior one, whatever else is asked for', () => {
    const priors = new Float64Array(X.rows);
    gp.kernel.diagonal(transformInputs(X, transform), priors);
    const { relativeVariance, latentVariance } = gp.predict(X, {
      relativeVariance: true,
      latentVariance: true,
    });
    expect(relativeVariance).toHaveLength(X.rows);
    relativeVariance?.forEach((ratio, j) => {
      expect(ratio).toBeGreaterThan(0);
      expect(ratio).toBeLessThan(1);
      expect(ratio).toBeCloseTo((latentVariance?.get(j, 1) ?? NaN) / 1e-4 / priors[j], 12);
    });
    const alone = gp.predict(X, { relativeVariance: true });
    expect(alone.relativeVariance).toEqual(relativeVariance);
    expect(alone.latentVariance).toBeUndefined();
    expect(gp.predict(X, { latentVariance: true }).relativeVariance).toBeUndefined();
  });

  it('is as uncertain as the prior far away, and certain of what the kernel cannot vary', () => {
    const at = (gpAt: GaussianProcess, x: number): number | undefined =>
      gpAt.predict(new Matrix(1, 3, new Float64Array(3).fill(x)), { relativeVariance: true })
        .relativeVariance?.[0];
    expect(at(fit(rbf(1), Z), 1e3)).toBe(1);
    expect(at(fit(linear, Z), 0)).toBe(0);
  });

  function fit(spec: KernelSpec, inputs: Matrix, more: Partial<GpState> = {}): GaussianProcess {
    const noise = 0.1;
    const { alpha, factor } = inferExact({ kernel: buildKernel(spec, 3), X: inputs, Y, noise });
    return new GaussianProcess({ kernel: spec, Z: inputs, alpha, factor, noise: { type: 'gaussian', variance: noise }, ...more }); // prettier-ignore
  }
});
