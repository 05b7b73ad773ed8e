import { madd, nmadd } from './fma';

// Elementary functions over arrays of doubles; their largest errors are in `elementary.spec.ts`. Constants are loaded
// from a table: as literals V8 would assemble each anew, in several instructions.

@external('env', 'sin')
declare function scalarSin(x: f64): f64;
@external('env', 'cos')
declare function scalarCos(x: f64): f64;

// @ts-ignore: AssemblyScript decorates functions
@inline
function constant(table: usize, index: usize): v128 {
  return v128.load64_splat(table + (index << 3));
}

/** 1.5 2^52: adding it rounds to an integer, which then stands in the low bits. */
const ROUND: f64 = 6755399441055744.0;
/** ln 2 in two parts; the first has 21 trailing zeros, so that its product with an exponent is exact. */
const LN2_HIGH: f64 = 0.6931471803691238;
const LN2_LOW: f64 = 1.9082149292705877e-10;
const LOG2_E: f64 = 1.4426950408889634;

/** e^r = 1 + r + r^2 / 2 + r^3 (c_0 + c_1 r + ...): the c are minimax, relative error 1e-18 before rounding. */
const EXP = memory.data<f64>([
  LOG2_E,
  ROUND,
  LN2_HIGH,
  LN2_LOW,
  0.5,
  1.0,
  0.16666666666666669,
  0.041666666666666664,
  0.008333333333330051,
  0.0013888888888886545,
  0.00019841269863105968,
  2.4801587317181886e-5,
  2.7557268378684192e-6,
  2.755728291148268e-7,
  2.5100424157005067e-8,
  2.0911264239196083e-9,
]);
/** From here up, e^x is a normal number and scaling is one addition to the exponent. */
const EXP_SAFE: f64 = -708.0;

/**
 * to_k := amplitude e^(factor from_k), in place or not, exponents up to 708; `count` is a multiple of 4.
 *
 * x = n ln 2 + r, |r| <= ln 2 / 2; the polynomial by Estrin's scheme. Two vectors go side by side, so that they share
 * the loads of the constants and neither waits for itself.
 */
export function expValues(from: usize, to: usize, count: usize, factor: f64, amplitude: f64): void {
  const end = from + (count << 3);
  const f = f64x2.splat(factor);
  const a = f64x2.splat(amplitude);
  const safe = f64x2.splat(EXP_SAFE);
  for (; from < end; from += 32) {
    const x0 = f64x2.mul(f, v128.load(from));
    const x1 = f64x2.mul(f, v128.load(from, 16));
    if (i64x2.bitmask(f64x2.ge(f64x2.pmin(x0, x1), safe)) != 3) {
      v128.store(to, f64x2.mul(a, expAnywhere(x0)));
      v128.store(to, f64x2.mul(a, expAnywhere(x1)), 16);
      to += 32;
      continue;
    }
    let c = constant(EXP, 0);
    let d = constant(EXP, 1);
    const shifted0 = madd(x0, c, d);
    const shifted1 = madd(x1, c, d);
    const n0 = f64x2.sub(shifted0, d);
    const n1 = f64x2.sub(shifted1, d);
    c = constant(EXP, 2);
    d = constant(EXP, 3);
    const r0 = nmadd(n0, d, nmadd(n0, c, x0));
    const r1 = nmadd(n1, d, nmadd(n1, c, x1));
    const s0 = f64x2.mul(r0, r0);
    const s1 = f64x2.mul(r1, r1);
    c = constant(EXP, 6);
    d = constant(EXP, 7);
    const u0 = madd(d, r0, c);
    const u1 = madd(d, r1, c);
    c = constant(EXP, 8);
    d = constant(EXP, 9);
    const low0 = madd(s0, madd(d, r0, c), u0);
    const low1 = madd(s1, madd(d, r1, c), u1);
    c = constant(EXP, 10);
    d = constant(EXP, 11);
    const v0 = madd(d, r0, c);
    const v1 = madd(d, r1, c);
    c = constant(EXP, 12);
    d = constant(EXP, 13);
    const middle0 = madd(s0, madd(d, r0, c), v0);
    const middle1 = madd(s1, madd(d, r1, c), v1);
    c = constant(EXP, 14);
    d = constant(EXP, 15);
    const t0 = f64x2.mul(s0, s0);
    const t1 = f64x2.mul(s1, s1);
    const q0 = madd(t0, madd(t0, madd(d, r0, c), middle0), low0);
    const q1 = madd(t1, madd(t1, madd(d, r1, c), middle1), low1);
    c = constant(EXP, 4);
    d = constant(EXP, 5);
    const p0 = f64x2.add(d, madd(s0, madd(r0, q0, c), r0));
    const p1 = f64x2.add(d, madd(s1, madd(r1, q1, c), r1));
    v128.store(to, f64x2.mul(a, i64x2.add(p0, i64x2.shl(shifted0, 52))));
    v128.store(to, f64x2.mul(a, i64x2.add(p1, i64x2.shl(shifted1, 52))), 16);
    to += 32;
  }
}

