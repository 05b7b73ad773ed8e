import { describe, expect, it } from 'vitest';
import { GpStateError, NumericInputError, UnsupportedPredictionError } from '../errors.js';
import type { KernelSpec } from '../kernels/kernel-spec.js';
import { buildKernel } from '../kernels/kernels.js';
import { Matrix } from '../linalg/matrix.js';
import { Random } from '../random/random.js';
import { inferExact, inferSparse } from './fit-posterior.js';
import { GaussianProcess } from './gaussian-process.js';
import type { GpState, MeanSpec, NoiseSpec } from './gp-state.js';
import fixture from './gpy.fixture.json' with { type: 'json' };

/** Eight training points, four queries and what GPy 1.13.2 says about them. */
interface GpyCase {
  readonly name: string;
  readonly kernel: KernelSpec;
  readonly noise: NoiseSpec;
  /** Of each training point, where it is heteroscedastic. */
  readonly noiseVector?: number[];
  readonly X: number[][];
  /** In the normalised space. */
  readonly Y: number[][];
  readonly Z?: number[][];
  readonly Xs: number[][];
  readonly meanSpec?: unknown;
  readonly outputNorm?: { mean: number[]; std: number[] };
  readonly alpha: number[][];
  readonly mean: number[][];
  readonly latent: number[][];
  readonly observed?: number[][];
  readonly quantiles?: number[][][];
  readonly covariance: number[][][];
  readonly meanGradient?: number[][][];
  readonly varianceGradient?: number[][][];
}

const CASES = fixture as unknown as readonly GpyCase[];
const TOLERANCE = 1e-11;

describe.each(CASES)('GaussianProcess against GPy: $name', (gpy) => {
  const state = fit(gpy);
  const gp = new GaussianProcess(state);
  const X = Matrix.fromRows(gpy.Xs);

  it('fits the same weights', () => {
    close(state.alpha, gpy.alpha, 1e-9);
  });

  it('predicts the same mean and latent variance', () => {
    const { mean, latentVariance, observedVariance } = gp.predict(X, { latentVariance: true });
    close(mean, gpy.mean);
    close(latentVariance, gpy.latent);
    expect(observedVariance).toBeUndefined();
  });

  it.runIf(gpy.observed)('predicts the same observed variance and quantiles', () => {
    close(gp.predict(X, { observedVariance: true }).observedVariance, gpy.observed ?? []);
    gp.quantiles(X, [0.025, 0.975]).forEach((quantile, k) => close(quantile, gpy.quantiles?.[k] ?? []));
  });

  it('gives the same joint covariance', () => {
    gp.covariance(X).forEach((covariance, o) => close(covariance, gpy.covariance[o]));
  });

  it.runIf(gpy.meanGradient)('gives the same gradient of the mean', () => {
    gp.gradients(X).mean.forEach((gradient, o) => close(gradient, gpy.meanGradient?.[o] ?? []));
  });

  it.runIf(gpy.varianceGradient)('gives the same gradient of the variance', () => {
    const { variance = [] } = gp.gradients(X, { variance: true });
    expect(variance).toHaveLength(gp.outputDim);
    variance.forEach((gradient, o) => close(gradient, gpy.varianceGradient?.[o] ?? [], 1e-10));
  });

  it('gives gradients that are the differences of its predictions', () => {
    const { mean, variance = [] } = gp.gradients(X, { variance: true });
    const indexColumn = gpy.noise.type === 'by-index' ? gpy.noise.dim : -1;
    const h = 1e-4;
    for (let q = 0; q < gp.inputDim; q += 1) {
      if (q === indexColumn) continue;
      const up = gp.predict(shifted(X, q, h), { latentVariance: true });
      const down = gp.predict(shifted(X, q, -h), { latentVariance: true });
      for (let j = 0; j < X.rows; j += 1) {
        for (let o = 0; o < gp.outputDim; o += 1) {
          const slope = (a: Matrix | undefined, b: Matrix | undefined): number =>
            ((a?.get(j, o) ?? NaN) - (b?.get(j, o) ?? NaN)) / (2 * h);
          expect(mean[o].get(j, q)).toBeCloseTo(slope(up.mean, down.mean), 5);
          expect(variance[o].get(j, q)).toBeCloseTo(slope(up.latentVariance, down.latentVariance), 5);
        }
      }
    }
  });

  it('answers many points as it answers each alone', () => {
    const many = scattered(X, 70);
    const wants = { latentVariance: true };
    const together = gp.predict(many, wants);
    for (let j = 0; j < many.rows; j += 1) {
      const alone = gp.predict(many.slice(j, j + 1), wants);
      close(alone.mean, [[...together.mean.row(j)]]);
      close(alone.latentVariance, [[...(together.latentVariance?.row(j) ?? [])]]);
    }
  });
});

