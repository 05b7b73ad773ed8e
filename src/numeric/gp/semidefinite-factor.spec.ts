import { expect, it } from 'vitest';
import { Matrix } from '../linalg/matrix.js';
import { Random } from '../random/random.js';
import { factorSemidefinite } from './semidefinite-factor.js';

const random = new Random(6);

function covariance(m: number, rank: number): Matrix {
  const A = new Matrix(
    m,
    rank,
    Float64Array.from({ length: m * rank }, () => random.uniform() - 0.5),
  );
  return square(A);
}

function square(F: Matrix): Matrix {
  const C = Matrix.zeros(F.rows, F.rows);
  for (let i = 0; i < F.rows; i += 1) {
    for (let j = 0; j < F.rows; j += 1) {
      for (let k = 0; k < F.cols; k += 1) C.data[i * F.rows + j] += F.get(i, k) * F.get(j, k);
    }
  }
  return C;
}

it.each([
  [1, 1],
  [6, 6],
  [9, 4],
  [12, 1],
])('factors a %i x %i covariance of rank %i', (m, rank) => {
  const C = covariance(m, rank);
  const F = factorSemidefinite(C, 1e-14);
  expect([F.rows, F.cols]).toEqual([m, rank]);
  square(F).data.forEach((value, k) => expect(value).toBeCloseTo(C.data[k], 13));
});

it('ignores what rounding made slightly negative, and has no columns for zero', () => {
  const C = covariance(5, 2);
  C.data[24] -= 1e-15;
  expect(factorSemidefinite(C, 1e-13).cols).toBe(2);
  expect(factorSemidefinite(Matrix.zeros(3, 3), 1e-14)).toEqual(Matrix.zeros(3, 0));
});

it('reads the lower triangle only', () => {
  const C = covariance(5, 5);
  const expected = factorSemidefinite(C, 1e-14);
  for (let i = 0; i < 5; i += 1) for (let j = i + 1; j < 5; j += 1) C.data[i * 5 + j] = NaN;
  expect(factorSemidefinite(C, 1e-14).data).toEqual(expected.data);
});
