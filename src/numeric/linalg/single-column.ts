/** Triangular solves for one right-hand side: the path of a single query, bound by reading L once. */

/** x := L^-1 x for the leading n x n lower triangle of L (row stride `stride`), in place. Four rows share each x_k. */
export function solveLowerColumn(L: Float64Array, stride: number, n: number, x: Float64Array): void {
  let i = 0;
  for (; i + 3 < n; i += 4) {
    const r0 = i * stride;
    const r1 = r0 + stride;
    const r2 = r1 + stride;
    const r3 = r2 + stride;
    let s0 = x[i];
    let s1 = x[i + 1];
    let s2 = x[i + 2];
    let s3 = x[i + 3];
    for (let k = 0; k < i; k += 1) {
      const v = x[k];
      s0 -= L[r0 + k] * v;
      s1 -= L[r1 + k] * v;
      s2 -= L[r2 + k] * v;
      s3 -= L[r3 + k] * v;
    }
    s0 /= L[r0 + i];
    s1 = (s1 - L[r1 + i] * s0) / L[r1 + i + 1];
    s2 = (s2 - L[r2 + i] * s0 - L[r2 + i + 1] * s1) / L[r2 + i + 2];
    s3 = (s3 - L[r3 + i] * s0 - L[r3 + i + 1] * s1 - L[r3 + i + 2] * s2) / L[r3 + i + 3];
    x[i] = s0;
    x[i + 1] = s1;
    x[i + 2] = s2;
    x[i + 3] = s3;
  }
  for (; i < n; i += 1) {
    const row = i * stride;
    let s = x[i];
    for (let k = 0; k < i; k += 1) s -= L[row + k] * x[k];
    x[i] = s / L[row + i];
  }
}

/**
 * x := L^-T x for the leading n x n lower triangle of L (row stride `stride`), in place. Two rows at a time, so that x is
 * written half as often.
 */
export function solveLowerTransposeColumn(L: Float64Array, stride: number, n: number, x: Float64Array): void {
  let i = n - 1;
  for (; i > 0; i -= 2) {
    const r1 = i * stride;
    const r0 = r1 - stride;
    const b = x[i] / L[r1 + i];
    const a = (x[i - 1] - L[r1 + i - 1] * b) / L[r0 + i - 1];
    x[i] = b;
    x[i - 1] = a;
    for (let k = 0; k < i - 1; k += 1) x[k] -= L[r0 + k] * a + L[r1 + k] * b;
  }
  if (i === 0) x[0] /= L[0];
}
