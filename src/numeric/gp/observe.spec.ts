import { describe, expect, it } from 'vitest';
import { GpStateError, NotPositiveDefiniteError, UnsupportedObservationError } from '../errors.js';
import type { KernelSpec } from '../kernels/kernel-spec.js';
import { buildKernel } from '../kernels/kernels.js';
import type { LinearAlgebra } from '../linalg/linear-algebra.js';
import { Matrix } from '../linalg/matrix.js';
import { TypeScriptLinearAlgebra } from '../linalg/typescript-linear-algebra.js';
import { Random } from '../random/random.js';
import { GPY_NUGGET, inferExact } from './fit-posterior.js';
import { GaussianProcess } from './gaussian-process.js';
import type { GpState } from './gp-state.js';
import { transformInputs } from './input-transform.js';
import { noiseVariances } from './noise.js';
import { observe } from './observe.js';

const random = new Random(20261122);

function points(rows: number, cols: number, scale = 1): Matrix {
  const X = Matrix.zeros(rows, cols);
  random.fillNormal(X.data);
  for (let k = 0; k < X.data.length; k += 1) X.data[k] *= scale;
  return X;
}

/** What belongs to a model beside its data. */
type Settings = Pick<GpState, 'kernel' | 'noise' | 'mean' | 'outputNorm' | 'inputTransform'>;

/** A model of X and Y, in the users' own units, from scratch. */
function train(settings: Settings, X: Matrix, Y: Matrix, nugget = GPY_NUGGET) {
  const { outputNorm: norm } = settings;
  const Z = transformInputs(X, settings.inputTransform);
  const normalised = new Matrix(
    Y.rows,
    Y.cols,
    norm ? Y.data.map((y, k) => (y - norm.mean[k % Y.cols]) / norm.std[k % Y.cols]) : Y.data,
  );
  const kernel = buildKernel(settings.kernel, X.cols);
  const { noise, mean } = settings;
  const data = { kernel, X: Z, Y: normalised, noise: noiseVariances(noise, Z), mean, nugget };
  const { jitter, ...posterior } = inferExact(data);
  return { state: { ...settings, Z, ...posterior }, Y: normalised, jitter: nugget + jitter };
}

const RBF: KernelSpec = { type: 'rbf', params: { variance: 1.7, lengthscale: [0.8, 1.3, 2.1] } };
const SETTINGS: Readonly<Record<string, { settings: Settings; p?: number }>> = {
  'rbf, noise': { settings: { kernel: RBF, noise: { type: 'gaussian', variance: 0.01 } } },
  'matern52 + white, two outputs, normaliser': {
    settings: {
      kernel: {
        type: 'sum',
        parts: [
          { type: 'matern52', params: { variance: 2, lengthscale: 1.5 } },
          { type: 'white', params: { variance: 0.02 } },
        ],
      },
      noise: { type: 'gaussian', variance: 1e-4 },
      outputNorm: { mean: [3, -2], std: [2, 0.5] },
    },
    p: 2,
  },
  'rbf * linear, mean, input transform': {
    settings: {
      kernel: { type: 'product', parts: [RBF, { type: 'linear', params: { variances: 0.7 } }] },
      noise: { type: 'gaussian', variance: 0.05 },
      mean: {
        type: 'sum',
        parts: [
          { type: 'constant', value: [0.4] },
          { type: 'linear', A: Matrix.fromRows([[1], [-2], [0.5]]) },
        ],
      },
      inputTransform: { offset: [1, 2, 3], scale: [2, 0.5, -1] },
    },
  },
  'exponential, no noise': {
    settings: {
      kernel: { type: 'exponential', params: { variance: 1, lengthscale: 0.4 } },
      noise: { type: 'gaussian', variance: 0 },
    },
  },
};

function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>, relative: number): void {
  expect(actual).toHaveLength(expected.length);
  const size = Array.from(expected).reduce((a, b) => Math.max(a, Math.abs(b)), 0);
  for (let k = 0; k < expected.length; k += 1) {
    const error = Math.abs(actual[k] - expected[k]);
    if (!(error <= relative * size)) expect.fail(`[${k}] is ${actual[k]}, expected ${expected[k]}`);
  }
}

