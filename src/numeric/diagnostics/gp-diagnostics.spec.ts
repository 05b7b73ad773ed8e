import { describe, expect, it } from 'vitest';
import { inferExact } from '../gp/fit-posterior.js';
import { GaussianProcess } from '../gp/gaussian-process.js';
import { buildKernel } from '../kernels/kernels.js';
import { Matrix } from '../linalg/matrix.js';
import { TypeScriptLinearAlgebra } from '../linalg/typescript-linear-algebra.js';
import { Random } from '../random/random.js';
import { diagnoseGp } from './gp-diagnostics.js';
import { repeatedRows } from './repeated-rows.js';

const linalg = new TypeScriptLinearAlgebra();
const random = new Random(2);

describe('the diagnostics of a Gaussian process', () => {
  const X = Matrix.fromRows(Array.from({ length: 60 }, () => [random.uniform(), random.uniform(), 1]));
  const Y = Matrix.fromRows(Array.from({ length: 60 }, (_, i) => [Math.sin(6 * X.get(i, 0))]));
  const kernel = { type: 'rbf', params: { variance: 1, lengthscale: [0.3, 30, 1] } };
  const transform = { offset: [10, 20, 30], scale: [2, -4, 1] };
  const posterior = inferExact({ kernel: buildKernel(kernel, 3, linalg), X, Y, noise: 1e-4 }, linalg);
  const state = { kernel, Z: X, ...posterior, noise: { type: 'gaussian', variance: 1e-4 } } as const;
  const plain = new GaussianProcess(state, linalg);

  it('say how much each input does', () => {
    const { effects } = diagnoseGp(plain, linalg);
    expect([effects.rows, effects.cols]).toEqual([3, 1]);
    expect(effects.get(0, 0)).toBeGreaterThan(0.8);
    expect(effects.get(0, 0)).toBeLessThan(1.3);
    expect(effects.get(1, 0)).toBeLessThan(0.05);
    // One value everywhere: it cannot be moved.
    expect(effects.get(2, 0)).toBeCloseTo(0, 14);
  });

  it('move inputs in their own units, and give their ranges in them', () => {
    const moved = diagnoseGp(new GaussianProcess({ ...state, inputTransform: transform }, linalg), linalg);
    const { effects } = diagnoseGp(plain, linalg);
    for (let q = 0; q < 3; q += 1) expect(moved.effects.get(q, 0)).toBeCloseTo(effects.get(q, 0), 8);
    expect(moved.inputs[0].lengthscale).toBeCloseTo(0.6, 12);
  });

  it('leave inputs alone that pick an output', () => {
    const { effects } = diagnoseGp(plain, linalg, { indexInputs: [1] });
    expect(effects.get(1, 0)).toBeNaN();
    expect(effects.get(0, 0)).toBeGreaterThan(0.8);
  });
});

describe('repeated rows', () => {
  it('are those that are equal to an earlier one in every number', () => {
    const X = Matrix.fromRows([[1, 2], [1, 3], [1, 2], [0, 3], [-0, 3], [1, 2], [12, 0], [1, 20]]); // prettier-ignore
    expect(repeatedRows(X)).toEqual([
      { row: 2, of: 0 },
      { row: 4, of: 3 },
      { row: 5, of: 0 },
    ]);
  });
});
