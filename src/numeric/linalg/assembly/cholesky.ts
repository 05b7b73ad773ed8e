import { STRIP_BYTES } from './strip';
import { subtractRows } from './tile';
import { forward } from './triangular';

/** Rows that are found together: four strips, so that a row of L read once meets sixteen. */
const BLOCK: usize = 16;
const BLOCK_BYTES: usize = 8 * BLOCK;

/**
 * The lower triangle of A (n x n) becomes L with A = L L^T; the upper one is not touched. Returns n, or the row whose
 * pivot is not positive, or not finite, which then stands on the diagonal. `work` holds n x 16. Only the first `columns`
 * (n, or a multiple of 16) are found where these are fewer: what is left of the triangle is their Schur complement then.
 *
 * Rows i .. i+15 of L solve L' X^T = A' with the rows found so far, then a 16 x 16 block is factored: Golub & Van Loan,
 * Matrix Computations, 4th ed., section 4.2.9 (block dot-product form).
 */
export function cholesky(a: usize, n: usize, columns: usize, work: usize): usize {
  const ld = n << 3;
  for (let start: usize = 0; start < n; start += BLOCK) {
    const size = min(BLOCK, n - start);
    const rows = a + start * ld;
    const known = min(start, columns);
    transposeIn(rows, ld, size, start, work);
    forward(a, ld, known, work, BLOCK_BYTES, BLOCK);
    if (known != start) {
      const rest = work + known * BLOCK_BYTES;
      for (let strip: usize = 0; strip < BLOCK_BYTES; strip += STRIP_BYTES) {
        subtractRows(
          start - known, a + known * ld, ld, 8, known, work + strip, BLOCK_BYTES, rest + strip, BLOCK_BYTES,
        );
      }
    }
    transposeOut(work, rows, ld, size, start);
    const corner = rows + (start << 3);
    // corner -= X X^T, through the rows of `work` beyond the solution.
    const sums = work + start * BLOCK_BYTES;
    for (let r: usize = 0; r < size; r++) {
      for (let c: usize = 0; c < BLOCK; c++) {
        store<f64>(sums + r * BLOCK_BYTES + (c << 3), c <= r ? load<f64>(corner + r * ld + (c << 3)) : 0.0);
      }
    }
    for (let strip: usize = 0; strip < BLOCK_BYTES; strip += STRIP_BYTES) {
      subtractRows(size, work, 8, BLOCK_BYTES, known, work + strip, BLOCK_BYTES, sums + strip, BLOCK_BYTES);
    }
    for (let r: usize = 0; r < size; r++) {
      for (let c: usize = 0; c <= r; c++) {
        store<f64>(corner + r * ld + (c << 3), load<f64>(sums + r * BLOCK_BYTES + (c << 3)));
      }
    }
    if (known == columns) continue;
    const failed = factorCorner(corner, ld, size);
    if (failed != size) return start + failed;
  }
  return n;
}

function factorCorner(a: usize, ld: usize, size: usize): usize {
  for (let i: usize = 0; i < size; i++) {
    const row = a + i * ld;
    for (let j: usize = 0; j <= i; j++) {
      const other = a + j * ld;
      let s = load<f64>(row + (j << 3));
      for (let k: usize = 0; k < j; k++) s -= load<f64>(row + (k << 3)) * load<f64>(other + (k << 3));
      if (j < i) {
        store<f64>(row + (j << 3), s / load<f64>(other + (j << 3)));
      } else {
        store<f64>(row + (i << 3), s > 0.0 && s < Infinity ? sqrt(s) : s);
        if (!(s > 0.0 && s < Infinity)) return i;
      }
    }
  }
  return size;
}

/** work (count x 16) := the first `count` columns of `size` rows, transposed; zeros beyond `size`. */
function transposeIn(rows: usize, ld: usize, size: usize, count: usize, work: usize): void {
  if (size < BLOCK) memory.fill(work, 0, count * BLOCK_BYTES);
  for (let r: usize = 0; r < size; r++) {
    const row = rows + r * ld;
    let to = work + (r << 3);
    for (let k: usize = 0; k < count; k++) {
      store<f64>(to, load<f64>(row + (k << 3)));
      to += BLOCK_BYTES;
    }
  }
}

function transposeOut(work: usize, rows: usize, ld: usize, size: usize, count: usize): void {
  for (let r: usize = 0; r < size; r++) {
    const row = rows + r * ld;
    let from = work + (r << 3);
    for (let k: usize = 0; k < count; k++) {
      store<f64>(row + (k << 3), load<f64>(from));
      from += BLOCK_BYTES;
    }
  }
}
