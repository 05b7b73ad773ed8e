/**
 * Inner loops on four columns at a time. Four columns of a panel are packed next to each other, `P[4 k + c]`, so that
 * a step over k reads one line of cache, and two rows of the left matrix meet them: eight sums stay in registers.
 */

/** Copies columns [col, col + 4) of an n x m panel to `packed` (n x 4), zeros beyond the last column. */
export function packColumns(
  panel: Float64Array,
  n: number,
  m: number,
  col: number,
  packed: Float64Array,
): void {
  const width = Math.min(4, m - col);
  if (width === 4) {
    for (let k = 0, from = col, to = 0; k < n; k += 1, from += m, to += 4) {
      packed[to] = panel[from];
      packed[to + 1] = panel[from + 1];
      packed[to + 2] = panel[from + 2];
      packed[to + 3] = panel[from + 3];
    }
    return;
  }
  packed.fill(0, 0, 4 * n);
  for (let k = 0; k < n; k += 1) {
    for (let c = 0; c < width; c += 1) packed[4 * k + c] = panel[k * m + col + c];
  }
}

/** The way back from `packColumns`. */
export function unpackColumns(
  packed: Float64Array,
  n: number,
  m: number,
  col: number,
  panel: Float64Array,
): void {
  const width = Math.min(4, m - col);
  for (let k = 0; k < n; k += 1) {
    for (let c = 0; c < width; c += 1) panel[k * m + col + c] = packed[4 * k + c];
  }
}

/**
 * sums[c] = sum_k A[a0 + k] P[4 k + c] and sums[4 + c] = sum_k A[a1 + k] P[4 k + c], k < count, c < 4: two rows of A
 * times four packed columns.
 */
export function multiplyTwoRows(
  A: Float64Array,
  a0: number,
  a1: number,
  packed: Float64Array,
  count: number,
  sums: Float64Array,
): void {
  let s00 = 0;
  let s01 = 0;
  let s02 = 0;
  let s03 = 0;
  let s10 = 0;
  let s11 = 0;
  let s12 = 0;
  let s13 = 0;
  for (let k = 0, p = 0; k < count; k += 1, p += 4) {
    const x = A[a0 + k];
    const y = A[a1 + k];
    const p0 = packed[p];
    const p1 = packed[p + 1];
    const p2 = packed[p + 2];
    const p3 = packed[p + 3];
    s00 += x * p0;
    s10 += y * p0;
    s01 += x * p1;
    s11 += y * p1;
    s02 += x * p2;
    s12 += y * p2;
    s03 += x * p3;
    s13 += y * p3;
  }
  sums[0] = s00;
  sums[1] = s01;
  sums[2] = s02;
  sums[3] = s03;
  sums[4] = s10;
  sums[5] = s11;
  sums[6] = s12;
  sums[7] = s13;
}

/** packed := L^-1 packed for the leading n x n lower triangle of L (row stride `stride`), in place. */
export function solveLowerPacked(
  L: Float64Array,
  stride: number,
  n: number,
  packed: Float64Array,
  sums: Float64Array,
): void {
  let i = 0;
  for (; i + 1 < n; i += 2) {
    const row0 = i * stride;
    const row1 = row0 + stride;
    multiplyTwoRows(L, row0, row1, packed, i, sums);
    const d0 = L[row0 + i];
    const below = L[row1 + i];
    const d1 = L[row1 + i + 1];
    for (let c = 0, p = 4 * i; c < 4; c += 1, p += 1) {
      const x = (packed[p] - sums[c]) / d0;
      packed[p] = x;
      packed[p + 4] = (packed[p + 4] - sums[c + 4] - below * x) / d1;
    }
  }
  if (i < n) {
    const row = i * stride;
    multiplyTwoRows(L, row, row, packed, i, sums);
    const d = L[row + i];
    for (let c = 0, p = 4 * i; c < 4; c += 1, p += 1) packed[p] = (packed[p] - sums[c]) / d;
  }
}

/** packed := L^-T packed for the leading n x n lower triangle of L (row stride `stride`), in place: from the last row up. */
export function solveLowerTransposePacked(
  L: Float64Array,
  stride: number,
  n: number,
  packed: Float64Array,
): void {
  let i = n - 1;
  if (n % 2 === 1) {
    const row = i * stride;
    const d = L[row + i];
    for (let c = 0; c < 4; c += 1) packed[4 * i + c] /= d;
    subtractTwoRows(L, row, row, packed, 4 * i, -1, i);
    i -= 1;
  }
  for (; i > 0; i -= 2) {
    const row1 = i * stride;
    const row0 = row1 - stride;
    const d1 = L[row1 + i];
    const beside = L[row1 + i - 1];
    const d0 = L[row0 + i - 1];
    for (let c = 0, p = 4 * i; c < 4; c += 1, p += 1) {
      const x = packed[p] / d1;
      packed[p] = x;
      packed[p - 4] = (packed[p - 4] - beside * x) / d0;
    }
    subtractTwoRows(L, row1, row0, packed, 4 * i, 4 * i - 4, i - 1);
  }
}

/** P[4k + c] -= L[r0 + k] P[x0 + c] + L[r1 + k] P[x1 + c] for k < count; x1 < 0 leaves the second row out. */
function subtractTwoRows(
  L: Float64Array,
  r0: number,
  r1: number,
  packed: Float64Array,
  x0: number,
  x1: number,
  count: number,
): void {
  const a0 = packed[x0];
  const a1 = packed[x0 + 1];
  const a2 = packed[x0 + 2];
  const a3 = packed[x0 + 3];
  const two = x1 >= 0;
  const b0 = two ? packed[x1] : 0;
  const b1 = two ? packed[x1 + 1] : 0;
  const b2 = two ? packed[x1 + 2] : 0;
  const b3 = two ? packed[x1 + 3] : 0;
  for (let k = 0, p = 0; k < count; k += 1, p += 4) {
    const x = L[r0 + k];
    const y = L[r1 + k];
    packed[p] -= x * a0 + y * b0;
    packed[p + 1] -= x * a1 + y * b1;
    packed[p + 2] -= x * a2 + y * b2;
    packed[p + 3] -= x * a3 + y * b3;
  }
}
