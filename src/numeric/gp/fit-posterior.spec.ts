import { describe, expect, it } from 'vitest';
import { GpStateError, NotPositiveDefiniteError } from '../errors.js';
import type { Kernel } from '../kernels/kernel.js';
import { buildKernel } from '../kernels/kernels.js';
import { Matrix } from '../linalg/matrix.js';
import { TypeScriptLinearAlgebra } from '../linalg/typescript-linear-algebra.js';
import { inferExact, inferSparse } from './fit-posterior.js';

// What exact and sparse inference give is compared with GPy in gaussian-process.spec.ts.

const rbf = buildKernel({ type: 'rbf', params: { variance: 2, lengthscale: 1 } }, 1);
const X = Matrix.fromRows([[-1], [0.2], [0.9], [2]]);
const Y = Matrix.fromRows([[1], [2], [0], [-1]]);

/** A kernel whose matrix is `diagonal` and, off it, `off`: to be as indefinite as wanted. */
function flat(diagonal: number, off: number): Kernel {
  const matrix = (points: Matrix): Matrix => {
    const K = Matrix.zeros(points.rows, points.rows);
    K.data.fill(off);
    for (let i = 0; i < K.rows; i += 1) K.data[i * K.cols + i] = diagonal;
    return K;
  };
  const panel = (points: Matrix, _points: Matrix, out: Float64Array): void => out.set(matrix(points).data);
  return { ...rbf, spec: rbf.spec, matrix, panel, diagonal: (_points, out) => void out.fill(diagonal) };
}

describe('inferExact', () => {
  it('solves K + (noise + 1e-8) I', () => {
    const { alpha, factor, jitter } = inferExact({ kernel: rbf, X, Y, noise: 0.1 });
    const A = rbf.matrix(X);
    for (let i = 0; i < 4; i += 1) A.data[i * 4 + i] += 0.1 + 1e-8;
    expect(jitter).toBe(0);
    for (let i = 0; i < 4; i += 1) {
      let product = 0;
      for (let j = 0; j < 4; j += 1) {
        product += A.get(i, j) * alpha.get(j, 0);
        let square = 0;
        for (let k = 0; k < 4; k += 1) square += factor.L.get(i, k) * factor.L.get(j, k);
        expect(square).toBeCloseTo(A.get(i, j), 14);
      }
      expect(product).toBeCloseTo(Y.get(i, 0), 12);
    }
  });

  it('keeps the digits of a factor that is nearly singular', () => {
    const [n, large, small] = [200, 2 ** 20, 2 ** -24];
    const kernel = buildKernel({ type: 'bias', params: { variance: large } }, 1);
    const data = { kernel, X: Matrix.zeros(n, 1), Y: Matrix.zeros(n, 1) };
    const { factor } = inferExact({ ...data, noise: small, nugget: 0 }, new TypeScriptLinearAlgebra());
    for (let k = 1; k < n; k += 1) {
      const square = (small * (small + (k + 1) * large)) / (small + k * large);
      expect(Math.abs(factor.L.get(k, k) ** 2 / square - 1)).toBeLessThan(1e-9);
    }
  });

  it("climbs GPy's ladder of jitter until the factorisation succeeds", () => {
    // Eigenvalues 1 - off, three times, and 1 + 3 off.
    expect(inferExact({ kernel: flat(1, 1 + 5e-7), X, Y, noise: 0 }).jitter).toBeCloseTo(1e-6, 12);
    expect(inferExact({ kernel: flat(1, 1 + 5e-6), X, Y, noise: 0 }).jitter).toBeCloseTo(1e-5, 11);
    expect(inferExact({ kernel: flat(3, 3 + 3 * 5e-3), X, Y, noise: 0 }).jitter).toBeCloseTo(3e-2, 8);
  });

  it('gives up after five steps, and at once without a positive diagonal', () => {
    expect(() => inferExact({ kernel: flat(1, 1.5), X, Y, noise: 0 })).toThrow(NotPositiveDefiniteError);
    expect(() => inferExact({ kernel: flat(-1, 0), X, Y, noise: 0 })).toThrow(NotPositiveDefiniteError);
    expect(() => inferExact({ kernel: flat(NaN, 0), X, Y, noise: 0 })).toThrow(NotPositiveDefiniteError);
  });

  it('refuses data that do not fit', () => {
    const short = Matrix.zeros(3, 1);
    expect(() => inferExact({ kernel: rbf, X, Y: short, noise: 0 })).toThrow(GpStateError);
    expect(() => inferExact({ kernel: rbf, X, Y, noise: new Float64Array(3) })).toThrow(GpStateError);
  });
});

describe('inferSparse', () => {
  it('becomes exact inference where the inducing points are the training points', () => {
    const exact = inferExact({ kernel: rbf, X, Y, noise: 0.1 });
    const sparse = inferSparse({ kernel: rbf, X, Y, noise: 0.1, Z: X });
    sparse.alpha.data.forEach((value, k) => expect(value).toBeCloseTo(exact.alpha.data[k], 5));
    expect(sparse.factor.W).toEqual(sparse.factor.W.transpose());
  });

  it('takes noise a point', () => {
    const one = inferSparse({ kernel: rbf, X, Y, noise: 0.1, Z: X.slice(0, 2) });
    const each = inferSparse({ kernel: rbf, X, Y, noise: new Float64Array(4).fill(0.1), Z: X.slice(0, 2) });
    expect(each.alpha.data).toEqual(one.alpha.data);
    const uneven = inferSparse({
      kernel: rbf,
      X,
      Y,
      noise: Float64Array.of(1e9, 0.1, 1e9, 1e9),
      Z: X.slice(1, 2),
    });
    const alone = inferSparse({
      kernel: rbf,
      X: X.slice(1, 2),
      Y: Y.slice(1, 2),
      noise: 0.1,
      Z: X.slice(1, 2),
    });
    expect(uneven.alpha.data[0]).toBeCloseTo(alone.alpha.data[0], 6);
  });
});