describe('GaussianProcess', () => {
  const [exact, normalised, , byIndex, , heteroscedastic] = CASES;
  const gp = new GaussianProcess(fit(exact));
  const X = Matrix.fromRows(exact.Xs);

  it('accepts no points', () => {
    const none = gp.predict(Matrix.zeros(0, 2), { latentVariance: true, observedVariance: true });
    expect([none.mean.rows, none.latentVariance?.rows, none.observedVariance?.rows]).toEqual([0, 0, 0]);
  });

  it('leaves the variance alone when only the mean is asked for', () => {
    const state = fit(exact);
    const L = Matrix.zeros(state.Z.rows, state.Z.rows);
    L.data.fill(NaN);
    for (let i = 0; i < L.rows; i += 1) L.data[i * L.cols + i] = 1;
    const blind = new GaussianProcess({ ...state, factor: { type: 'cholesky', L } });
    close(blind.predict(X).mean, exact.mean);
  });

  it('never reports a negative variance', () => {
    const state = fit(exact);
    // Without noise the variance at the training points is rounding error around 0.
    const tight = inferExact({
      kernel: buildKernel(state.kernel, 2),
      X: state.Z,
      Y: Matrix.fromRows(exact.Y),
      noise: 0,
    });
    const { L } = tight.factor;
    for (let k = 0; k < L.data.length; k += 1) L.data[k] *= 1 - 1e-3;
    const { latentVariance } = new GaussianProcess({ ...state, ...tight }).predict(state.Z, {
      latentVariance: true,
    });
    expect(Math.min(...(latentVariance?.data ?? []))).toBe(0);
    const [covariance] = new GaussianProcess({ ...state, ...tight }).covariance(state.Z);
    expect(Math.min(...state.Z.data.slice(0, 8).map((_, j) => covariance.get(j, j)))).toBe(0);
  });

  it("clips a sparse model's variance at 1e-15, as GPy does", () => {
    const state = fit(exact);
    const W = Matrix.zeros(8, 8);
    for (let i = 0; i < 8; i += 1) W.data[i * 9] = 1e6;
    const sparse = new GaussianProcess({ ...state, factor: { type: 'inverse', W } });
    const near = state.Z.slice(0, 1);
    expect(sparse.predict(near, { latentVariance: true }).latentVariance?.data[0]).toBe(1e-15);
  });

  it('answers by percentile of the latent function as well', () => {
    const { mean, latentVariance } = gp.predict(X, { latentVariance: true });
    const [upper] = gp.quantiles(X, [0.8413447460685429], 'latent');
    upper.data.forEach((value, k) =>
      expect(value).toBeCloseTo(mean.data[k] + Math.sqrt(latentVariance?.data[k] ?? NaN), 12),
    );
    for (const wrong of [0, 1, -1, NaN]) expect(() => gp.quantiles(X, [wrong])).toThrow(NumericInputError);
  });

  it('adds the noise to the diagonal of an observed covariance', () => {
    const model = new GaussianProcess(fit(normalised));
    const points = Matrix.fromRows(normalised.Xs);
    const observed = model.covariance(points, 'observed');
    const { observedVariance } = model.predict(points, { observedVariance: true });
    model.covariance(points).forEach((latent, o) => {
      expect(observed[o].get(0, 1)).toBe(latent.get(0, 1));
      for (let j = 0; j < points.rows; j += 1) {
        expect(observed[o].get(j, j)).toBeCloseTo(observedVariance?.get(j, o) ?? NaN, 12);
      }
    });
  });

  it('knows no observed variance where the noise is heteroscedastic', () => {
    const model = new GaussianProcess(fit(heteroscedastic));
    expect(() => model.predict(X, { observedVariance: true })).toThrow(UnsupportedPredictionError);
    expect(() => model.quantiles(X, [0.5])).toThrow(UnsupportedPredictionError);
    expect(() => model.sample(X, { count: 1, seed: 1, kind: 'observed' })).toThrow(
      UnsupportedPredictionError,
    );
    expect(model.sample(X, { count: 1, seed: 1 })).toHaveLength(1);
  });

  it('refuses points that do not fit', () => {
    const wide = Matrix.zeros(1, 3);
    for (const ask of [
      () => gp.predict(wide),
      () => gp.covariance(wide),
      () => gp.gradients(wide),
      () => gp.sample(wide, { count: 1, seed: 1 }),
    ]) {
      expect(ask).toThrow(NumericInputError);
      expect(ask).toThrow('Points must have 2 columns, got 3.');
    }
    const indexed = new GaussianProcess(fit(byIndex));
    expect(() => indexed.predict(Matrix.fromRows([[0, 2]]))).toThrow('must be an integer from 0 to 1');
    // A failure half way leaves nothing behind.
    close(indexed.predict(Matrix.fromRows(byIndex.Xs)).mean, byIndex.mean);
  });

  const state = fit(exact);
  const square = Matrix.zeros(7, 7);
  it.each<[string, Partial<GpState>]>([
    ['alpha must be 8 x 2, got 7 x 2.', { alpha: Matrix.zeros(7, 2) }],
    ['L must be 8 x 8, got 7 x 7.', { factor: { type: 'cholesky', L: square } }],
    ['W must be 8 x 8, got 7 x 7.', { factor: { type: 'inverse', W: square } }],
    [
      'L must have a positive, finite diagonal, got 0 in row 0.',
      { factor: { type: 'cholesky', L: Matrix.zeros(8, 8) } },
    ],
    [
      'noise variance must be a finite number of at least 0, got -1',
      { noise: { type: 'gaussian', variance: -1 } },
    ],
    ['index column must be 0 to 1, got 2', { noise: { type: 'by-index', dim: 2, variances: [1] } }],
    ['outputNorm.std must hold 1 finite positive numbers', { outputNorm: { mean: [0], std: [0] } }],
    ['outputNorm.mean must hold 1 finite numbers', { outputNorm: { mean: [0, 1], std: [1] } }],
    ['A must be 2 x 1, got 1 x 1', { mean: { type: 'linear', A: Matrix.zeros(1, 1) } }],
    ['constant mean needs 1 or 1 finite numbers', { mean: { type: 'constant', value: [NaN] } }],
    ['got 0, 2 and 1 of them', { Z: Matrix.zeros(0, 2) }],
  ])('refuses a state: %s', (message, part) => {
    const build = (): GaussianProcess => new GaussianProcess({ ...state, ...part });
    expect(build).toThrow(GpStateError);
    expect(build).toThrow(message);
  });
});

