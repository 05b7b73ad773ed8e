import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { NotPositiveDefiniteError } from '../errors.js';
import { residuals } from '../gp/fit-posterior.js';
import type { KernelSpec } from '../kernels/kernel-spec.js';
import { buildKernel } from '../kernels/kernels.js';
import { Matrix } from '../linalg/matrix.js';
import { TypeScriptLinearAlgebra } from '../linalg/typescript-linear-algebra.js';
import { WasmLinearAlgebra } from '../linalg/wasm/wasm-linear-algebra.js';
import { Random } from '../random/random.js';
import { LogMarginalLikelihood } from './log-marginal-likelihood.js';
import type { TrainingMean, TrainingProblem } from './training-problem.js';

const fixture = JSON.parse(
  readFileSync(new URL('log-marginal-likelihood.fixture.json', import.meta.url), 'utf8'),
) as {
  noise: number;
  X: number[][];
  Y: number[][];
  cases: { kernel: KernelSpec; value: number; gradient: number[] }[];
};
const BACKENDS = [new TypeScriptLinearAlgebra(), WasmLinearAlgebra.create()];
const X = Matrix.fromRows(fixture.X);
const Y = Matrix.fromRows(fixture.Y);
const kernel: KernelSpec = { type: 'rbf', params: { variance: 1.3, lengthscale: [0.7, 1.1, 2.3] } };
const problem: TrainingProblem = { X, Y, kernel, noise: { type: 'free' }, mean: 'zero' };

