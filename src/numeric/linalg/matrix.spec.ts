import { expect, it } from 'vitest';
import { Matrix } from './matrix.js';

const A = Matrix.fromRows([
  [1, 2, 3],
  [4, 5, 6],
]);

it('refuses a wrong number of values, and rows of different lengths', () => {
  expect(() => new Matrix(2, 3, new Float64Array(5))).toThrow('A 2 x 3 matrix needs 6 numbers, got 5.');
  expect(() => Matrix.fromRows([[1, 2], [3]])).toThrow('Row 1 has 1 numbers, expected 2.');
});

it('shows rows as views and columns as copies', () => {
  const B = A.slice(0, 2);
  expect([...B.row(1)]).toEqual([4, 5, 6]);
  expect(B.row(1).buffer).toBe(A.data.buffer);
  expect([...A.column(1)]).toEqual([2, 5]);
  expect(A.column(1).buffer).not.toBe(A.data.buffer);
});

it('transposes', () => {
  expect(A.transpose()).toEqual(
    Matrix.fromRows([
      [1, 4],
      [2, 5],
      [3, 6],
    ]),
  );
});
