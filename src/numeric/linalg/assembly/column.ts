import { nmadd } from './fma';

// One right-hand side: the path of a single query, bound by reading L once. Lanes hold two rows each, so that a sum
// runs over k upwards, term by term, as it does in a panel: the same bits as there (forward substitution and product).

/** Lane 0: the double at `p`; lane 1: the one at `q`. */
// @ts-ignore: AssemblyScript decorates functions
@inline
function pair(p: usize, q: usize): v128 {
  return v128.load64_lane(q, v128.load64_zero(p), 1);
}

/** y[r] -= sum_k A[r, k] x[k] for eight rows, k < count. */
function subtractEight(a: usize, lda: usize, count: usize, x: usize, y: usize): void {
  let a0 = a;
  let a1 = a0 + lda;
  let a2 = a1 + lda;
  let a3 = a2 + lda;
  let a4 = a3 + lda;
  let a5 = a4 + lda;
  let a6 = a5 + lda;
  let a7 = a6 + lda;
  let s0 = v128.load(y);
  let s1 = v128.load(y, 16);
  let s2 = v128.load(y, 32);
  let s3 = v128.load(y, 48);
  for (let pairs = count >> 1; pairs != 0; pairs--) {
    // 2 x 2 blocks: two loads and two shuffles give column k and column k + 1.
    const x0 = v128.load64_splat(x);
    const x1 = v128.load64_splat(x, 8);
    let u = v128.load(a0);
    let v = v128.load(a1);
    s0 = nmadd(v128.shuffle<f64>(u, v, 0, 2), x0, s0);
    s0 = nmadd(v128.shuffle<f64>(u, v, 1, 3), x1, s0);
    u = v128.load(a2);
    v = v128.load(a3);
    s1 = nmadd(v128.shuffle<f64>(u, v, 0, 2), x0, s1);
    s1 = nmadd(v128.shuffle<f64>(u, v, 1, 3), x1, s1);
    u = v128.load(a4);
    v = v128.load(a5);
    s2 = nmadd(v128.shuffle<f64>(u, v, 0, 2), x0, s2);
    s2 = nmadd(v128.shuffle<f64>(u, v, 1, 3), x1, s2);
    u = v128.load(a6);
    v = v128.load(a7);
    s3 = nmadd(v128.shuffle<f64>(u, v, 0, 2), x0, s3);
    s3 = nmadd(v128.shuffle<f64>(u, v, 1, 3), x1, s3);
    x += 16;
    a0 += 16;
    a1 += 16;
    a2 += 16;
    a3 += 16;
    a4 += 16;
    a5 += 16;
    a6 += 16;
    a7 += 16;
  }
  if ((count & 1) != 0) {
    const x0 = v128.load64_splat(x);
    s0 = nmadd(pair(a0, a1), x0, s0);
    s1 = nmadd(pair(a2, a3), x0, s1);
    s2 = nmadd(pair(a4, a5), x0, s2);
    s3 = nmadd(pair(a6, a7), x0, s3);
  }
  v128.store(y, s0);
  v128.store(y, s1, 16);
  v128.store(y, s2, 32);
  v128.store(y, s3, 48);
}

/** y -= sum_k A[k] x[k], one row. */
function subtractOne(a: usize, count: usize, x: usize, y: usize): void {
  let s = v128.load64_zero(y);
  for (; count != 0; count--) {
    s = nmadd(v128.load64_zero(a), v128.load64_zero(x), s);
    a += 8;
    x += 8;
  }
  v128.store64_lane(y, s, 0);
}

/** y := A x for A rows x count. */
export function multiplyColumn(a: usize, rows: usize, count: usize, x: usize, y: usize): void {
  const lda = count << 3;
  const end = y + (rows << 3);
  memory.fill(y, 0, rows << 3);
  let out = y;
  for (let rest = rows & 7; rest != 0; rest--) {
    subtractOne(a, count, x, out);
    a += lda;
    out += 8;
  }
  for (; out < end; out += 64) {
    subtractEight(a, lda, count, x, out);
    a += lda << 3;
  }
  for (out = y; out < end; out += 8) store<f64>(out, -load<f64>(out));
}

/** x := L^-1 x. */
export function solveLowerColumn(l: usize, ldl: usize, n: usize, x: usize): void {
  let row = l;
  let i: usize = 0;
  for (; i < (n & 7); i++) {
    const y = x + (i << 3);
    subtractOne(row, i, x, y);
    store<f64>(y, load<f64>(y) * (1.0 / load<f64>(row + (i << 3))));
    row += ldl;
  }
  for (; i < n; i += 8) {
    const y = x + (i << 3);
    subtractEight(row, ldl, i, x, y);
    cornerOfEight(row + (i << 3), ldl, y);
    row += ldl << 3;
  }
}