describe.each(Object.entries(SETTINGS))('observe (%s)', (_name, { settings, p = 1 }) => {
  it.each([
    [1, 1],
    [1, 7],
    [40, 1],
    [40, 13],
    [23, 60],
  ])('from %d points and %d more is the refit of all of them', (n, k) => {
    const X = points(n + k, 3);
    const Y = points(n + k, p, 2);
    const before = train(settings, X.slice(0, n), Y.slice(0, n));
    const more = { X: X.slice(n, n + k), Y: Y.slice(n, n + k) };
    const copy = structuredClone(before.state.factor.L.data);
    const { state, ...facts } = observe(before, more);
    const all = train(settings, X, Y);
    expect(state.Z.data).toEqual(all.state.Z.data);
    expectClose(facts.Y.data, all.Y.data, 1e-15);
    expectClose(state.factor.type === 'cholesky' ? state.factor.L.data : [], all.state.factor.L.data, 1e-12);
    expectClose(state.alpha.data, all.state.alpha.data, 1e-11);
    expect(facts.nugget + facts.jitter).toBe(all.jitter);
    expect(before.state.factor.L.data).toEqual(copy);
    const Q = points(5, 3);
    const wants = { latentVariance: true, observedVariance: true };
    const [one, other] = [state, all.state].map((each) => new GaussianProcess(each).predict(Q, wants));
    for (const what of ['mean', 'latentVariance', 'observedVariance'] as const) {
      expectClose(one[what]?.data ?? [], other[what]?.data ?? [], 1e-10);
    }
  });

  it('needs neither the training outputs nor the nugget to be known', () => {
    const X = points(30, 3);
    const Y = points(30, p);
    const { state } = train(settings, X.slice(0, 25), Y.slice(0, 25), 1e-6);
    const observed = observe({ state }, { X: X.slice(25, 30), Y: Y.slice(25, 30) });
    const all = train(settings, X, Y, 1e-6);
    expect(observed.nugget / 1e-6).toBeCloseTo(1, 6);
    expectClose(observed.Y.data, all.Y.data, 1e-10);
    expectClose(observed.state.alpha.data, all.state.alpha.data, 1e-8);
  });
});

const { settings: NOISY } = SETTINGS['rbf, noise'];

