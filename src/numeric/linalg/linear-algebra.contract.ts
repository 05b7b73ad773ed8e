import { describe, expect, it } from 'vitest';
import { NotPositiveDefiniteError } from '../errors.js';
import { Random } from '../random/random.js';
import type { LinearAlgebra } from './linear-algebra.js';
import { Matrix } from './matrix.js';

const SEED = 7;
const SIZES = [1, 2, 3, 4, 5, 7, 8, 17, 33];
const WIDTHS = [1, 2, 3, 4, 5, 8, 16, 19, 37];
/** Large enough for blocks, and for backends that leave small operations to another. */
const LARGE = [
  [120, 21],
  [211, 64],
] as const;

/** What every backend has to satisfy: call it from the backend's own spec. Results are compared with triple loops. */
export function describeLinearAlgebra(name: string, create: () => LinearAlgebra): void {
  describe(`${name} linear algebra`, () => {
    const linalg = create();
    const random = new Random(SEED);
    const shapes = [...SIZES.flatMap((n) => WIDTHS.map((m) => [n, m] as const)), ...LARGE];
    const sizes = [...SIZES, ...LARGE.map(([n]) => n)];

    it.each([1, 10, 1000, 100_000])('states a panel width for %i points', (n) => {
      expect(linalg.panelWidth(n)).toBeGreaterThanOrEqual(1);
      expect(Number.isInteger(linalg.panelWidth(n))).toBe(true);
    });

    it.each(sizes)('factors a %i x %i matrix', (n) => {
      const expected = lowerTriangle(random, n);
      const A = product(expected, expected.transpose());
      const before = A.data.slice();
      const L = linalg.cholesky(A);
      expectClose(L, expected);
      expect(A.data).toEqual(before);
      for (let i = 0; i < n; i += 1) {
        for (let j = i + 1; j < n; j += 1) expect(L.get(i, j)).toBe(0);
      }
    });

    it.each(sizes)('reads the lower triangles only, n = %i', (n) => {
      const L = lowerTriangle(random, n);
      const A = product(L, L.transpose());
      expectClose(linalg.cholesky(poisonUpper(A)), L);
      const B = uniform(random, n, 23);
      for (const solve of [linalg.solveLower, linalg.solveLowerTranspose]) {
        const clean = copy(B);
        const poisoned = copy(B);
        solve.call(linalg, L, clean);
        solve.call(linalg, poisonUpper(L), poisoned);
        expect(poisoned.data).toEqual(clean.data);
      }
    });

    it.each([...sizes, 100])('factors and inverts in place, n = %i', (n) => {
      const expected = lowerTriangle(random, n);
      const A = product(expected, expected.transpose());
      const inPlace = poisonUpper(A);
      linalg.choleskyInPlace(inPlace);
      expectClose(lowerOf(inPlace), expected);
      linalg.invertCholesky(inPlace);
      const inverse = lowerOf(inPlace);
      for (let i = 0; i < n; i += 1)
        for (let j = 0; j < i; j += 1) inverse.data[j * n + i] = inverse.get(i, j);
      const one = Matrix.zeros(n, n);
      for (let i = 0; i < n; i += 1) one.data[i * n + i] = 1;
      expectClose(product(A, inverse), one);
    });

    it.each([16, 33, 120, 211, 500])('factors a nearly singular matrix with care, n = %i', (n) => {
      // large 1 1^T + small I
      const [large, small] = [2 ** 20, 2 ** -24];
      const A = new Matrix(n, n, new Float64Array(n * n).fill(large));
      for (let i = 0; i < n; i += 1) A.data[i * (n + 1)] += small;
      const L = linalg.cholesky(A, true);
      for (let k = 1; k < n; k += 1) {
        const square = (small * (small + (k + 1) * large)) / (small + k * large);
        expect(Math.abs(L.get(k, k) ** 2 / square - 1)).toBeLessThan(1e-9);
      }
      const inPlace = poisonUpper(A);
      linalg.choleskyInPlace(inPlace, true);
      expect(lowerOf(inPlace).data).toEqual(L.data);
    });

    it.each([17, 120, 211])('begins a factorisation, n = %i', (n) => {
      const expected = lowerTriangle(random, n);
      const A = poisonUpper(product(expected, expected.transpose()));
      linalg.eliminateInPlace(A, 16);
      const rest = Matrix.zeros(n, n);
      for (let i = 0; i < n; i += 1) {
        for (let j = 0; j <= i; j += 1) {
          for (let k = 16; k <= j; k += 1) rest.data[i * n + j] += expected.get(i, k) * expected.get(j, k);
          if (j < 16) rest.data[i * n + j] = expected.get(i, j);
        }
      }
      expectClose(lowerOf(A), rest);
      const negative = Matrix.zeros(n, n);
      negative.data[0] = -1;
      expect(failureOf(() => linalg.eliminateInPlace(negative, 16)).pivot).toBe(0);
    });

    it.each([2, 120])('refuses in place what is not positive definite, n = %i', (n) => {
      for (const pivot of [0, -1, NaN, Infinity]) {
        const A = Matrix.zeros(n, n);
        for (let i = 0; i < n; i += 1) A.data[i * n + i] = 1;
        A.data[n * n - 1] = pivot;
        expect(failureOf(() => linalg.choleskyInPlace(A)).pivot).toBe(n - 1);
      }
    });

    it('names the pivot that is not positive, and its value', () => {
      const A = Matrix.fromRows([
        [4, 2, 0, 0, 0, 0],
        [2, 5, 0, 0, 0, 0],
        [0, 0, 1, 0, 0, 0],
        [0, 0, 0, 9, 3, 0],
        [0, 0, 0, 3, 0.5, 0],
        [0, 0, 0, 0, 0, 1],
      ]);
      const failure = failureOf(() => linalg.cholesky(A));
      expect(failure.pivot).toBe(4);
      expect(failure.value).toBeCloseTo(-0.5, 14);
    });

    it.each([0, -1, NaN, Infinity])('never clamps a pivot: %d', (pivot) => {
      const A = Matrix.fromRows([
        [1, 0],
        [0, pivot],
      ]);
      expect(failureOf(() => linalg.cholesky(A)).pivot).toBe(1);
    });

    it.each(shapes)('solves L x = b, n = %i, %i columns', (n, m) => {
      const L = lowerTriangle(random, n);
      const X = uniform(random, n, m);
      const panel = product(L, X);
      linalg.solveLower(L, panel);
      expectClose(panel, X);
    });

    it.each(shapes)('solves L^T x = b, n = %i, %i columns', (n, m) => {
      const L = lowerTriangle(random, n);
      const X = uniform(random, n, m);
      const panel = product(L.transpose(), X);
      linalg.solveLowerTranspose(L, panel);
      expectClose(panel, X);
    });

    it.each(shapes)('solves with the leading block of a larger factor, n = %i, %i columns', (n, m) => {
      const L = lowerTriangle(random, n + 3);
      const block = new Matrix(
        n,
        n,
        Float64Array.from({ length: n * n }, (_, k) => L.get(Math.floor(k / n), k % n)),
      );
      const X = uniform(random, n, m);
      const forward = product(block, X);
      linalg.solveLower(L.slice(0, n), forward);
      expectClose(forward, X);
      const backward = product(block.transpose(), X);
      linalg.solveLowerTranspose(L.slice(0, n), backward);
      expectClose(backward, X);
    });

    it.each(shapes)('multiplies, %i rows, %i columns', (n, m) => {
      const A = uniform(random, n, 6);
      const B = uniform(random, 6, m);
      const out = filled(n, m);
      linalg.multiply(A, B, out);
      expectClose(out, product(A, B));
    });

    it.each(shapes)('multiplies by a transpose, %i points, %i columns', (n, m) => {
      const A = uniform(random, n, m);
      for (const q of [1, 2, 3, 5, 8, 18]) {
        const B = uniform(random, n, q);
        const out = filled(m, q);
        linalg.transposeMultiply(A, B, out);
        expectClose(out, product(A.transpose(), B));
      }
    });

    it.each(shapes)('multiplies a matrix by its own transpose, %i points, %i columns', (n, m) => {
      const A = uniform(random, n, m);
      const out = filled(m, m);
      linalg.gram(A, out);
      expectClose(out, product(A.transpose(), A));
      expect(out.transpose().data).toEqual(out.data);
    });

    it('takes what it adopted, and gives it back', () => {
      const L = lowerTriangle(random, 20);
      const adopted = linalg.adopt(L);
      expect(adopted.data.slice()).toEqual(L.data);
      const panel = uniform(random, 20, 3);
      const same = copy(panel);
      linalg.solveLower(L, panel);
      linalg.solveLower(adopted, same);
      expectClose(same, panel);
      linalg.release(adopted);
    });

    it('gives the same bits each time', () => {
      const L = lowerTriangle(random, 150);
      const B = uniform(random, 150, 40);
      const solve = (): Float64Array => {
        const panel = copy(B);
        linalg.solveLower(L, panel);
        return panel.data;
      };
      expect(solve()).toEqual(solve());
    });

    it.each(shapes)('sums products down columns, %i rows, %i columns', (n, m) => {
      const A = uniform(random, n, m);
      const B = uniform(random, n, m);
      const dots = filled(m, 1);
      linalg.columnDots(A, B, dots.data);
      for (let j = 0; j < m; j += 1) {
        expect(dots.data[j]).toBeCloseTo(product(row(A.column(j)), column(B.column(j))).data[0], 12);
      }
    });

    it.each(shapes)('subtracts squares down columns without loss, %i rows, %i columns', (n, m) => {
      const A = new Matrix(
        n,
        m,
        uniform(random, n, m).data.map((value) => Math.round(2 ** 26 * value)),
      );
      const sums = Array.from({ length: m }, (_, j) =>
        A.column(j).reduce((sum, value) => sum + BigInt(value) ** 2n, 0n),
      );
      const out = Float64Array.from(sums, (sum) => Number(sum + 7n));
      const exact = sums.map((sum, j) => Number(BigInt(out[j]) - sum));
      linalg.subtractColumnSquares(A, out);
      expect([...out]).toEqual(exact);
    });

    it('stays backward stable where the matrix is near singular', () => {
      // Hilbert matrix of order 10: condition number 1.6e13.
      const n = 10;
      const H = Matrix.zeros(n, n);
      for (let i = 0; i < n; i += 1) for (let j = 0; j < n; j += 1) H.data[i * n + j] = 1 / (i + j + 1);
      const L = linalg.cholesky(H);
      expect(maxDifference(product(L, L.transpose()), H)).toBeLessThan(4e-16);
      const b = new Float64Array(n).fill(1);
      const y = column(b.slice());
      linalg.solveLower(L, y);
      expect(maxDifference(product(L, y), column(b))).toBeLessThan(1e-13);
    });
  });
}

