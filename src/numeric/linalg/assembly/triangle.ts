import { expValues } from './elementary';
import { madd } from './fma';
import { applyProfile, SQUARED_DISTANCE } from './profiles';

// K(X, X) one row at a time, and sums over it: what training asks for again and again. Points come as the queries of a
// panel do, gathered d x m, with at least four doubles readable behind them. Rows are worked on in multiples of four;
// what lies beyond a row's end is computed and thrown away.

/**
 * Row i of out, i in [first, first + rows), is variance f(r) for the points 0 .. i, `ldout` bytes apart from the next.
 * `work` holds 2 (m + 4).
 */
export function stationaryTriangle(
  profile: i32, variance: f64, parameter: f64, d: usize, columns: usize, scale: usize,
  z: usize, ldz: usize, first: usize, rows: usize, x: usize, m: usize, out: usize, ldout: usize, work: usize,
): void {
  const second = work + ((m + 4) << 3);
  for (let i = first; i < first + rows; i++) {
    const count = (i + 4) & ~3;
    squaredDistances(d, columns, scale, z, x, m << 3, count, work);
    if (profile != SQUARED_DISTANCE) applyProfile(profile, work, count, variance, parameter, second);
    memory.copy(out, work, (i + 1) << 3);
    z += ldz;
    out += ldout;
  }
}

/**
 * sums[0] += sum_ij W_ij k_ij, sums[1 + q] += sum_ij W_ij slope_ij t_q^2 over `rows` points z; row i of W meets all m
 * points x or, where `triangular`, those before first + i, doubled. `work` holds 2 (m + 4).
 */
export function stationarySums(
  profile: i32, variance: f64, d: usize, columns: usize, scale: usize, z: usize, ldz: usize, first: usize,
  rows: usize, x: usize, m: usize, triangular: i32, w: usize, ldw: usize, sums: usize, work: usize,
): void {
  const second = work + ((m + 4) << 3);
  const factor: f64 = triangular ? 2.0 : 1.0;
  for (let i: usize = 0; i < rows; i++) {
    const count = triangular ? first + i : m;
    if (count != 0) {
      const padded = (count + 3) & ~3;
      squaredDistances(d, columns, scale, z, x, m << 3, padded, work);
      const value = weightedSlopes(profile, variance, work, second, w, count, padded);
      store<f64>(sums, load<f64>(sums) + factor * value);
      addSquares(d, columns, scale, z, x, m << 3, padded, work, factor, sums + 8);
    }
    z += ldz;
    w += ldw;
  }
}

/** out_j := sum_q (scale_q (z - x_j)_q)^2 for `count` points, a multiple of 4. */
function squaredDistances(
  d: usize, columns: usize, scale: usize, z: usize, x: usize, ldx: usize, count: usize, out: usize,
): void {
  const end = count << 3;
  for (let j: usize = 0; j < end; j += 32) {
    let r0 = f64x2.splat(0.0);
    let r1 = r0;
    let from = x + j;
    for (let q: usize = 0; q < d; q++) {
      const zq = v128.load64_splat(z + load<u32>(columns + (q << 2)));
      const s = v128.load64_splat(scale + (q << 3));
      const t0 = f64x2.mul(f64x2.sub(zq, v128.load(from)), s);
      const t1 = f64x2.mul(f64x2.sub(zq, v128.load(from, 16)), s);
      r0 = madd(t0, t0, r0);
      r1 = madd(t1, t1, r1);
      from += ldx;
    }
    v128.store(out + j, r0);
    v128.store(out + j, r1, 16);
  }
}

/** Replaces r^2 in `values` by W slope, zero beyond `count`, and returns sum W k. `other` holds as many numbers. */
function weightedSlopes(
  profile: i32, variance: f64, values: usize, other: usize, w: usize, count: usize, padded: usize,
): f64 {
  const end = values + (padded << 3);
  const spread = profile == 3 ? 3.0 : profile == 4 ? 5.0 : 1.0;
  if (profile == 1) {
    expValues(values, other, padded, -0.5, variance);
  } else {
    for (let p = values; p < end; p += 16) {
      v128.store(p, f64x2.pmin(f64x2.sqrt(f64x2.mul(f64x2.splat(spread), v128.load(p))), f64x2.splat(1e3)));
    }
    expValues(values, other, padded, -1.0, variance);
  }
  let sum = f64x2.splat(0.0);
  const one = f64x2.splat(1.0);
  let e = other;
  const last = values + ((count & ~1) << 3);
  for (let p = values; p < end; p += 16) {
    // Weights beyond the row's end are not there to be read.
    const weight = p < last ? v128.load(w) : p == last && (count & 1) != 0 ? v128.load64_zero(w) : f64x2.splat(0.0);
    const a = f64x2.mul(weight, v128.load(e));
    const s = v128.load(p);
    switch (profile) {
      case 1:
        sum = f64x2.add(sum, a);
        v128.store(p, f64x2.neg(a));
        break;
      case 2:
        sum = f64x2.add(sum, a);
        v128.store(p, v128.and(f64x2.neg(f64x2.div(a, s)), f64x2.gt(s, f64x2.splat(0.0))));
        break;
      case 3:
        sum = madd(a, f64x2.add(one, s), sum);
        v128.store(p, f64x2.mul(a, f64x2.splat(-3.0)));
        break;
      default: {
        const polynomial = f64x2.add(one, s);
        sum = madd(a, madd(f64x2.mul(s, s), f64x2.splat(0.3333333333333333), polynomial), sum);
        v128.store(p, f64x2.mul(f64x2.mul(a, polynomial), f64x2.splat(-1.6666666666666667)));
      }
    }
    e += 16;
    w += 16;
  }
  return f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1);
}

/** sums_q += factor sum_j slopes_j (scale_q (z - x_j)_q)^2 */
function addSquares(
  d: usize, columns: usize, scale: usize, z: usize, x: usize, ldx: usize, count: usize, slopes: usize, factor: f64,
  sums: usize,
): void {
  const end = count << 3;
  for (let q: usize = 0; q < d; q++) {
    const zq = v128.load64_splat(z + load<u32>(columns + (q << 2)));
    const s = load<f64>(scale + (q << 3));
    let sum0 = f64x2.splat(0.0);
    let sum1 = sum0;
    for (let j: usize = 0; j < end; j += 32) {
      const t0 = f64x2.sub(zq, v128.load(x + j));
      const t1 = f64x2.sub(zq, v128.load(x + j, 16));
      sum0 = madd(f64x2.mul(t0, t0), v128.load(slopes + j), sum0);
      sum1 = madd(f64x2.mul(t1, t1), v128.load(slopes + j, 16), sum1);
    }
    sum0 = f64x2.add(sum0, sum1);
    const sum = f64x2.extract_lane(sum0, 0) + f64x2.extract_lane(sum0, 1);
    store<f64>(sums + (q << 3), load<f64>(sums + (q << 3)) + factor * s * s * sum);
    x += ldx;
  }
}