describe('observe', () => {
  it('factors no matrix larger than the new points', () => {
    const sizes: number[] = [];
    class Counting extends TypeScriptLinearAlgebra {
      override cholesky(A: Matrix): Matrix {
        sizes.push(A.rows);
        return super.cholesky(A);
      }
    }
    const linalg: LinearAlgebra = new Counting();
    const X = points(50, 3);
    const Y = points(50, 1);
    observe(train(NOISY, X.slice(0, 45), Y.slice(0, 45)), { X: X.slice(45, 50), Y: Y.slice(45, 50) }, linalg);
    expect(sizes).toEqual([5]);
  });

  it('is the same in one step and in many', () => {
    const X = points(40, 3);
    const Y = points(40, 1);
    let trained: Parameters<typeof observe>[0] = train(NOISY, X.slice(0, 10), Y.slice(0, 10));
    for (let i = 10; i < 40; i += 3) {
      const { state, Y: known, nugget } = observe(trained, { X: X.slice(i, i + 3), Y: Y.slice(i, i + 3) });
      trained = { state, Y: known, jitter: nugget };
    }
    expectClose(trained.state.alpha.data, train(NOISY, X, Y).state.alpha.data, 1e-11);
  });

  it('takes repeated points: their outputs are averaged where there is no noise', () => {
    const quiet: Settings = { kernel: RBF, noise: { type: 'gaussian', variance: 0 } };
    const X = points(20, 3);
    const before = train(quiet, X, points(20, 1));
    const twice = { X: X.slice(4, 5), Y: Matrix.fromRows([[7]]) };
    const { state, jitter } = observe(before, twice);
    expect(jitter).toBe(0);
    const { mean, latentVariance } = new GaussianProcess(state).predict(twice.X, { latentVariance: true });
    expect(mean.data[0]).toBeCloseTo((7 + before.Y.data[4]) / 2, 4);
    expect(latentVariance?.data[0]).toBeLessThan(1e-7);
  });

  it('factors anew, with the jitter that all points need, where the new rows cannot be appended', () => {
    // Nearly constant: the second and third points are the first one, but for less than rounding.
    const flat: Settings = {
      kernel: { type: 'rbf', params: { variance: 1e10, lengthscale: 1e6 } },
      noise: { type: 'gaussian', variance: 0 },
    };
    const X = Matrix.fromRows([[0], [0.5], [1], [2], [3]]);
    const Y = Matrix.fromRows([[1], [2], [1], [0], [1]]);
    const all = train(flat, X, Y);
    expect(all.jitter).toBeGreaterThan(1);
    const { state, jitter, nugget } = observe(train(flat, X.slice(0, 1), Y.slice(0, 1)), {
      X: X.slice(1, 5),
      Y: Y.slice(1, 5),
    });
    expect(nugget + jitter).toBe(all.jitter);
    expect(state.alpha.data).toEqual(all.state.alpha.data);
  });

  it.each([1, 100, 150])('keeps the digits of a factor that is nearly singular, from %d points', (known) => {
    const [n, large, small] = [200, 2 ** 20, 2 ** -24];
    const settings: Settings = {
      kernel: { type: 'bias', params: { variance: large } },
      noise: { type: 'gaussian', variance: small },
    };
    const [X, Y] = [Matrix.zeros(n, 1), Matrix.zeros(n, 1)];
    const before = train(settings, X.slice(0, known), Y.slice(0, known), 0);
    const more = { X: X.slice(known, n), Y: Y.slice(known, n) };
    const { state } = observe({ ...before, jitter: 0 }, more, new TypeScriptLinearAlgebra());
    const { L } = state.factor as Extract<GpState['factor'], { type: 'cholesky' }>;
    for (let k = 1; k < n; k += 1) {
      const square = (small * (small + (k + 1) * large)) / (small + k * large);
      expect(Math.abs(L.get(k, k) ** 2 / square - 1)).toBeLessThan(1e-9);
    }
  });

  it('factors anew where the known factor has jitter, or is not that of the data', () => {
    const X = points(12, 3);
    const Y = points(12, 1);
    const all = train(NOISY, X, Y);
    const more = { X: X.slice(10, 12), Y: Y.slice(10, 12) };
    const before = train(NOISY, X.slice(0, 10), Y.slice(0, 10));
    const jittered = train(
      NOISY,
      X.slice(0, 10),
      Y.slice(0, 10),
      GPY_NUGGET + 1e-6 * (1.7 + 0.01 + GPY_NUGGET),
    );
    expect(observe(jittered, more).state.alpha.data).toEqual(all.state.alpha.data);
    expect(observe(jittered, more).nugget).toBe(GPY_NUGGET);
    const other = { ...before.state, kernel: { ...RBF, params: { variance: 3, lengthscale: 1 } } };
    const { state } = observe({ ...before, state: other, agreed: false }, more);
    const expected = train({ ...NOISY, kernel: other.kernel }, X, Y);
    expect(state.alpha.data).toEqual(expected.state.alpha.data);
  });

  it('refuses what has no training data, or noise that is not known elsewhere', () => {
    const { state, Y } = train(NOISY, points(6, 3), points(6, 1));
    const more = { X: points(1, 3), Y: points(1, 1) };
    const W = Matrix.zeros(6, 6);
    expect(() => observe({ state: { ...state, factor: { type: 'inverse', W } } }, more)).toThrow(/sparse/);
    expect(() => observe({ state: { ...state, noise: { type: 'heteroscedastic' } }, Y }, more)).toThrow(
      UnsupportedObservationError,
    );
    const L = new Matrix(6, 6, state.factor.L.data.slice());
    L.data[35] *= 1.1;
    expect(() => observe({ state: { ...state, factor: { type: 'cholesky', L } }, Y }, more)).toThrow(
      /differs from point to point/,
    );
  });

  it('refuses points that do not fit, and those where the kernel has no value', () => {
    const trained = train(NOISY, points(6, 3), points(6, 1));
    expect(() => observe(trained, { X: points(1, 2), Y: points(1, 1) })).toThrow(GpStateError);
    expect(() => observe(trained, { X: points(2, 3), Y: points(1, 1) })).toThrow(GpStateError);
    const X = Matrix.fromRows([[1, Number.NaN, 0]]);
    expect(() => observe(trained, { X, Y: points(1, 1) })).toThrow(NotPositiveDefiniteError);
  });

  it('stops where its checkpoint throws', () => {
    const trained = train(NOISY, points(6, 3), points(6, 1));
    const gone = new Error('gone');
    expect(() =>
      observe(trained, { X: points(1, 3), Y: points(1, 1) }, undefined, () => {
        throw gone;
      }),
    ).toThrow(gone);
  });
});
