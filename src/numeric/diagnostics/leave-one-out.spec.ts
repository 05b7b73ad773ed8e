import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../../../test/support/test-app.js';
import { ModelFile } from '../../models/model-file.js';
import { importGp } from '../../models/gpr/importers/import-gp.js';
import { inferExact, GPY_NUGGET } from '../gp/fit-posterior.js';
import { GaussianProcess } from '../gp/gaussian-process.js';
import type { GpState, MeanSpec } from '../gp/gp-state.js';
import type { KernelSpec } from '../kernels/kernel-spec.js';
import { buildKernel } from '../kernels/kernels.js';
import type { LinearAlgebra } from '../linalg/linear-algebra.js';
import { Matrix } from '../linalg/matrix.js';
import { TypeScriptLinearAlgebra } from '../linalg/typescript-linear-algebra.js';
import { WasmLinearAlgebra } from '../linalg/wasm/wasm-linear-algebra.js';
import { Random } from '../random/random.js';
import { conditionNumber } from './condition-number.js';
import { leaveOneOut } from './leave-one-out.js';
import { type Scores, scorePredictions } from './scores.js';

interface GoldenCase {
  readonly observed: number[][];
  readonly mean: number[][];
  readonly variance: number[][];
  readonly log_density: number[][];
  readonly log_likelihood: number;
  readonly condition_number: number;
  readonly scores: (Omit<Scores, 'predictive' | 'rows'> & Scores['predictive'])[];
}
const GOLDEN = JSON.parse(readFileSync(join(ROOT, 'test/golden/diagnostics/expected.json'), 'utf8')) as {
  readonly cases: Readonly<Record<string, GoldenCase>>;
};

const wasm = WasmLinearAlgebra.create();
const BACKENDS: readonly LinearAlgebra[] = [wasm, new TypeScriptLinearAlgebra()];

describe('leave-one-out of golden models', () => {
  for (const [name, expected] of Object.entries(GOLDEN.cases)) {
    const file = new ModelFile(join(ROOT, `test/golden/gpy/${name}.pkl`));
    const { state } = importGp(file, { maxModelBytes: 1e8, linalg: wasm });
    const { outputNorm, factor } = state;
    const p = state.alpha.cols;

    it.each(BACKENDS)(`predicts ${name} as GPy's refits do ($name)`, (linalg) => {
      const left = leaveOneOut(new GaussianProcess(state, linalg), linalg)!;
      expectClose(left.observed.data, expected.observed.flat(), 1e-8);
      expectClose(left.mean.data, expected.mean.flat(), 1e-8);
      expectClose(left.variance.data, expected.variance.flat(), 1e-8);
      expectClose([left.logMarginalLikelihood], [expected.log_likelihood], 1e-8);
      const density = left.mean.data.map((mean, k) => {
        const scale = outputNorm?.std[k % p] ?? 1;
        const variance = left.variance.data[k];
        const error = left.observed.data[k] - mean;
        return -0.5 * (Math.log((2 * Math.PI * variance) / scale ** 2) + error ** 2 / variance);
      });
      expectClose(density, expected.log_density.flat(), 1e-8);
    });

    it(`scores ${name} as numpy and scipy do`, () => {
      const { observed, mean, variance } = leaveOneOut(new GaussianProcess(state, wasm), wasm)!;
      for (let o = 0; o < p; o += 1) {
        const { predictive, rows, ...scores } = scorePredictions(
          observed.column(o),
          mean.column(o),
          variance.column(o),
        );
        expect(rows).toBe(expected.observed.length);
        expectClose(numbersOf({ ...scores, ...predictive }), numbersOf(expected.scores[o]), 1e-7);
      }
    });

    it.each(BACKENDS)(`estimates the condition number of ${name} from below ($name)`, (linalg) => {
      if (factor.type !== 'cholesky') throw new Error('Not an exact model.');
      const estimate = conditionNumber(factor.L, linalg);
      expect(estimate).toBeLessThanOrEqual(expected.condition_number * (1 + 1e-9));
      expect(estimate).toBeGreaterThan(expected.condition_number / 3);
    });
  }

  it('has none of a sparse model', () => {
    const file = new ModelFile(join(ROOT, 'test/golden/gpy/sparse-rbf.pkl'));
    const { state } = importGp(file, { maxModelBytes: 1e8, linalg: wasm });
    expect(leaveOneOut(new GaussianProcess(state, wasm), wasm)).toBeUndefined();
  });
});

const random = new Random(5);
const n = 23;
const X = Matrix.fromRows(Array.from({ length: n }, () => [random.uniform(), 3 * random.uniform()]));
const Y = Matrix.fromRows(
  Array.from({ length: n }, (_, i) => [Math.sin(4 * X.get(i, 0)) + X.get(i, 1), 0.3 * X.get(i, 1) ** 2]),
);
const NOISES = Float64Array.from({ length: n }, () => 0.01 + 0.2 * random.uniform());

const WHITE = 0.1;
const REFITS: readonly {
  readonly name: string;
  readonly kernel: KernelSpec;
  readonly noise: number | Float64Array;
  readonly mean?: MeanSpec;
}[] = [
  { name: 'rbf, ard', kernel: { type: 'rbf', params: { variance: 1.4, lengthscale: [0.3, 1] } }, noise: 0.02 },
  { name: 'matern32 without noise', kernel: { type: 'matern32', params: { variance: 2, lengthscale: 0.5 } }, noise: 0 },
  {
    name: 'a sum with white noise, and a mean function',
    kernel: {
      type: 'sum',
      parts: [
        { type: 'rbf', params: { variance: 1, lengthscale: 0.6 } },
        { type: 'white', params: { variance: WHITE } },
        { type: 'linear', params: { variances: 0.5 } },
      ],
    },
    noise: 0.05,
    mean: {
      type: 'sum',
      parts: [
        { type: 'constant', value: [0.7] },
        { type: 'linear', A: Matrix.fromRows([[0.2, 1], [-0.4, 2]]) },
      ],
    },
  },
  {
    name: "each point's own noise",
    kernel: { type: 'matern52', params: { variance: 1.4, lengthscale: 0.8 } },
    noise: NOISES,
  },
]; // prettier-ignore

