/**
 * x with A x = b, for a small square A given by its rows: Gaussian elimination with partial pivoting (Golub & Van Loan,
 * Matrix Computations, 4th ed., section 3.4). Where A is singular, x holds what is not finite.
 */
export function solveDense(A: readonly Float64Array[], b: Float64Array): Float64Array {
  const n = b.length;
  const rows = A.map((row) => row.slice());
  const x = b.slice();
  for (let k = 0; k < n; k += 1) {
    let pivot = k;
    for (let i = k + 1; i < n; i += 1) if (Math.abs(rows[i][k]) > Math.abs(rows[pivot][k])) pivot = i;
    [rows[k], rows[pivot]] = [rows[pivot], rows[k]];
    [x[k], x[pivot]] = [x[pivot], x[k]];
    for (let i = k + 1; i < n; i += 1) {
      const factor = rows[i][k] / rows[k][k];
      if (factor === 0) continue;
      for (let j = k + 1; j < n; j += 1) rows[i][j] -= factor * rows[k][j];
      x[i] -= factor * x[k];
    }
  }
  for (let i = n - 1; i >= 0; i -= 1) {
    for (let j = i + 1; j < n; j += 1) x[i] -= rows[i][j] * x[j];
    x[i] /= rows[i][i];
  }
  return x;
}
