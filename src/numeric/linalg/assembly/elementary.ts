import { madd, nmadd } from './fma';

// Elementary functions on two doubles. Largest errors, against 50-digit arithmetic, in `wasm-elementary.spec.ts`.

@external('env', 'sin')
declare function scalarSin(x: f64): f64;
@external('env', 'cos')
declare function scalarCos(x: f64): f64;

/** 1.5 2^52: adding it rounds to an integer, which then stands in the low bits. */
const ROUND: f64 = 6755399441055744.0;
/** ln 2 in two parts; the first has 21 trailing zeros, so that its product with an exponent is exact. */
const LN2_HIGH: f64 = 0.6931471803691238;
const LN2_LOW: f64 = 1.9082149292705877e-10;
const LOG2_E: f64 = 1.4426950408889634;

/** Where e^x is a normal number and scaling is one addition to the exponent. */
const EXP_LOWEST: f64 = -708.0;
const EXP_HIGHEST: f64 = 709.0;

/**
 * e^x: x = n ln 2 + r, |r| <= ln 2 / 2, and a polynomial of degree 12 in r (minimax on its terms of degree 3 and up,
 * relative error 1e-18 before rounding). What rounding takes off r comes back through `low`.
 */
// @ts-ignore: AssemblyScript decorates functions
@inline
export function exp(x: v128): v128 {
  const inside = v128.and(f64x2.ge(x, f64x2.splat(EXP_LOWEST)), f64x2.le(x, f64x2.splat(EXP_HIGHEST)));
  if (!i64x2.all_true(inside)) return expAnywhere(x);
  const shifted = madd(x, f64x2.splat(LOG2_E), f64x2.splat(ROUND));
  return i64x2.add(expOfRest(x, f64x2.sub(shifted, f64x2.splat(ROUND))), i64x2.shl(shifted, 52));
}

/** e^(x - n ln 2) */
// @ts-ignore: AssemblyScript decorates functions
@inline
function expOfRest(x: v128, n: v128): v128 {
  const high = nmadd(n, f64x2.splat(LN2_HIGH), x);
  const r = nmadd(n, f64x2.splat(LN2_LOW), high);
  const low = nmadd(n, f64x2.splat(LN2_LOW), f64x2.sub(high, r));
  const r2 = f64x2.mul(r, r);
  // Estrin's scheme: short chains.
  const q01 = madd(r, f64x2.splat(0.041666666666666664), f64x2.splat(0.16666666666666669));
  const q23 = madd(r, f64x2.splat(0.0013888888888886545), f64x2.splat(0.008333333333330051));
  const q45 = madd(r, f64x2.splat(2.4801587317181886e-5), f64x2.splat(0.00019841269863105968));
  const q67 = madd(r, f64x2.splat(2.755728291148268e-7), f64x2.splat(2.7557268378684192e-6));
  const q89 = madd(r, f64x2.splat(2.0911264239196083e-9), f64x2.splat(2.5100424157005067e-8));
  const r4 = f64x2.mul(r2, r2);
  const q03 = madd(r2, q23, q01);
  const q47 = madd(r2, q67, q45);
  const q = madd(r4, madd(r4, q89, q47), q03);
  // r^2 (1/2 + r q) + low, then + r, then + 1: the largest term last.
  const tail = madd(r2, madd(r, q, f64x2.splat(0.5)), low);
  return f64x2.add(f64x2.splat(1.0), f64x2.add(r, tail));
}

/** The same where the result is infinite, subnormal, 0 or NaN: scaled in two steps, so that it is rounded once. */
function expAnywhere(x: v128): v128 {
  const bounded = f64x2.pmin(f64x2.pmax(x, f64x2.splat(-746.0)), f64x2.splat(710.0));
  const shifted = madd(bounded, f64x2.splat(LOG2_E), f64x2.splat(ROUND));
  const n = f64x2.sub(shifted, f64x2.splat(ROUND));
  const first = f64x2.pmin(f64x2.pmax(n, f64x2.splat(-1000.0)), f64x2.splat(1000.0));
  const e = f64x2.mul(expOfRest(bounded, n), powerOfTwo(first));
  const zero = f64x2.lt(x, f64x2.splat(-745.2));
  const scaled = f64x2.mul(v128.andnot(e, zero), powerOfTwo(f64x2.sub(n, first)));
  return v128.bitselect(scaled, x, f64x2.eq(x, x));
}

/** 2^n for an integer n, |n| <= 1022. */
// @ts-ignore: AssemblyScript decorates functions
@inline
function powerOfTwo(n: v128): v128 {
  return i64x2.shl(f64x2.add(n, f64x2.splat(ROUND + 1023.0)), 52);
}

