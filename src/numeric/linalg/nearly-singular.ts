import type { Matrix } from './matrix.js';

/** Where rounding may change the smallest eigenvalues of K by more than this part, K is nearly singular. */
const PART = 1e-4;

/**
 * Whether rounding has a say in log |K| and K^-1. `least` is the least that is added to K's diagonal: K's largest eigenvalue
 * is at most its trace, the smallest may be as small as `least`.
 */
export function isNearlySingular(trace: number, least: number): boolean {
  return Number.EPSILON * trace > PART * least;
}

/** Whether L L^T is, for a lower factor L: its diagonal is at least the squared pivots. */
export function isNearlySingularFactor({ rows: n, cols, data }: Matrix): boolean {
  let least = Infinity;
  let largest = 0;
  for (let i = 0; i < n; i += 1) {
    const square = data[i * (cols + 1)] ** 2;
    least = Math.min(least, square);
    largest = Math.max(largest, square);
  }
  return isNearlySingular(n * largest, least);
}
