import { madd } from './fma';
import { inPlaceColumns, packStrip, STRIP_BYTES, unpackStrip } from './strip';
import { subtractRows } from './tile';

/** out := A B (rows x m) for A by its two strides and B count x m; `work` holds (count + rows) x 4. */
export function multiply(
  a: usize, rowStride: usize, termStride: usize, rows: usize, count: usize, b: usize, m: usize, out: usize, work: usize,
): void {
  const ld = m << 3;
  memory.fill(out, 0, rows * ld);
  for (let j: usize = 0; j < m; ) {
    const width = inPlaceColumns(j, m);
    const from = b + (j << 3);
    const to = out + (j << 3);
    if (width != 0) {
      for (let s: usize = 0; s < width << 3; s += STRIP_BYTES) {
        subtractRows(rows, a, rowStride, termStride, count, from + s, ld, to + s, ld);
      }
      j += width;
    } else {
      const sums = work + count * STRIP_BYTES;
      packStrip(from, ld, count, m - j, work);
      memory.fill(sums, 0, rows * STRIP_BYTES);
      subtractRows(rows, a, rowStride, termStride, count, work, STRIP_BYTES, sums, STRIP_BYTES);
      unpackStrip(sums, rows, m - j, to, ld);
      j += 4;
    }
  }
  negate(out, rows * m);
}

/** out := A^T A (m x m) for A n x m, symmetric to the last bit; `work` holds (n + m) x 4. */
export function gram(a: usize, n: usize, m: usize, out: usize, work: usize): void {
  const ld = m << 3;
  const sums = work + n * STRIP_BYTES;
  for (let j: usize = 0; j < m; j += 4) {
    const rows = m - j;
    packStrip(a + (j << 3), ld, n, rows, work);
    memory.fill(sums, 0, rows * STRIP_BYTES);
    subtractRows(rows, a + (j << 3), 8, ld, n, work, STRIP_BYTES, sums, STRIP_BYTES);
    unpackStrip(sums, rows, rows, out + j * ld + (j << 3), ld);
  }
  for (let i: usize = 0; i < m; i++) {
    for (let j: usize = 0; j <= i; j++) {
      const value = -load<f64>(out + i * ld + (j << 3));
      store<f64>(out + i * ld + (j << 3), value);
      store<f64>(out + j * ld + (i << 3), value);
    }
  }
}

function negate(values: usize, count: usize): void {
  const end = values + (count << 3);
  for (; values + 8 < end; values += 16) v128.store(values, f64x2.neg(v128.load(values)));
  if (values < end) store<f64>(values, -load<f64>(values));
}

// Sums down the columns of a panel keep the terms of even and of odd rows apart, and add the two at the end: the same
// order, and the same bits, for one column and for four at a time.

/** Panels wider than this are read row by row: their columns lie too far apart. */
const WIDEST_BY_COLUMN: usize = 32;

/** out_j := sum_i A_ij w_i for n x m, weights `stride` bytes apart, results `outStride`; `work` holds 2 m + 4. */
export function weightedColumnSums(
  a: usize, n: usize, m: usize, weights: usize, stride: usize, out: usize, outStride: usize, work: usize,
): void {
  const ld = m << 3;
  if (m > WIDEST_BY_COLUMN) {
    const odd = work + ((m + 1) & ~1) * 8;
    memory.fill(work, 0, odd - work + ld);
    for (let i: usize = 0; i < n; i++) {
      addWeightedRow(a, v128.load64_splat(weights), (i & 1) == 0 ? work : odd, m);
      a += ld;
      weights += stride;
    }
    for (let j: usize = 0; j < ld; j += 8) {
      store<f64>(out, load<f64>(work + j) + load<f64>(odd + j));
      out += outStride;
    }
    return;
  }
  if (m == 1) {
    let s = f64x2.splat(0.0);
    let i: usize = 0;
    for (; i + 1 < n; i += 2) {
      s = madd(v128.load(a), v128.load64_lane(weights + stride, v128.load64_zero(weights), 1), s);
      a += 16;
      weights += stride << 1;
    }
    if (i < n) s = madd(v128.load64_zero(a), v128.load64_zero(weights), s);
    store<f64>(out, f64x2.extract_lane(s, 0) + f64x2.extract_lane(s, 1));
    return;
  }
  let j: usize = 0;
  for (; j + 3 < m; j += 4) {
    let e0 = f64x2.splat(0.0);
    let e1 = e0;
    let o0 = e0;
    let o1 = e0;
    let p = a + (j << 3);
    let w = weights;
    for (let pairs = n >> 1; pairs != 0; pairs--) {
      let b = v128.load64_splat(w);
      e0 = madd(v128.load(p), b, e0);
      e1 = madd(v128.load(p, 16), b, e1);
      p += ld;
      b = v128.load64_splat(w + stride);
      o0 = madd(v128.load(p), b, o0);
      o1 = madd(v128.load(p, 16), b, o1);
      p += ld;
      w += stride << 1;
    }
    if ((n & 1) != 0) {
      const b = v128.load64_splat(w);
      e0 = madd(v128.load(p), b, e0);
      e1 = madd(v128.load(p, 16), b, e1);
    }
    e0 = f64x2.add(e0, o0);
    e1 = f64x2.add(e1, o1);
    let to = out + j * outStride;
    store<f64>(to, f64x2.extract_lane(e0, 0));
    store<f64>((to += outStride), f64x2.extract_lane(e0, 1));
    store<f64>((to += outStride), f64x2.extract_lane(e1, 0));
    store<f64>(to + outStride, f64x2.extract_lane(e1, 1));
  }
  for (; j < m; j++) {
    let even = f64x2.splat(0.0);
    let odd = even;
    let p = a + (j << 3);
    let w = weights;
    for (let i: usize = 0; i < n; i++) {
      const value = v128.load64_zero(p);
      const weight = v128.load64_zero(w);
      if ((i & 1) == 0) even = madd(value, weight, even);
      else odd = madd(value, weight, odd);
      p += ld;
      w += stride;
    }
    store<f64>(out + j * outStride, f64x2.extract_lane(even, 0) + f64x2.extract_lane(odd, 0));
  }
}

