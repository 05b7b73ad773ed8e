import type { LinearAlgebra } from '../linalg/linear-algebra.js';
import { Matrix } from '../linalg/matrix.js';

/**
 * The diagonal of K^-1 (n numbers) from the lower factor of K = L L^T:
 *
 *   [K^-1]_jj = sum_(i >= j) [L^-1]_ij^2
 *
 * Row i of L^-1 solves L^T x = e_i, where only the first i + 1 rows of L take part: blocks of rows are solved with the
 * leading part of L alone, which costs n^3 / 6 multiply-adds, as much as the factorisation, and one panel of memory.
 * `checkpoint` is called between the blocks: what it throws ends the work.
 */
export function inverseDiagonal(L: Matrix, linalg: LinearAlgebra, checkpoint?: () => void): Float64Array {
  const n = L.rows;
  const diagonal = new Float64Array(n);
  const width = Math.min(n, linalg.panelWidth(n));
  const buffer = linalg.scratch.take(n * width);
  try {
    for (let start = 0; start < n; start += width) {
      checkpoint?.();
      const end = Math.min(start + width, n);
      const rows = end - start;
      const panel = new Matrix(end, rows, buffer.subarray(0, end * rows).fill(0));
      for (let i = 0; i < rows; i += 1) panel.data[(start + i) * rows + i] = 1;
      linalg.solveLowerTranspose(L.slice(0, end), panel);
      addRowSquares(panel, diagonal);
    }
  } finally {
    linalg.scratch.release();
  }
  return diagonal;
}

/** out_j += sum_i A_ji^2 */
function addRowSquares(A: Matrix, out: Float64Array): void {
  for (let j = 0, k = 0; j < A.rows; j += 1) {
    let sum = 0;
    for (let i = 0; i < A.cols; i += 1, k += 1) sum += A.data[k] * A.data[k];
    out[j] += sum;
  }
}