/** e^x also where it is infinite, subnormal, 0 or NaN: scaled in two steps, so that it is rounded once. */
function expAnywhere(x: v128): v128 {
  const bounded = f64x2.pmin(f64x2.pmax(x, f64x2.splat(-746.0)), f64x2.splat(710.0));
  const n = f64x2.sub(madd(bounded, constant(EXP, 0), constant(EXP, 1)), constant(EXP, 1));
  const r = nmadd(n, constant(EXP, 3), nmadd(n, constant(EXP, 2), bounded));
  const s = f64x2.mul(r, r);
  const u = madd(constant(EXP, 7), r, constant(EXP, 6));
  const low = madd(s, madd(constant(EXP, 9), r, constant(EXP, 8)), u);
  const v = madd(constant(EXP, 11), r, constant(EXP, 10));
  const middle = madd(s, madd(constant(EXP, 13), r, constant(EXP, 12)), v);
  const t = f64x2.mul(s, s);
  const q = madd(t, madd(t, madd(constant(EXP, 15), r, constant(EXP, 14)), middle), low);
  const p = f64x2.add(constant(EXP, 5), madd(s, madd(r, q, constant(EXP, 4)), r));
  const first = f64x2.pmin(f64x2.pmax(n, f64x2.splat(-1000.0)), f64x2.splat(1000.0));
  const zero = f64x2.lt(x, f64x2.splat(-745.2));
  const scaled = f64x2.mul(v128.andnot(f64x2.mul(p, powerOfTwo(first)), zero), powerOfTwo(f64x2.sub(n, first)));
  return v128.bitselect(scaled, x, f64x2.eq(x, x));
}

/** 2^n for an integer n, |n| <= 1022. */
// @ts-ignore: AssemblyScript decorates functions
@inline
function powerOfTwo(n: v128): v128 {
  return i64x2.shl(f64x2.add(n, f64x2.splat(ROUND + 1023.0)), 52);
}

const LOG = memory.data<f64>([
  1.0,
  1e300,
  4503599627370496.0,
  2.0,
  0.5,
  LN2_HIGH,
  LN2_LOW,
  0.15313837699209373,
  0.22222198432149784,
  0.3999999999940942,
  0.14798198605116586,
  0.1818357216161805,
  0.2857142874366239,
  0.6666666666666735,
]);

/** values_k := log(1 + factor values_k), arguments >= 0; beyond 1e300 as at 1e300. FreeBSD's e_log.c and s_log1p.c. */
export function log1pValues(values: usize, count: usize, factor: f64): void {
  const end = values + (count << 3);
  const scale = f64x2.splat(factor);
  for (; values < end; values += 16) {
    const one = constant(LOG, 0);
    const x = f64x2.pmin(f64x2.mul(scale, v128.load(values)), constant(LOG, 1));
    const w = f64x2.add(one, x);
    // What rounding took off 1 + x.
    const lost = v128.bitselect(
      f64x2.sub(x, f64x2.sub(w, one)),
      f64x2.sub(one, f64x2.sub(w, x)),
      f64x2.lt(x, one),
    );
    // w = 2^k m, sqrt(1/2) <= m < sqrt(2)
    const k = i64x2.shr_u(i64x2.sub(w, i64x2.splat(0x3fe6a09e667f3bcd)), 52);
    const m = i64x2.sub(w, i64x2.shl(k, 52));
    const n = f64x2.sub(v128.or(k, i64x2.splat(0x4330000000000000)), constant(LOG, 2));
    const f = f64x2.sub(m, one);
    const s = f64x2.div(f, f64x2.add(constant(LOG, 3), f));
    const z = f64x2.mul(s, s);
    const w2 = f64x2.mul(z, z);
    const t1 = f64x2.mul(w2, madd(w2, madd(w2, constant(LOG, 7), constant(LOG, 8)), constant(LOG, 9)));
    const t2 = f64x2.mul(
      z,
      madd(w2, madd(w2, madd(w2, constant(LOG, 10), constant(LOG, 11)), constant(LOG, 12)), constant(LOG, 13)),
    );
    const half = f64x2.mul(constant(LOG, 4), f64x2.mul(f, f));
    const correction = madd(n, constant(LOG, 6), f64x2.div(lost, w));
    const small = madd(s, f64x2.add(half, f64x2.add(t1, t2)), correction);
    v128.store(values, madd(n, constant(LOG, 5), f64x2.sub(f, f64x2.sub(half, small))));
  }
}