describe('GaussianProcess.sample', () => {
  const [exact, normalised] = CASES;
  const X = Matrix.fromRows(exact.Xs);

  it('gives the same samples for the same seed, bit by bit', () => {
    const gp = new GaussianProcess(fit(normalised));
    const draw = (seed: number): Float64Array[] =>
      gp.sample(X, { count: 3, seed }).map((sample) => sample.data);
    expect(draw(11)).toEqual(draw(11));
    expect(draw(11)).not.toEqual(draw(12));
  });

  it.each(['latent', 'observed'] as const)('has the mean and the covariance of the posterior, %s', (kind) => {
    const gp = new GaussianProcess(fit(normalised));
    const count = 20_000;
    const samples = gp.sample(X, { count, seed: 5, kind });
    const { mean } = gp.predict(X);
    const covariance = gp.covariance(X, kind);
    for (let o = 0; o < gp.outputDim; o += 1) {
      for (let i = 0; i < X.rows; i += 1) {
        for (let j = 0; j <= i; j += 1) {
          const sum = samples.reduce(
            (total, s) => total + (s.get(i, o) - mean.get(i, o)) * (s.get(j, o) - mean.get(j, o)),
            0,
          );
          const scale = Math.sqrt(covariance[o].get(i, i) * covariance[o].get(j, j));
          // Five standard errors of a covariance estimate.
          expect(Math.abs(sum / count - covariance[o].get(i, j))).toBeLessThan(
            5 * scale * Math.sqrt(2 / count),
          );
        }
      }
    }
  });

  it('draws outputs independently of each other', () => {
    const gp = new GaussianProcess(fit(normalised));
    const [sample] = gp.sample(X, { count: 1, seed: 5 });
    const { mean } = gp.predict(X);
    const deviation = (o: number): number =>
      (sample.get(0, o) - mean.get(0, o)) / (normalised.outputNorm?.std[o] ?? NaN);
    expect(Math.abs(deviation(0) - deviation(1))).toBeGreaterThan(1e-3);
  });

  it('survives repeated points, and gives them one value', () => {
    const gp = new GaussianProcess(fit(exact));
    const twice = Matrix.fromRows([...exact.Xs, ...exact.Xs]);
    for (const sample of gp.sample(twice, { count: 5, seed: 2 })) {
      for (let j = 0; j < X.rows; j += 1) expect(sample.get(j, 0)).toBeCloseTo(sample.get(j + X.rows, 0), 6);
    }
  });

  it.each([0, 1.5, NaN])('refuses %d samples', (count) => {
    expect(() => new GaussianProcess(fit(exact)).sample(X, { count, seed: 1 })).toThrow(NumericInputError);
  });
});

