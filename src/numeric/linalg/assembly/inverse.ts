import { STRIP_BYTES } from './strip';
import { subtractRows, subtractTile } from './tile';
import { forward } from './triangular';

/** Columns that are found together: four strips. */
const BLOCK: usize = 16;
const BLOCK_BYTES: usize = 8 * BLOCK;

/**
 * The lower triangle of L (n x n) becomes that of (L L^T)^-1 = X^T X with X = L^-1; what stands above is lost. `work`
 * holds 2 n x 16 numbers.
 *
 * Column j of X is zero above row j, and is solved for from there on; entry (i, j) of X^T X, i >= j, sums from row i on.
 */
export function invertCholesky(l: usize, n: usize, work: usize): void {
  const ld = n << 3;
  for (let j: usize = 0; j < n; j += BLOCK) {
    const size = min(BLOCK, n - j);
    const rows = n - j;
    const corner = l + j * (ld + 8);
    memory.fill(work, 0, rows * BLOCK_BYTES);
    for (let c: usize = 0; c < size; c++) store<f64>(work + c * (BLOCK_BYTES + 8), 1.0);
    forward(corner, ld, rows, work, BLOCK_BYTES, BLOCK);
    copyColumns(work, BLOCK_BYTES, corner, ld, rows, size);
  }
  for (let i: usize = 0; i < n; i++) memory.fill(l + i * ld + ((i + 1) << 3), 0, (n - i - 1) << 3);
  const sums = work + n * BLOCK_BYTES;
  for (let j: usize = 0; j < n; j += BLOCK) {
    const size = min(BLOCK, n - j);
    const rows = n - j;
    const corner = l + j * (ld + 8);
    if (size < BLOCK) memory.fill(work, 0, rows * BLOCK_BYTES);
    copyColumns(corner, ld, work, BLOCK_BYTES, rows, size);
    memory.fill(sums, 0, rows * BLOCK_BYTES);
    let i: usize = 0;
    for (; i + 6 <= rows; i += 6) {
      for (let strip: usize = 0; strip < BLOCK_BYTES; strip += STRIP_BYTES) {
        const at = i * BLOCK_BYTES + strip;
        subtractTile(corner + i * (ld + 8), 8, ld, rows - i, work + at, BLOCK_BYTES, sums + at, BLOCK_BYTES);
      }
    }
    for (let strip: usize = 0; strip < BLOCK_BYTES; strip += STRIP_BYTES) {
      const at = i * BLOCK_BYTES + strip;
      subtractRows(rows - i, corner + i * (ld + 8), 8, ld, rows - i, work + at, BLOCK_BYTES, sums + at, BLOCK_BYTES);
    }
    for (let r: usize = 0; r < rows; r++) {
      for (let c: usize = 0; c < size; c++) {
        store<f64>(corner + r * ld + (c << 3), -load<f64>(sums + r * BLOCK_BYTES + (c << 3)));
      }
    }
  }
}

function copyColumns(from: usize, ldFrom: usize, to: usize, ldTo: usize, rows: usize, size: usize): void {
  for (; rows != 0; rows--) {
    memory.copy(to, from, size << 3);
    from += ldFrom;
    to += ldTo;
  }
}