/** 2 / pi, 1.5 2^52, and pi / 2 in three parts, the first two of 33 bits; then the polynomials of k_sin.c and k_cos.c. */
const TRIG = memory.data<f64>([
  0.6366197723675814,
  ROUND,
  1.5707963267341256,
  6.077100506303966e-11,
  2.0222662487959506e-21,
  0.5,
  1.0,
  1.58969099521155010221e-10,
  -2.50507602534068634195e-8,
  2.75573137070700676789e-6,
  -1.98412698298579493134e-4,
  8.33333333332248946124e-3,
  1.66666666666666324348e-1,
  -1.13596475577881948265e-11,
  2.08757232129817482790e-9,
  -2.75573143513906633035e-7,
  2.48015872894767294178e-5,
  -1.38888888888741095749e-3,
  4.16666666666666019037e-2,
]);
/** Up to here the quadrant's number has 20 bits, and its products with the parts of pi / 2 are exact. */
const TRIG_HIGHEST: f64 = 1.0e6;

// @ts-ignore: AssemblyScript decorates functions
@inline
export function sin(x: v128): v128 {
  if (i64x2.bitmask(f64x2.le(f64x2.abs(x), f64x2.splat(TRIG_HIGHEST))) != 3) {
    return f64x2(scalarSin(f64x2.extract_lane(x, 0)), scalarSin(f64x2.extract_lane(x, 1)));
  }
  return sineOfQuadrant(x, 0);
}

// @ts-ignore: AssemblyScript decorates functions
@inline
export function cos(x: v128): v128 {
  if (i64x2.bitmask(f64x2.le(f64x2.abs(x), f64x2.splat(TRIG_HIGHEST))) != 3) {
    return f64x2(scalarCos(f64x2.extract_lane(x, 0)), scalarCos(f64x2.extract_lane(x, 1)));
  }
  return sineOfQuadrant(x, 1);
}

/** sin(x + quarter pi / 2) */
// @ts-ignore: AssemblyScript decorates functions
@inline
function sineOfQuadrant(x: v128, quarter: i64): v128 {
  const shifted = madd(x, constant(TRIG, 0), constant(TRIG, 1));
  const n = f64x2.sub(shifted, constant(TRIG, 1));
  const quadrant = i64x2.add(shifted, i64x2.splat(quarter));
  const first = nmadd(n, constant(TRIG, 2), x);
  const second = nmadd(n, constant(TRIG, 3), first);
  // What rounding took off, and the third part: y + low is the angle.
  const off = nmadd(n, constant(TRIG, 4), nmadd(n, constant(TRIG, 3), f64x2.sub(first, second)));
  const y = f64x2.add(second, off);
  const low = f64x2.add(f64x2.sub(second, y), off);
  const z = f64x2.mul(y, y);
  const v = f64x2.mul(z, y);
  let r = madd(z, constant(TRIG, 7), constant(TRIG, 8));
  let c = madd(z, constant(TRIG, 13), constant(TRIG, 14));
  r = madd(z, r, constant(TRIG, 9));
  c = madd(z, c, constant(TRIG, 15));
  r = madd(z, r, constant(TRIG, 10));
  c = madd(z, c, constant(TRIG, 16));
  r = madd(z, r, constant(TRIG, 11));
  c = madd(z, c, constant(TRIG, 17));
  c = madd(z, c, constant(TRIG, 18));
  const half = constant(TRIG, 5);
  // y - ((z (low / 2 - v r) - low) - v S1)
  const inner = f64x2.sub(f64x2.mul(z, nmadd(v, r, f64x2.mul(half, low))), low);
  const sine = f64x2.sub(y, madd(v, constant(TRIG, 12), inner));
  const one = constant(TRIG, 6);
  const hz = f64x2.mul(half, z);
  const w = f64x2.sub(one, hz);
  const rest = nmadd(y, low, f64x2.mul(z, f64x2.mul(z, c)));
  const cosine = f64x2.add(w, f64x2.add(f64x2.sub(f64x2.sub(one, w), hz), rest));
  const odd = i64x2.eq(v128.and(quadrant, i64x2.splat(1)), i64x2.splat(1));
  return v128.xor(v128.bitselect(cosine, sine, odd), i64x2.shl(v128.and(quadrant, i64x2.splat(2)), 62));
}