function fit(gpy: GpyCase): GpState {
  const Z = Matrix.fromRows(gpy.Z ?? gpy.X);
  const mean = gpy.meanSpec === undefined ? undefined : meanOf(gpy.meanSpec);
  const data = {
    kernel: buildKernel(gpy.kernel, Z.cols),
    X: Matrix.fromRows(gpy.X),
    Y: Matrix.fromRows(gpy.Y),
    noise: trainingNoise(gpy),
    mean,
  };
  const { alpha, factor } = gpy.Z === undefined ? inferExact(data) : inferSparse({ ...data, Z });
  return {
    kernel: gpy.kernel,
    Z,
    alpha,
    factor,
    noise: gpy.noise,
    ...(mean && { mean }),
    ...(gpy.outputNorm && { outputNorm: gpy.outputNorm }),
  };
}

function trainingNoise({ noise, noiseVector, X }: GpyCase): number | Float64Array {
  if (noise.type === 'gaussian') return noise.variance;
  if (noise.type === 'by-index') return Float64Array.from(X, (row) => noise.variances[row[noise.dim]]);
  return Float64Array.from(noiseVector ?? []);
}

/** The fixture writes a matrix as rows. */
function meanOf(spec: unknown): MeanSpec {
  const { type, A, parts } = spec as { type: string; A: number[][]; parts: unknown[] };
  if (type === 'linear') return { type, A: Matrix.fromRows(A) };
  if (type === 'sum') return { type, parts: parts.map(meanOf) };
  return spec as MeanSpec;
}

/** `count` points around those of X; index columns stay as they are. */
function scattered(X: Matrix, count: number): Matrix {
  const random = new Random(4);
  return Matrix.fromRows(
    Array.from({ length: count }, (_, j) =>
      X.row(j % X.rows).map((x) => (Number.isInteger(x) ? x : x + random.uniform() - 0.5)),
    ),
  );
}

function shifted(X: Matrix, column: number, step: number): Matrix {
  return new Matrix(
    X.rows,
    X.cols,
    X.data.map((x, k) => (k % X.cols === column ? x + step : x)),
  );
}

function close(
  actual: Matrix | undefined,
  expected: readonly (readonly number[])[],
  tolerance = TOLERANCE,
): void {
  expect(actual && [actual.rows, actual.cols]).toEqual([expected.length, expected[0].length]);
  expected.flat().forEach((value, k) => {
    const got = actual?.data[k] ?? NaN;
    expect(Math.abs(got - value), `${got} against ${value}`).toBeLessThanOrEqual(
      tolerance * Math.max(1, Math.abs(value)),
    );
  });
}
