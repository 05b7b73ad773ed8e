import { Matrix } from '../linalg/matrix.js';

/**
 * F (m x r) with F F^T = C up to `tolerance` on the diagonal, for a covariance C that rounding may have left singular
 * or slightly indefinite: a Cholesky factorisation that always continues with the largest remaining variance and stops
 * when that is no more than `tolerance`. Reads the lower triangle of C, adds no jitter. `checkpoint` is called before
 * each column: what it throws ends the work.
 *
 * Higham (2002), Accuracy and Stability of Numerical Algorithms, 2nd ed., section 10.3, p. 201 (complete pivoting).
 */
export function factorSemidefinite(C: Matrix, tolerance: number, checkpoint?: () => void): Matrix {
  const m = C.rows;
  // Row r of `rows` is column r of F: contiguous for the updates.
  const rows: Float64Array[] = [];
  const remaining = Float64Array.from({ length: m }, (_, i) => C.get(i, i));
  const done = new Uint8Array(m);
  while (rows.length < m) {
    const pivot = indexOfLargest(remaining, done);
    if (!(remaining[pivot] > tolerance)) break;
    checkpoint?.();
    rows.push(nextRow(C, rows, pivot, remaining, done));
    done[pivot] = 1;
  }
  const F = Matrix.zeros(m, rows.length);
  rows.forEach((row, r) => {
    for (let i = 0; i < m; i += 1) F.data[i * rows.length + r] = row[i];
  });
  return F;
}

/** Column `pivot` of C, less what the earlier rows explain, over the root of its variance; updates `remaining`. */
function nextRow(
  C: Matrix,
  rows: readonly Float64Array[],
  pivot: number,
  remaining: Float64Array,
  done: Uint8Array,
): Float64Array {
  const m = C.rows;
  const row = new Float64Array(m);
  for (let i = 0; i < m; i += 1) row[i] = i < pivot ? C.data[pivot * m + i] : C.data[i * m + pivot];
  for (const earlier of rows) {
    const weight = earlier[pivot];
    for (let i = 0; i < m; i += 1) row[i] -= weight * earlier[i];
  }
  const root = Math.sqrt(remaining[pivot]);
  for (let i = 0; i < m; i += 1) {
    row[i] = done[i] === 1 ? 0 : row[i] / root;
    remaining[i] -= row[i] * row[i];
  }
  row[pivot] = root;
  return row;
}

function indexOfLargest(values: Float64Array, done: Uint8Array): number {
  let best = -1;
  for (let i = 0; i < values.length; i += 1) {
    if (done[i] === 0 && (best < 0 || values[i] > values[best])) best = i;
  }
  return best;
}
