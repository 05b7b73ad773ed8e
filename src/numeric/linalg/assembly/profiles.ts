import { cos, exp, log1p } from './elementary';
import { madd } from './fma';

// k = variance f(r) from r^2, in place over an array. A profile's number is its place in `stationary-profile.ts`.

export const SQUARED_DISTANCE: i32 = 0;
const RBF: i32 = 1;
const EXPONENTIAL: i32 = 2;
const MATERN32: i32 = 3;
const MATERN52: i32 = 4;
const RATQUAD: i32 = 5;
const COSINE: i32 = 6;
const EXP_QUAD_COSINE: i32 = 7;

/** exp(-s) is zero from here on; keeps infinity out of the polynomial in front of it. */
const FAR: f64 = 1e3;
const HUGEST: f64 = 1.7976931348623157e308;
const TWO_PI_SQUARED: f64 = 19.739208802178716;

/** Replaces `count` values of r^2 by those of the kernel. */
export function applyProfile(profile: i32, values: usize, count: usize, variance: f64, parameter: f64): void {
  const amplitude = f64x2.splat(variance);
  const end = values + (count << 3);
  const last = values + ((count & ~1) << 3);
  switch (profile) {
    case RBF:
      for (; values < last; values += 16) v128.store(values, rbf(v128.load(values), amplitude));
      if (values < end) v128.store64_lane(values, rbf(v128.load64_zero(values), amplitude), 0);
      break;
    case EXPONENTIAL:
      for (; values < last; values += 16) v128.store(values, exponential(v128.load(values), amplitude));
      if (values < end) v128.store64_lane(values, exponential(v128.load64_zero(values), amplitude), 0);
      break;
    case MATERN32:
      for (; values < last; values += 16) v128.store(values, matern32(v128.load(values), amplitude));
      if (values < end) v128.store64_lane(values, matern32(v128.load64_zero(values), amplitude), 0);
      break;
    case MATERN52:
      for (; values < last; values += 16) v128.store(values, matern52(v128.load(values), amplitude));
      if (values < end) v128.store64_lane(values, matern52(v128.load64_zero(values), amplitude), 0);
      break;
    case RATQUAD: {
      const power = f64x2.splat(-parameter);
      for (; values < last; values += 16) v128.store(values, ratquad(v128.load(values), amplitude, power));
      if (values < end) v128.store64_lane(values, ratquad(v128.load64_zero(values), amplitude, power), 0);
      break;
    }
    case COSINE:
      for (; values < last; values += 16) v128.store(values, cosine(v128.load(values), amplitude));
      if (values < end) v128.store64_lane(values, cosine(v128.load64_zero(values), amplitude), 0);
      break;
    case EXP_QUAD_COSINE: {
      const frequency = f64x2.splat(parameter);
      for (; values < last; values += 16) {
        v128.store(values, expQuadCosine(v128.load(values), amplitude, frequency));
      }
      if (values < end) {
        v128.store64_lane(values, expQuadCosine(v128.load64_zero(values), amplitude, frequency), 0);
      }
      break;
    }
  }
}

// @ts-ignore: AssemblyScript decorates functions
@inline
function rbf(r2: v128, variance: v128): v128 {
  return f64x2.mul(variance, exp(f64x2.mul(f64x2.splat(-0.5), r2)));
}

// @ts-ignore: AssemblyScript decorates functions
@inline
function exponential(r2: v128, variance: v128): v128 {
  return f64x2.mul(variance, exp(f64x2.neg(f64x2.sqrt(r2))));
}

// @ts-ignore: AssemblyScript decorates functions
@inline
function matern32(r2: v128, variance: v128): v128 {
  const s = f64x2.pmin(f64x2.sqrt(f64x2.mul(f64x2.splat(3.0), r2)), f64x2.splat(FAR));
  return f64x2.mul(f64x2.mul(variance, f64x2.add(f64x2.splat(1.0), s)), exp(f64x2.neg(s)));
}

// @ts-ignore: AssemblyScript decorates functions
@inline
function matern52(r2: v128, variance: v128): v128 {
  const s = f64x2.pmin(f64x2.sqrt(f64x2.mul(f64x2.splat(5.0), r2)), f64x2.splat(FAR));
  const polynomial = madd(
    f64x2.mul(s, s),
    f64x2.splat(0.3333333333333333),
    f64x2.add(f64x2.splat(1.0), s),
  );
  return f64x2.mul(f64x2.mul(variance, polynomial), exp(f64x2.neg(s)));
}

// @ts-ignore: AssemblyScript decorates functions
@inline
function ratquad(r2: v128, variance: v128, power: v128): v128 {
  return f64x2.mul(variance, exp(f64x2.mul(power, log1p(f64x2.mul(f64x2.splat(0.5), r2)))));
}

// @ts-ignore: AssemblyScript decorates functions
@inline
function cosine(r2: v128, variance: v128): v128 {
  return f64x2.mul(variance, cos(f64x2.pmin(f64x2.sqrt(r2), f64x2.splat(HUGEST))));
}

// @ts-ignore: AssemblyScript decorates functions
@inline
function expQuadCosine(r2: v128, variance: v128, frequency: v128): v128 {
  const phase = f64x2.pmin(f64x2.mul(frequency, f64x2.sqrt(r2)), f64x2.splat(HUGEST));
  const envelope = exp(f64x2.mul(f64x2.splat(-TWO_PI_SQUARED), r2));
  return f64x2.mul(f64x2.mul(variance, envelope), cos(phase));
}