function addWeightedRow(a: usize, weight: v128, sums: usize, m: usize): void {
  const end = a + ((m & ~1) << 3);
  for (; a < end; a += 16) {
    v128.store(sums, madd(v128.load(a), weight, v128.load(sums)));
    sums += 16;
  }
  if ((m & 1) != 0) v128.store64_lane(sums, madd(v128.load64_zero(a), weight, v128.load64_zero(sums)), 0);
}

/** out_j := sum_i A_ij B_ij for n x m: m numbers; `work` holds 2 m + 4. */
export function columnDots(a: usize, b: usize, n: usize, m: usize, out: usize, work: usize): void {
  const ld = m << 3;
  if (m > WIDEST_BY_COLUMN) {
    const odd = work + ((m + 1) & ~1) * 8;
    memory.fill(work, 0, odd - work + ld);
    for (let i: usize = 0; i < n; i++) {
      addProducts(a, b, (i & 1) == 0 ? work : odd, m);
      a += ld;
      b += ld;
    }
    memory.copy(out, work, ld);
    addValues(odd, out, m);
    return;
  }
  if (m == 1) {
    let s = f64x2.splat(0.0);
    const end = a + (n << 3);
    for (; a + 8 < end; a += 16) {
      s = madd(v128.load(a), v128.load(b), s);
      b += 16;
    }
    if (a < end) s = madd(v128.load64_zero(a), v128.load64_zero(b), s);
    store<f64>(out, f64x2.extract_lane(s, 0) + f64x2.extract_lane(s, 1));
    return;
  }
  let j: usize = 0;
  for (; j + 3 < m; j += 4) {
    let e0 = f64x2.splat(0.0);
    let e1 = e0;
    let o0 = e0;
    let o1 = e0;
    let p = a + (j << 3);
    let q = b + (j << 3);
    for (let pairs = n >> 1; pairs != 0; pairs--) {
      e0 = madd(v128.load(p), v128.load(q), e0);
      e1 = madd(v128.load(p, 16), v128.load(q, 16), e1);
      p += ld;
      q += ld;
      o0 = madd(v128.load(p), v128.load(q), o0);
      o1 = madd(v128.load(p, 16), v128.load(q, 16), o1);
      p += ld;
      q += ld;
    }
    if ((n & 1) != 0) {
      e0 = madd(v128.load(p), v128.load(q), e0);
      e1 = madd(v128.load(p, 16), v128.load(q, 16), e1);
    }
    v128.store(out + (j << 3), f64x2.add(e0, o0));
    v128.store(out + (j << 3), f64x2.add(e1, o1), 16);
  }
  for (; j < m; j++) {
    let even = f64x2.splat(0.0);
    let odd = even;
    let p = a + (j << 3);
    let q = b + (j << 3);
    for (let i: usize = 0; i < n; i++) {
      if ((i & 1) == 0) even = madd(v128.load64_zero(p), v128.load64_zero(q), even);
      else odd = madd(v128.load64_zero(p), v128.load64_zero(q), odd);
      p += ld;
      q += ld;
    }
    store<f64>(out + (j << 3), f64x2.extract_lane(even, 0) + f64x2.extract_lane(odd, 0));
  }
}

function addProducts(a: usize, b: usize, sums: usize, m: usize): void {
  const end = a + ((m & ~1) << 3);
  for (; a < end; a += 16) {
    v128.store(sums, madd(v128.load(a), v128.load(b), v128.load(sums)));
    b += 16;
    sums += 16;
  }
  if ((m & 1) != 0) {
    v128.store64_lane(sums, madd(v128.load64_zero(a), v128.load64_zero(b), v128.load64_zero(sums)), 0);
  }
}

/** out_k += values_k */
export function addValues(values: usize, out: usize, count: usize): void {
  const end = out + (count << 3);
  for (; out + 8 < end; out += 16) {
    v128.store(out, f64x2.add(v128.load(out), v128.load(values)));
    values += 16;
  }
  if (out < end) store<f64>(out, load<f64>(out) + load<f64>(values));
}

/** out_k *= values_k */
export function multiplyValues(values: usize, out: usize, count: usize): void {
  const end = out + (count << 3);
  for (; out + 8 < end; out += 16) {
    v128.store(out, f64x2.mul(v128.load(out), v128.load(values)));
    values += 16;
  }
  if (out < end) store<f64>(out, load<f64>(out) * load<f64>(values));
}