/** The 8 x 8 triangle on the diagonal: column by column. */
function cornerOfEight(l0: usize, ldl: usize, y: usize): void {
  const l1 = l0 + ldl;
  const l2 = l1 + ldl;
  const l3 = l2 + ldl;
  const l4 = l3 + ldl;
  const l5 = l4 + ldl;
  const l6 = l5 + ldl;
  const l7 = l6 + ldl;
  const r0 = 1.0 / load<f64>(l0);
  const r1 = 1.0 / load<f64>(l1, 8);
  const r2 = 1.0 / load<f64>(l2, 16);
  const r3 = 1.0 / load<f64>(l3, 24);
  const r4 = 1.0 / load<f64>(l4, 32);
  const r5 = 1.0 / load<f64>(l5, 40);
  const r6 = 1.0 / load<f64>(l6, 48);
  const r7 = 1.0 / load<f64>(l7, 56);
  let s0 = v128.load(y);
  let s1 = v128.load(y, 16);
  let s2 = v128.load(y, 32);
  let s3 = v128.load(y, 48);
  const x0 = f64x2.mul(s0, f64x2.splat(r0));
  let x = v128.shuffle<f64>(x0, x0, 0, 0);
  s0 = nmadd(v128.load64_splat(l1), x, s0);
  s1 = nmadd(pair(l2, l3), x, s1);
  s2 = nmadd(pair(l4, l5), x, s2);
  s3 = nmadd(pair(l6, l7), x, s3);
  const x1 = f64x2.mul(s0, f64x2.splat(r1));
  v128.store(y, v128.shuffle<f64>(x0, x1, 0, 3));
  x = v128.shuffle<f64>(x1, x1, 1, 1);
  s1 = nmadd(pair(l2 + 8, l3 + 8), x, s1);
  s2 = nmadd(pair(l4 + 8, l5 + 8), x, s2);
  s3 = nmadd(pair(l6 + 8, l7 + 8), x, s3);
  const x2 = f64x2.mul(s1, f64x2.splat(r2));
  x = v128.shuffle<f64>(x2, x2, 0, 0);
  s1 = nmadd(v128.load64_splat(l3, 16), x, s1);
  s2 = nmadd(pair(l4 + 16, l5 + 16), x, s2);
  s3 = nmadd(pair(l6 + 16, l7 + 16), x, s3);
  const x3 = f64x2.mul(s1, f64x2.splat(r3));
  v128.store(y, v128.shuffle<f64>(x2, x3, 0, 3), 16);
  x = v128.shuffle<f64>(x3, x3, 1, 1);
  s2 = nmadd(pair(l4 + 24, l5 + 24), x, s2);
  s3 = nmadd(pair(l6 + 24, l7 + 24), x, s3);
  const x4 = f64x2.mul(s2, f64x2.splat(r4));
  x = v128.shuffle<f64>(x4, x4, 0, 0);
  s2 = nmadd(v128.load64_splat(l5, 32), x, s2);
  s3 = nmadd(pair(l6 + 32, l7 + 32), x, s3);
  const x5 = f64x2.mul(s2, f64x2.splat(r5));
  v128.store(y, v128.shuffle<f64>(x4, x5, 0, 3), 32);
  x = v128.shuffle<f64>(x5, x5, 1, 1);
  s3 = nmadd(pair(l6 + 40, l7 + 40), x, s3);
  const x6 = f64x2.mul(s3, f64x2.splat(r6));
  x = v128.shuffle<f64>(x6, x6, 0, 0);
  s3 = nmadd(v128.load64_splat(l7, 48), x, s3);
  const x7 = f64x2.mul(s3, f64x2.splat(r7));
  v128.store(y, v128.shuffle<f64>(x6, x7, 0, 3), 48);
}

/** x := L^-T x: four rows of L at a time are taken off all of x above them. */
export function solveLowerTransposeColumn(l: usize, ldl: usize, n: usize, x: usize): void {
  let i = n;
  for (; (i & 3) != 0; ) {
    i--;
    const row = l + i * ldl;
    const y = load<f64>(x + (i << 3)) * (1.0 / load<f64>(row + (i << 3)));
    store<f64>(x + (i << 3), y);
    for (let k: usize = 0; k < i; k++) {
      const to = x + (k << 3);
      store<f64>(to, load<f64>(to) - load<f64>(row + (k << 3)) * y);
    }
  }
  while (i != 0) {
    i -= 4;
    const r0 = l + i * ldl;
    const r1 = r0 + ldl;
    const r2 = r1 + ldl;
    const r3 = r2 + ldl;
    const o = i << 3;
    const y = x + o;
    const d = load<f64>(y, 24) / load<f64>(r3 + o, 24);
    const c = (load<f64>(y, 16) - load<f64>(r3 + o, 16) * d) / load<f64>(r2 + o, 16);
    const b = (load<f64>(y, 8) - load<f64>(r3 + o, 8) * d - load<f64>(r2 + o, 8) * c) / load<f64>(r1 + o, 8);
    const a =
      (load<f64>(y) - load<f64>(r3 + o) * d - load<f64>(r2 + o) * c - load<f64>(r1 + o) * b) / load<f64>(r0 + o);
    store<f64>(y, a);
    store<f64>(y, b, 8);
    store<f64>(y, c, 16);
    store<f64>(y, d, 24);
    const va = f64x2.splat(a);
    const vb = f64x2.splat(b);
    const vc = f64x2.splat(c);
    const vd = f64x2.splat(d);
    for (let k: usize = 0; k < o; k += 16) {
      let s = v128.load(x + k);
      s = nmadd(v128.load(r3 + k), vd, s);
      s = nmadd(v128.load(r2 + k), vc, s);
      s = nmadd(v128.load(r1 + k), vb, s);
      s = nmadd(v128.load(r0 + k), va, s);
      v128.store(x + k, s);
    }
  }
}