/** Well conditioned: small off-diagonal entries, diagonal in (1, 1.5). */
function lowerTriangle(random: Random, n: number): Matrix {
  const L = Matrix.zeros(n, n);
  const size = Math.min(0.2, 4 / n);
  for (let i = 0; i < n; i += 1) {
    for (let j = 0; j < i; j += 1) L.data[i * n + j] = size * (2 * random.uniform() - 1);
    L.data[i * n + i] = 1 + 0.5 * random.uniform();
  }
  return L;
}

function uniform(random: Random, rows: number, cols: number): Matrix {
  return new Matrix(
    rows,
    cols,
    Float64Array.from({ length: rows * cols }, () => 2 * random.uniform() - 1),
  );
}

function product(A: Matrix, B: Matrix): Matrix {
  const C = Matrix.zeros(A.rows, B.cols);
  for (let i = 0; i < A.rows; i += 1) {
    for (let j = 0; j < B.cols; j += 1) {
      for (let k = 0; k < A.cols; k += 1) C.data[i * B.cols + j] += A.get(i, k) * B.get(k, j);
    }
  }
  return C;
}

function poisonUpper(A: Matrix): Matrix {
  const result = copy(A);
  for (let i = 0; i < A.rows; i += 1) {
    for (let j = i + 1; j < A.cols; j += 1) result.data[i * A.cols + j] = NaN;
  }
  return result;
}

