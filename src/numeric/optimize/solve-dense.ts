/**
 * X with A X = B, for a small square A and B of as many rows (row-major, n x n and n x m): Gaussian elimination with partial
 * pivoting (Golub & Van Loan, Matrix Computations, 4th ed., section 3.4). A is overwritten, B becomes X. Where A is singular,
 * X holds what is not finite.
 */
export function solveDense(A: Float64Array, n: number, B: Float64Array, m: number): void {
  for (let k = 0; k < n; k += 1) {
    let pivot = k;
    for (let i = k + 1; i < n; i += 1) if (Math.abs(A[i * n + k]) > Math.abs(A[pivot * n + k])) pivot = i;
    if (pivot !== k) {
      swapRows(A, n, k, pivot);
      swapRows(B, m, k, pivot);
    }
    for (let i = k + 1; i < n; i += 1) {
      const factor = A[i * n + k] / A[k * n + k];
      if (factor === 0) continue;
      for (let j = k + 1; j < n; j += 1) A[i * n + j] -= factor * A[k * n + j];
      for (let j = 0; j < m; j += 1) B[i * m + j] -= factor * B[k * m + j];
    }
  }
  for (let i = n - 1; i >= 0; i -= 1) {
    for (let k = i + 1; k < n; k += 1) {
      const factor = A[i * n + k];
      for (let j = 0; j < m; j += 1) B[i * m + j] -= factor * B[k * m + j];
    }
    for (let j = 0; j < m; j += 1) B[i * m + j] /= A[i * n + i];
  }
}

function swapRows(A: Float64Array, width: number, a: number, b: number): void {
  for (let j = 0; j < width; j += 1) {
    const value = A[a * width + j];
    A[a * width + j] = A[b * width + j];
    A[b * width + j] = value;
  }
}
