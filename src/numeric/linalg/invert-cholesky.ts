/**
 * The lower triangle of a Cholesky factor L (n x n, row-major) becomes that of (L L^T)^-1 = X^T X with X = L^-1, in place:
 * row i of X needs the rows above it, row i of X^T X those below.
 */
export function invertCholesky(L: Float64Array, n: number): void {
  const row = new Float64Array(n);
  for (let i = 0; i < n; i += 1) {
    const own = i * n;
    row.fill(0, 0, i);
    for (let k = 0; k < i; k += 1) addScaled(L, k * n, k + 1, L[own + k], row);
    const pivot = 1 / L[own + i];
    for (let j = 0; j < i; j += 1) L[own + j] = -pivot * row[j];
    L[own + i] = pivot;
  }
  for (let i = 0; i < n; i += 1) {
    row.fill(0, 0, i + 1);
    for (let k = i; k < n; k += 1) addScaled(L, k * n, i + 1, L[k * n + i], row);
    L.set(row.subarray(0, i + 1), i * n);
  }
}

/** row_j += factor L[start + j] for j < count. */
function addScaled(L: Float64Array, start: number, count: number, factor: number, row: Float64Array): void {
  for (let j = 0; j < count; j += 1) row[j] += factor * L[start + j];
}