describe.each(BACKENDS)('LogMarginalLikelihood, $name', (linalg) => {
  const likelihood = new LogMarginalLikelihood(problem, linalg);

  it.each(fixture.cases)(
    "gives GPy's value and gradient: $kernel.type",
    ({ kernel: spec, value, gradient }) => {
      const ours = new Float64Array(gradient.length).fill(NaN);
      expect(likelihood.evaluate(spec, fixture.noise, ours).value).toBeCloseTo(value, 8);
      gradient.forEach((expected, k) => {
        expect(Math.abs(ours[k] - expected)).toBeLessThan(1e-7 * Math.max(1, Math.abs(expected)));
      });
    },
  );

  it('keeps its digits where K is nearly singular', () => {
    // K = large 1 1^T + small I, and Y is orthogonal to 1.
    const [n, large, small] = [200, 2 ** 20, 2 ** -24];
    const y = Float64Array.from({ length: n }, (_, i) => (i % 2 === 0 ? 2 ** -14 : -(2 ** -14)));
    const flat = { ...problem, X: Matrix.zeros(n, 1), Y: new Matrix(n, 1, y), nugget: 0 };
    const bias: KernelSpec = { type: 'bias', params: { variance: large } };
    const logDeterminant = (n - 1) * Math.log(small) + Math.log(small + n * large);
    const expected = -(12.5 + logDeterminant + n * Math.log(2 * Math.PI)) / 2;
    expect(new LogMarginalLikelihood(flat, linalg).evaluate(bias, small).value).toBeCloseTo(expected, 8);
  });

  it('takes a noise variance for each point', () => {
    const same = likelihood.evaluate(kernel, new Float64Array(X.rows).fill(fixture.noise));
    expect(same.value).toBe(likelihood.evaluate(kernel, fixture.noise).value);
    const noise = Float64Array.from({ length: X.rows }, (_, i) => 0.01 * (i + 1));
    const gradient = new Float64Array(4);
    const { value } = likelihood.evaluate(kernel, noise, gradient);
    const h = 1e-4;
    const at = (variance: number): number =>
      likelihood.evaluate({ ...kernel, params: { ...kernel.params, variance } }, noise).value;
    expect(value).not.toBeCloseTo(same.value, 1);
    expect(gradient[0]).toBeCloseTo((at(1.3 + h) - at(1.3 - h)) / (2 * h), 5);
  });

  it.each(['constant', 'linear'] as const)('finds the %s mean of the highest likelihood', (mean) => {
    const with_ = new LogMarginalLikelihood({ ...problem, mean }, linalg);
    const { value, beta } = with_.evaluate(kernel, 0.05);
    const spec = with_.trend.mean(beta);
    const rest = residuals({ kernel: buildKernel(kernel, 3), X, Y, noise: 0.05, mean: spec });
    const zero = (R: Matrix): number =>
      new LogMarginalLikelihood({ ...problem, Y: R }, linalg).evaluate(kernel, 0.05).value;
    expect(zero(rest)).toBeCloseTo(value, 8);
    expect(value).toBeGreaterThan(zero(Y));
    // Any other coefficients are worse.
    const { H } = with_.trend;
    for (let h = 0; h < H.cols; h += 1) {
      for (const step of [-0.01, 0.01]) {
        const moved = new Matrix(rest.rows, rest.cols, rest.data.slice());
        for (let i = 0; i < X.rows; i += 1) moved.data[i * 2] += step * H.get(i, h);
        expect(zero(moved)).toBeLessThan(value);
      }
    }
  });

  it.each<TrainingMean>(['constant', 'linear'])('has the gradient of the profile, %s mean', (mean) => {
    const with_ = new LogMarginalLikelihood({ ...problem, mean }, linalg);
    const gradient = new Float64Array(5);
    with_.evaluate(kernel, 0.05, gradient);
    const h = 1e-4;
    const at = (first: number): number =>
      with_.evaluate({ ...kernel, params: { variance: 1.3, lengthscale: [first, 1.1, 2.3] } }, 0.05).value;
    expect(gradient[1]).toBeCloseTo((at(0.7 + h) - at(0.7 - h)) / (2 * h), 4);
    const noisy = (noise: number): number => with_.evaluate(kernel, noise).value;
    expect(gradient[4]).toBeCloseTo((noisy(0.05 + 1e-5) - noisy(0.05 - 1e-5)) / 2e-5, 3);
  });

  it('leaves out inputs that a linear mean cannot tell apart', () => {
    const random = new Random(3);
    const collinear = Matrix.fromRows(
      Array.from({ length: 12 }, () => {
        const [a, b] = [random.uniform(), 1e6 * random.uniform()];
        return [a, 4, b, 3 * a - 2e-6 * b];
      }),
    );
    const y = new Matrix(
      12,
      1,
      collinear.column(0).map((a, i) => 2 + 5 * a - 1e-6 * collinear.get(i, 2)),
    );
    const spec = { type: 'rbf', params: { variance: 1, lengthscale: [1, 1, 1e6, 1] } };
    const flat = new LogMarginalLikelihood(
      { ...problem, X: collinear, Y: y, kernel: spec, mean: 'linear' },
      linalg,
    );
    expect(flat.trend.warnings).toHaveLength(2);
    const { beta } = flat.evaluate(spec, 0.01);
    const mean = flat.trend.mean(beta);
    const rest = residuals({ kernel: buildKernel(spec, 4), X: collinear, Y: y, noise: 0.01, mean });
    expect(Math.max(...rest.data.map(Math.abs))).toBeLessThan(1e-9);
  });

  it('says where K cannot be factored, and works on', () => {
    const twice = Matrix.fromRows([[0], [0], [1]]);
    const data = { ...problem, X: twice, Y: new Matrix(3, 1, Float64Array.of(1, 2, 3)), nugget: 0 };
    const doubled = new LogMarginalLikelihood(data, linalg);
    const spec = { type: 'rbf', params: { variance: 1, lengthscale: 1 } };
    expect(() => doubled.evaluate(spec, 0, new Float64Array(3))).toThrow(NotPositiveDefiniteError);
    expect(Number.isFinite(doubled.evaluate(spec, 0.1, new Float64Array(3)).value)).toBe(true);
  });
});
