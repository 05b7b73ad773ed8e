import type { Matrix } from './matrix.js';

/** L x for a lower triangular L (n x n): n numbers. Reads the lower triangle only. */
export function lowerProduct(L: Matrix, x: Float64Array): Float64Array {
  const out = new Float64Array(L.rows);
  for (let i = 0; i < L.rows; i += 1) {
    let sum = 0;
    for (let k = 0, at = i * L.cols; k <= i; k += 1, at += 1) sum += L.data[at] * x[k];
    out[i] = sum;
  }
  return out;
}

/** L^T x for a lower triangular L (n x n): n numbers. Reads the lower triangle only. */
export function lowerTransposeProduct(L: Matrix, x: Float64Array): Float64Array {
  const out = new Float64Array(L.rows);
  for (let i = 0; i < L.rows; i += 1) {
    const weight = x[i];
    for (let k = 0, at = i * L.cols; k <= i; k += 1, at += 1) out[k] += L.data[at] * weight;
  }
  return out;
}
