import { describe, expect, it } from 'vitest';
import { Random } from '../random/random.js';
import { symmetricOneNorm } from './condition-number.js';

const random = new Random(3);

describe('the estimate of a 1-norm', () => {
  it.each([1, 2, 3, 10, 60])('of a random symmetric matrix, n = %i, is between a third of it and it', (n) => {
    for (let trial = 0; trial < 20; trial += 1) {
      const A = Array.from({ length: n }, () => Array.from({ length: n }, () => 2 * random.uniform() - 1));
      for (let i = 0; i < n; i += 1) for (let j = 0; j < i; j += 1) A[i][j] = A[j][i];
      const norm = Math.max(...A.map((row) => row.reduce((sum, value) => sum + Math.abs(value), 0)));
      const times = (x: Float64Array): Float64Array =>
        Float64Array.from(A, (row) => row.reduce((sum, value, j) => sum + value * x[j], 0));
      const estimate = symmetricOneNorm(n, times);
      expect(estimate).toBeLessThanOrEqual(norm * (1 + 1e-12));
      expect(estimate).toBeGreaterThan(norm / 3);
    }
  });

  it('is exact for a diagonal matrix', () => {
    const diagonal = [3, -7, 2, 0.5];
    expect(symmetricOneNorm(4, (x) => x.map((value, i) => value * diagonal[i]))).toBeCloseTo(7, 12);
  });
});
