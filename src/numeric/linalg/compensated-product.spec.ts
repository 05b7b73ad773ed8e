import { describe, expect, it } from 'vitest';
import { subtractCompensated } from './compensated-product.js';
import { Matrix } from './matrix.js';

describe('subtractCompensated', () => {
  it('subtracts A^T B and diag(d) C', () => {
    const A = Matrix.fromRows([[1, 2], [3, 4], [5, 6]]); // prettier-ignore
    const B = Matrix.fromRows([[1, -1], [2, 0], [3, 1]]); // prettier-ignore
    const C = Matrix.fromRows([[1, 2], [3, 4]]); // prettier-ignore
    const out = Matrix.fromRows([[100, 0], [100, 0]]); // prettier-ignore
    subtractCompensated(A, B, Float64Array.of(10, 0.5), C, out);
    expect([...out.data]).toEqual([100 - 22 - 10, -4 - 20, 100 - 28 - 1.5, -4 - 2]);
  });

  it('keeps what cancellation leaves of products and sums', () => {
    // (1 + e)(1 - e) = 1 - e^2, for e = 2^-30: the last term has no place beside 1 in a double.
    const e = 2 ** -30;
    const A = Matrix.fromRows([[1 + e], [1e16], [1], [1e16]]);
    const B = Matrix.fromRows([[1 - e], [1], [2 ** -40], [-1]]);
    const out = Matrix.fromRows([[1]]);
    subtractCompensated(A, B, Float64Array.of(3), Matrix.fromRows([[0]]), out);
    expect(out.data[0]).toBe(e * e - 2 ** -40);
  });
});
