import { nmadd } from './fma';
import { inPlaceColumns, packStrip, STRIP_BYTES, unpackStrip } from './strip';
import { subtractRow, subtractRows, subtractTile } from './tile';

// Forward and back substitution with the lower triangle of L (row-major, `ldl` bytes a row). A row is divided by its
// pivot through the pivot's reciprocal, as BLAS does.

/** Rows of L that one block of the back substitution solves before it updates the rows above: a multiple of six. */
const BACK_BLOCK: usize = 24;

/** panel := L^-1 panel for n x m; `work` holds n x 4. */
export function solveLower(l: usize, ldl: usize, n: usize, panel: usize, m: usize, work: usize): void {
  const ldp = m << 3;
  for (let j: usize = 0; j < m; ) {
    const width = inPlaceColumns(j, m);
    const start = panel + (j << 3);
    if (width != 0) {
      forward(l, ldl, n, start, ldp, width);
      j += width;
    } else {
      packStrip(start, ldp, n, m - j, work);
      forward(l, ldl, n, work, STRIP_BYTES, 4);
      unpackStrip(work, n, m - j, start, ldp);
      j += 4;
    }
  }
}

/** Six rows of L meet all strips while they are in cache. */
export function forward(l: usize, ldl: usize, n: usize, panel: usize, ldp: usize, width: usize): void {
  const strips = panel + (width << 3);
  let row = l;
  let i: usize = 0;
  let offset: usize = 0;
  for (; i < n % 6; i++) {
    const pivot = f64x2.splat(1.0 / load<f64>(row + (i << 3)));
    for (let p = panel; p < strips; p += STRIP_BYTES) {
      const c = p + offset;
      subtractRow(row, 8, i, p, ldp, c);
      v128.store(c, f64x2.mul(v128.load(c), pivot));
      v128.store(c, f64x2.mul(v128.load(c, 16), pivot), 16);
    }
    row += ldl;
    offset += ldp;
  }
  for (; i < n; i += 6) {
    for (let p = panel; p < strips; p += STRIP_BYTES) {
      subtractTile(row, ldl, 8, i, p, ldp, p + offset, ldp);
      forwardCorner(row + (i << 3), ldl, p + offset, ldp);
    }
    row += 6 * ldl;
    offset += 6 * ldp;
  }
}

/** The 6 x 6 triangle on the diagonal, over four columns. */
function forwardCorner(l: usize, ldl: usize, c0: usize, ldc: usize): void {
  const l1 = l + ldl;
  const l2 = l1 + ldl;
  const l3 = l2 + ldl;
  const l4 = l3 + ldl;
  const l5 = l4 + ldl;
  const c1 = c0 + ldc;
  const c2 = c1 + ldc;
  const c3 = c2 + ldc;
  const c4 = c3 + ldc;
  const c5 = c4 + ldc;
  const r0 = f64x2.splat(1.0 / load<f64>(l));
  const r1 = f64x2.splat(1.0 / load<f64>(l1, 8));
  const r2 = f64x2.splat(1.0 / load<f64>(l2, 16));
  const r3 = f64x2.splat(1.0 / load<f64>(l3, 24));
  const r4 = f64x2.splat(1.0 / load<f64>(l4, 32));
  const r5 = f64x2.splat(1.0 / load<f64>(l5, 40));
  for (let half: usize = 0; half < 32; half += 16) {
    const x0 = f64x2.mul(v128.load(c0 + half), r0);
    let s1 = nmadd(v128.load64_splat(l1), x0, v128.load(c1 + half));
    let s2 = nmadd(v128.load64_splat(l2), x0, v128.load(c2 + half));
    let s3 = nmadd(v128.load64_splat(l3), x0, v128.load(c3 + half));
    let s4 = nmadd(v128.load64_splat(l4), x0, v128.load(c4 + half));
    let s5 = nmadd(v128.load64_splat(l5), x0, v128.load(c5 + half));
    v128.store(c0 + half, x0);
    const x1 = f64x2.mul(s1, r1);
    s2 = nmadd(v128.load64_splat(l2, 8), x1, s2);
    s3 = nmadd(v128.load64_splat(l3, 8), x1, s3);
    s4 = nmadd(v128.load64_splat(l4, 8), x1, s4);
    s5 = nmadd(v128.load64_splat(l5, 8), x1, s5);
    v128.store(c1 + half, x1);
    const x2 = f64x2.mul(s2, r2);
    s3 = nmadd(v128.load64_splat(l3, 16), x2, s3);
    s4 = nmadd(v128.load64_splat(l4, 16), x2, s4);
    s5 = nmadd(v128.load64_splat(l5, 16), x2, s5);
    v128.store(c2 + half, x2);
    const x3 = f64x2.mul(s3, r3);
    s4 = nmadd(v128.load64_splat(l4, 24), x3, s4);
    s5 = nmadd(v128.load64_splat(l5, 24), x3, s5);
    v128.store(c3 + half, x3);
    const x4 = f64x2.mul(s4, r4);
    s5 = nmadd(v128.load64_splat(l5, 32), x4, s5);
    v128.store(c4 + half, x4);
    v128.store(c5 + half, f64x2.mul(s5, r5));
  }
}

/** panel := L^-T panel for n x m; `work` holds n x 4. */
export function solveLowerTranspose(l: usize, ldl: usize, n: usize, panel: usize, m: usize, work: usize): void {
  const ldp = m << 3;
  for (let j: usize = 0; j < m; ) {
    const width = inPlaceColumns(j, m);
    const start = panel + (j << 3);
    if (width != 0) {
      backward(l, ldl, n, start, ldp, width);
      j += width;
    } else {
      packStrip(start, ldp, n, m - j, work);
      backward(l, ldl, n, work, STRIP_BYTES, 4);
      unpackStrip(work, n, m - j, start, ldp);
      j += 4;
    }
  }
}

/** From the last block of rows up: solve the block, then take it off every row above. */
function backward(l: usize, ldl: usize, n: usize, panel: usize, ldp: usize, width: usize): void {
  const strips = panel + (width << 3);
  for (let end = n; end > 0; ) {
    const size = end % BACK_BLOCK == 0 ? BACK_BLOCK : end % BACK_BLOCK;
    const start = end - size;
    const block = l + start * ldl;
    for (let p = panel; p < strips; p += STRIP_BYTES) {
      backwardCorner(block + (start << 3), ldl, size, p + start * ldp, ldp);
      subtractRows(start, block, 8, ldl, size, p + start * ldp, ldp, p, ldp);
    }
    end = start;
  }
}

/** The triangle of one block on the diagonal, over four columns. */
function backwardCorner(l: usize, ldl: usize, size: usize, panel: usize, ldp: usize): void {
  for (let i = size; i > 0; ) {
    i--;
    const row = l + i * ldl;
    const p = panel + i * ldp;
    const pivot = f64x2.splat(1.0 / load<f64>(row + (i << 3)));
    const x0 = f64x2.mul(v128.load(p), pivot);
    const x1 = f64x2.mul(v128.load(p, 16), pivot);
    v128.store(p, x0);
    v128.store(p, x1, 16);
    let c = panel;
    for (let k: usize = 0; k < i; k++) {
      const b = v128.load64_splat(row + (k << 3));
      v128.store(c, nmadd(b, x0, v128.load(c)));
      v128.store(c, nmadd(b, x1, v128.load(c, 16)), 16);
      c += ldp;
    }
  }
}
