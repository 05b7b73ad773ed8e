import type { Matrix } from '../linalg/matrix.js';
import { scratch } from '../linalg/scratch-stack.js';

/**
 * out_ij = sum_q (scale_q (z_i - x_j)_q)^2 over the columns q of `dims`, for n points Z and m points X (n x m).
 *
 * By direct differences: |z|^2 + |x|^2 - 2 z.x loses the distance of close points to cancellation, and a
 * near-singular K magnifies that by its condition number.
 */
export function scaledSquaredDistances(
  Z: Matrix,
  X: Matrix,
  dims: Int32Array,
  scale: Float64Array,
  out: Float64Array,
): void {
  const n = Z.rows;
  const m = X.rows;
  const d = dims.length;
  const columns = scratch.take(d * m);
  gatherColumns(X, dims, columns);
  const z = Z.data;
  out.fill(0);
  for (let i = 0; i < n; i += 1) {
    const row = i * Z.cols;
    const end = (i + 1) * m;
    let q = 0;
    for (; q + 3 < d; q += 4) {
      const z0 = z[row + dims[q]];
      const z1 = z[row + dims[q + 1]];
      const z2 = z[row + dims[q + 2]];
      const z3 = z[row + dims[q + 3]];
      const s0 = scale[q];
      const s1 = scale[q + 1];
      const s2 = scale[q + 2];
      const s3 = scale[q + 3];
      for (let o = i * m, c = q * m; o < end; o += 1, c += 1) {
        const t0 = (z0 - columns[c]) * s0;
        const t1 = (z1 - columns[c + m]) * s1;
        const t2 = (z2 - columns[c + 2 * m]) * s2;
        const t3 = (z3 - columns[c + 3 * m]) * s3;
        out[o] += t0 * t0 + t1 * t1 + (t2 * t2 + t3 * t3);
      }
    }
    for (; q < d; q += 1) {
      const zq = z[row + dims[q]];
      const s = scale[q];
      for (let o = i * m, c = q * m; o < end; o += 1, c += 1) {
        const t = (zq - columns[c]) * s;
        out[o] += t * t;
      }
    }
  }
  scratch.release();
}

/** out_ij = sum_q weight_q z_iq x_jq over the columns q of `dims`, for n points Z and m points X (n x m). */
export function weightedDotProducts(
  Z: Matrix,
  X: Matrix,
  dims: Int32Array,
  weights: Float64Array,
  out: Float64Array,
): void {
  const m = X.rows;
  const columns = scratch.take(dims.length * m);
  gatherColumns(X, dims, columns);
  out.fill(0);
  for (let i = 0; i < Z.rows; i += 1) {
    const end = (i + 1) * m;
    for (let q = 0; q < dims.length; q += 1) {
      const zq = Z.data[i * Z.cols + dims[q]] * weights[q];
      for (let o = i * m, c = q * m; o < end; o += 1, c += 1) out[o] += zq * columns[c];
    }
  }
  scratch.release();
}

/** out_j = sum_q weight_q x_jq^2 over the columns q of `dims`. */
export function weightedSquareNorms(
  X: Matrix,
  dims: Int32Array,
  weights: Float64Array,
  out: Float64Array,
): void {
  for (let j = 0; j < X.rows; j += 1) {
    let sum = 0;
    for (let q = 0; q < dims.length; q += 1) {
      const x = X.data[j * X.cols + dims[q]];
      sum += weights[q] * x * x;
    }
    out[j] = sum;
  }
}

/** Column dims[q] of X becomes row q of `out` (d x m), so that loops over queries read contiguously. */
function gatherColumns(X: Matrix, dims: Int32Array, out: Float64Array): void {
  const m = X.rows;
  for (let q = 0; q < dims.length; q += 1) {
    for (let j = 0, from = dims[q], to = q * m; j < m; j += 1, from += X.cols, to += 1)
      out[to] = X.data[from];
  }
}