describe('leave-one-out by explicit refits', () => {
  for (const { name, kernel: spec, noise, mean } of REFITS) {
    it.each(BACKENDS)(`agrees for ${name}, two outputs and a normaliser ($name)`, (linalg) => {
      const outputNorm = { mean: [100, -3], std: [7, 0.01] };
      const kernel = buildKernel(spec, 2, linalg);
      /** What inference gives for these rows, and what it says at another. */
      const fit = (rows: readonly number[]): GpState => {
        const some = pick(X, rows);
        const own = typeof noise === 'number' ? noise : Float64Array.from(rows, (row) => noise[row]);
        const { alpha, factor } = inferExact({ kernel, X: some, Y: pick(Y, rows), noise: own, mean }, linalg);
        const state = {
          kernel: spec,
          Z: some,
          alpha,
          factor,
          noise: { type: 'heteroscedastic' },
          outputNorm,
        } as const;
        return mean ? { ...state, mean } : state;
      };
      const all = Array.from({ length: n }, (_, i) => i);
      const left = leaveOneOut(new GaussianProcess(fit(all), linalg), linalg)!;
      for (const i of all) {
        const rest = new GaussianProcess(fit(all.filter((row) => row !== i)), linalg);
        const { mean: expected, latentVariance } = rest.predict(pick(X, [i]), { latentVariance: true });
        const added = (typeof noise === 'number' ? noise : noise[i]) + GPY_NUGGET;
        expectClose(left.mean.row(i), expected.data, 1e-9);
        const variance = outputNorm.std.map((std, o) => latentVariance!.data[o] + added * std ** 2);
        expectClose(left.variance.row(i), variance, 1e-9);
        // White noise counts as noise, though it is part of the kernel.
        const white = spec.type === 'sum' ? WHITE : 0;
        const prior = new Float64Array(1);
        kernel.diagonal(pick(X, [i]), prior);
        const share = (latentVariance!.data[0] / outputNorm.std[0] ** 2 - white) / (prior[0] - white);
        expectClose([left.relativeVariance[i]], [share], 1e-7);
        const observed = outputNorm.std.map((std, o) => Y.get(i, o) * std + outputNorm.mean[o]);
        expectClose(left.observed.row(i), observed, 1e-9);
      }
    });
  }

  it('tells points that determine each other from points that do not', () => {
    const line = Matrix.fromRows(Array.from({ length: 12 }, (_, i) => [i]));
    const values = Matrix.fromRows(Array.from({ length: 12 }, (_, i) => [Math.sin(i) + 50]));
    const share = (lengthscale: number, noise: number): ReturnType<typeof leaveOneOut> => {
      const spec = { type: 'rbf', params: { variance: 4, lengthscale } };
      const posterior = inferExact({ kernel: buildKernel(spec, 1, wasm), X: line, Y: values, noise }, wasm);
      const state = {
        kernel: spec,
        Z: line,
        ...posterior,
        noise: { type: 'gaussian', variance: noise },
      } as const;
      return leaveOneOut(new GaussianProcess(state, wasm), wasm);
    };
    expect(Math.min(...share(0.1, 0.5)!.relativeVariance)).toBeGreaterThan(0.999);
    expect(Math.max(...share(5, 1e-6)!.relativeVariance)).toBeLessThan(0.001);
    expect(share(0.1, 0.5)!.noiseToSignal).toBeCloseTo(0.125, 7);
    // The mean of sin over the integers is small beside 50; the prior deviation is sqrt(4.5).
    expect(share(0.1, 0.5)!.priorOffset[0]).toBeCloseTo(50 / Math.sqrt(4.5), 0);
  });

  it('stops at a checkpoint', () => {
    const spec = { type: 'rbf', params: { variance: 1, lengthscale: 1 } };
    const posterior = inferExact({ kernel: buildKernel(spec, 2, wasm), X, Y, noise: 0.1 }, wasm);
    const gp = new GaussianProcess(
      { kernel: spec, Z: X, ...posterior, noise: { type: 'heteroscedastic' } },
      wasm,
    );
    const stopped = new Error('stopped');
    expect(() => leaveOneOut(gp, wasm, () => { throw stopped; })).toThrow(stopped); // prettier-ignore
    expect(leaveOneOut(gp, wasm)).toBeDefined();
  });
});

function pick(from: Matrix, rows: readonly number[]): Matrix {
  return Matrix.fromRows(rows.map((row) => from.row(row)));
}

/** Every number in a tree, in the order of its keys' names. */
function numbersOf(tree: unknown): number[] {
  if (typeof tree === 'number') return [tree];
  if (typeof tree !== 'object' || tree === null) return [];
  return Object.keys(tree).sort().flatMap((key) => numbersOf((tree as Record<string, unknown>)[key])); // prettier-ignore
}

function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number): void {
  expect(actual).toHaveLength(expected.length);
  for (let k = 0; k < expected.length; k += 1) {
    expect(Math.abs(actual[k] - expected[k])).toBeLessThanOrEqual(
      tolerance * Math.max(1, Math.abs(expected[k])),
    );
  }
}
