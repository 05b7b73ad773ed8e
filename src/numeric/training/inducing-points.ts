import type { Kernel } from '../kernels/kernel.js';
import { Matrix } from '../linalg/matrix.js';

/** A point whose variance given those chosen is a smaller part of the largest prior variance adds rounding to W, little else. */
const NOTHING_LEFT = 1e-7;

/**
 * At most `count` of the points X (n x d), each the one whose variance is largest given those before it: a Cholesky
 * factorisation of k(X, X) with pivoting, of which the first rows are computed. Burt, Rasmussen & van der Wilk (2020),
 * "Convergence of Sparse Variational Inference in Gaussian Processes Regression", JMLR 21, section 4.2. Nothing in it is
 * random; white noise is left out. O(n count^2) time, n count doubles of memory.
 */
export function selectInducingPoints(
  kernel: Kernel,
  X: Matrix,
  count: number,
  checkpoint?: () => void,
): Matrix {
  const n = X.rows;
  const left = Float64Array.from({ length: n }, (_, i) => valueAt(kernel, X.slice(i, i + 1)));
  const least = NOTHING_LEFT * left.reduce((a, b) => Math.max(a, b), 0);
  const chosen: number[] = [];
  const rows: Float64Array[] = [];
  while (chosen.length < Math.min(count, n)) {
    checkpoint?.();
    const next = indexOfLargest(left);
    if (!(left[next] > least)) break;
    const row = new Float64Array(n);
    kernel.panel(X.slice(next, next + 1), X, row);
    for (const before of rows) {
      const factor = before[next];
      for (let i = 0; i < n; i += 1) row[i] -= factor * before[i];
    }
    const pivot = Math.sqrt(left[next]);
    for (let i = 0; i < n; i += 1) {
      row[i] /= pivot;
      left[i] -= row[i] * row[i];
    }
    left[next] = 0;
    chosen.push(next);
    rows.push(row);
  }
  return Matrix.fromRows(chosen.map((i) => X.row(i)));
}

/** k(x, x) without white noise. */
function valueAt(kernel: Kernel, point: Matrix): number {
  const value = new Float64Array(1);
  kernel.panel(point, point, value);
  return value[0];
}

function indexOfLargest(values: Float64Array): number {
  let found = 0;
  for (let i = 1; i < values.length; i += 1) if (values[i] > values[found]) found = i;
  return found;
}
