import { nmadd } from './fma';

// Every product, solve and factorisation runs on one tile: six rows of A times four columns of P. Its twelve sums, two
// loads of P and one of A are the fifteen vector registers that V8 leaves us on x64; a wider tile spills.
//
// A is read through two strides (bytes from row to row, and from one term of the sum to the next), so that the same
// code serves A and its transpose. Each sum starts from C and runs over k upwards: one order for one column or many,
// so that a query's result does not depend on the panel it is in.

/** C[r] -= sum_k A[r, k] P[k] for r < 6, k < count, over four columns. */
export function subtractTile(
  a: usize, rowStride: usize, termStride: usize, count: usize, p: usize, ldp: usize, c: usize, ldc: usize,
): void {
  let a0 = a;
  let a1 = a0 + rowStride;
  let a2 = a1 + rowStride;
  let a3 = a2 + rowStride;
  let a4 = a3 + rowStride;
  let a5 = a4 + rowStride;
  const c1 = c + ldc;
  const c2 = c1 + ldc;
  const c3 = c2 + ldc;
  const c4 = c3 + ldc;
  const c5 = c4 + ldc;
  let s00 = v128.load(c);
  let s01 = v128.load(c, 16);
  let s10 = v128.load(c1);
  let s11 = v128.load(c1, 16);
  let s20 = v128.load(c2);
  let s21 = v128.load(c2, 16);
  let s30 = v128.load(c3);
  let s31 = v128.load(c3, 16);
  let s40 = v128.load(c4);
  let s41 = v128.load(c4, 16);
  let s50 = v128.load(c5);
  let s51 = v128.load(c5, 16);
  for (; count != 0; count--) {
    const x0 = v128.load(p);
    const x1 = v128.load(p, 16);
    let b = v128.load64_splat(a0);
    s00 = nmadd(b, x0, s00);
    s01 = nmadd(b, x1, s01);
    b = v128.load64_splat(a1);
    s10 = nmadd(b, x0, s10);
    s11 = nmadd(b, x1, s11);
    b = v128.load64_splat(a2);
    s20 = nmadd(b, x0, s20);
    s21 = nmadd(b, x1, s21);
    b = v128.load64_splat(a3);
    s30 = nmadd(b, x0, s30);
    s31 = nmadd(b, x1, s31);
    b = v128.load64_splat(a4);
    s40 = nmadd(b, x0, s40);
    s41 = nmadd(b, x1, s41);
    b = v128.load64_splat(a5);
    s50 = nmadd(b, x0, s50);
    s51 = nmadd(b, x1, s51);
    p += ldp;
    a0 += termStride;
    a1 += termStride;
    a2 += termStride;
    a3 += termStride;
    a4 += termStride;
    a5 += termStride;
  }
  v128.store(c, s00);
  v128.store(c, s01, 16);
  v128.store(c1, s10);
  v128.store(c1, s11, 16);
  v128.store(c2, s20);
  v128.store(c2, s21, 16);
  v128.store(c3, s30);
  v128.store(c3, s31, 16);
  v128.store(c4, s40);
  v128.store(c4, s41, 16);
  v128.store(c5, s50);
  v128.store(c5, s51, 16);
}

/** C -= sum_k A[k] P[k] for one row and four columns: what is left over of six. */
export function subtractRow(a: usize, termStride: usize, count: usize, p: usize, ldp: usize, c: usize): void {
  let s0 = v128.load(c);
  let s1 = v128.load(c, 16);
  for (; count != 0; count--) {
    const b = v128.load64_splat(a);
    s0 = nmadd(b, v128.load(p), s0);
    s1 = nmadd(b, v128.load(p, 16), s1);
    a += termStride;
    p += ldp;
  }
  v128.store(c, s0);
  v128.store(c, s1, 16);
}

/** The same for any number of rows; what is left over of six comes first. */
export function subtractRows(
  rows: usize, a: usize, rowStride: usize, termStride: usize, count: usize, p: usize, ldp: usize, c: usize, ldc: usize,
): void {
  for (let rest = rows % 6; rest != 0; rest--) {
    subtractRow(a, termStride, count, p, ldp, c);
    a += rowStride;
    c += ldc;
  }
  for (let blocks = rows / 6; blocks != 0; blocks--) {
    subtractTile(a, rowStride, termStride, count, p, ldp, c, ldc);
    a += 6 * rowStride;
    c += 6 * ldc;
  }
}