/** The lower triangle, zeros above it. */
function lowerOf(A: Matrix): Matrix {
  const result = copy(A);
  for (let i = 0; i < A.rows; i += 1) result.data.fill(0, i * A.cols + i + 1, (i + 1) * A.cols);
  return result;
}

/** An output that holds NaN until it is written. */
function filled(rows: number, cols: number): Matrix {
  return new Matrix(rows, cols, new Float64Array(rows * cols).fill(NaN));
}

function copy(A: Matrix): Matrix {
  return new Matrix(A.rows, A.cols, A.data.slice());
}

function row(values: Float64Array): Matrix {
  return new Matrix(1, values.length, values);
}

function column(values: Float64Array): Matrix {
  return new Matrix(values.length, 1, values);
}

function maxDifference(A: Matrix, B: Matrix): number {
  return A.data.reduce((worst, value, k) => Math.max(worst, Math.abs(value - B.data[k])), 0);
}

function expectClose(actual: Matrix, expected: Matrix): void {
  expect(actual.data.every(Number.isFinite)).toBe(true);
  expect(maxDifference(actual, expected)).toBeLessThan(1e-12);
}

function failureOf(action: () => unknown): NotPositiveDefiniteError {
  try {
    action();
  } catch (error) {
    if (error instanceof NotPositiveDefiniteError) return error;
    throw error;
  }
  throw new Error('Expected a NotPositiveDefiniteError, got a result.');
}