/** log(1 + u) for u >= 0; beyond 1e300 as at 1e300. After FreeBSD's e_log.c and s_log1p.c. */
// @ts-ignore: AssemblyScript decorates functions
@inline
export function log1p(u: v128): v128 {
  const one = f64x2.splat(1.0);
  const x = f64x2.pmin(u, f64x2.splat(1e300));
  const w = f64x2.add(one, x);
  // What rounding took off 1 + u.
  const lost = v128.bitselect(
    f64x2.sub(x, f64x2.sub(w, one)),
    f64x2.sub(one, f64x2.sub(w, x)),
    f64x2.lt(x, one),
  );
  // w = 2^k m, sqrt(1/2) <= m < sqrt(2)
  const k = i64x2.shr_u(i64x2.sub(w, i64x2.splat(0x3fe6a09e667f3bcd)), 52);
  const m = i64x2.sub(w, i64x2.shl(k, 52));
  const n = f64x2.sub(v128.or(k, i64x2.splat(0x4330000000000000)), f64x2.splat(4503599627370496.0));
  const f = f64x2.sub(m, one);
  const s = f64x2.div(f, f64x2.add(f64x2.splat(2.0), f));
  const z = f64x2.mul(s, s);
  const w2 = f64x2.mul(z, z);
  const t1 = f64x2.mul(
    w2,
    madd(
      w2,
      madd(w2, f64x2.splat(0.15313837699209373), f64x2.splat(0.22222198432149784)),
      f64x2.splat(0.3999999999940942),
    ),
  );
  const t2 = f64x2.mul(
    z,
    madd(
      w2,
      madd(
        w2,
        madd(w2, f64x2.splat(0.14798198605116586), f64x2.splat(0.1818357216161805)),
        f64x2.splat(0.2857142874366239),
      ),
      f64x2.splat(0.6666666666666735),
    ),
  );
  const half = f64x2.mul(f64x2.splat(0.5), f64x2.mul(f, f));
  const correction = madd(n, f64x2.splat(LN2_LOW), f64x2.div(lost, w));
  const small = madd(s, f64x2.add(half, f64x2.add(t1, t2)), correction);
  return madd(n, f64x2.splat(LN2_HIGH), f64x2.sub(f, f64x2.sub(half, small)));
}

/** pi / 2 in three parts, the first two of 33 bits. */
const PIO2_1: f64 = 1.5707963267341256;
const PIO2_2: f64 = 6.077100506303966e-11;
const PIO2_3: f64 = 2.0222662487959506e-21;
/** Up to here the quadrant's number has 20 bits and its products with the parts of pi / 2 are exact. */
const TRIG_HIGHEST: f64 = 1.0e6;

// @ts-ignore: AssemblyScript decorates functions
@inline
export function sin(x: v128): v128 {
  if (!i64x2.all_true(f64x2.le(f64x2.abs(x), f64x2.splat(TRIG_HIGHEST)))) {
    return f64x2(scalarSin(f64x2.extract_lane(x, 0)), scalarSin(f64x2.extract_lane(x, 1)));
  }
  return sineOfQuadrant(x, 0);
}

// @ts-ignore: AssemblyScript decorates functions
@inline
export function cos(x: v128): v128 {
  if (!i64x2.all_true(f64x2.le(f64x2.abs(x), f64x2.splat(TRIG_HIGHEST)))) {
    return f64x2(scalarCos(f64x2.extract_lane(x, 0)), scalarCos(f64x2.extract_lane(x, 1)));
  }
  return sineOfQuadrant(x, 1);
}

/** sin(x + quarter pi / 2). Polynomials of FreeBSD's k_sin.c and k_cos.c. */
function sineOfQuadrant(x: v128, quarter: i64): v128 {
  const shifted = madd(x, f64x2.splat(0.6366197723675814), f64x2.splat(ROUND));
  const n = f64x2.sub(shifted, f64x2.splat(ROUND));
  const quadrant = i64x2.add(shifted, i64x2.splat(quarter));
  const first = nmadd(n, f64x2.splat(PIO2_1), x);
  const second = nmadd(n, f64x2.splat(PIO2_2), first);
  // What rounding took off, and the third part: y + low is the angle.
  const off = nmadd(n, f64x2.splat(PIO2_3), nmadd(n, f64x2.splat(PIO2_2), f64x2.sub(first, second)));
  const y = f64x2.add(second, off);
  const low = f64x2.add(f64x2.sub(second, y), off);
  const z = f64x2.mul(y, y);
  const v = f64x2.mul(z, y);
  let r = madd(z, f64x2.splat(1.58969099521155010221e-10), f64x2.splat(-2.50507602534068634195e-8));
  r = madd(z, r, f64x2.splat(2.75573137070700676789e-6));
  r = madd(z, r, f64x2.splat(-1.98412698298579493134e-4));
  r = madd(z, r, f64x2.splat(8.33333333332248946124e-3));
  // y - ((z (low / 2 - v r) - low) - v S1)
  const sine = f64x2.sub(
    y,
    madd(
      v,
      f64x2.splat(1.66666666666666324348e-1),
      f64x2.sub(f64x2.mul(z, nmadd(v, r, f64x2.mul(f64x2.splat(0.5), low))), low),
    ),
  );
  let c = madd(z, f64x2.splat(-1.13596475577881948265e-11), f64x2.splat(2.08757232129817482790e-9));
  c = madd(z, c, f64x2.splat(-2.75573143513906633035e-7));
  c = madd(z, c, f64x2.splat(2.48015872894767294178e-5));
  c = madd(z, c, f64x2.splat(-1.38888888888741095749e-3));
  c = madd(z, c, f64x2.splat(4.16666666666666019037e-2));
  const half = f64x2.mul(f64x2.splat(0.5), z);
  const w = f64x2.sub(f64x2.splat(1.0), half);
  const cosine = f64x2.add(
    w,
    f64x2.add(f64x2.sub(f64x2.sub(f64x2.splat(1.0), w), half), nmadd(y, low, f64x2.mul(z, f64x2.mul(z, c)))),
  );
  const odd = i64x2.eq(v128.and(quadrant, i64x2.splat(1)), i64x2.splat(1));
  const sign = i64x2.shl(v128.and(quadrant, i64x2.splat(2)), 62);
  return v128.xor(v128.bitselect(cosine, sine, odd), sign);
}
