import { cos, expValues, log1pValues } from './elementary';
import { madd } from './fma';
import { multiplyValues } from './product';

// k = variance f(r) from r^2, in place over an array. A profile's number is its place in `stationary-shape.ts`.

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

/** Replaces `count` (a multiple of 4) values of r^2 by those of the kernel; `work` holds as many. */
export function applyProfile(
  profile: i32, values: usize, count: usize, variance: f64, parameter: f64, work: usize,
): void {
  const end = values + (count << 3);
  switch (profile) {
    case RBF:
      expValues(values, values, count, -0.5, variance);
      break;
    case EXPONENTIAL:
      for (let p = values; p < end; p += 16) v128.store(p, f64x2.sqrt(v128.load(p)));
      expValues(values, values, count, -1.0, variance);
      break;
    case MATERN32:
      distances(values, end, 3.0, work);
      expValues(work, work, count, -1.0, variance);
      multiplyValues(work, values, count);
      break;
    case MATERN52:
      distances(values, end, 5.0, work);
      expValues(work, work, count, -1.0, variance);
      multiplyValues(work, values, count);
      break;
    case RATQUAD:
      log1pValues(values, count, 0.5);
      expValues(values, values, count, -parameter, variance);
      break;
    case COSINE:
      for (let p = values; p < end; p += 16) {
        const r = f64x2.pmin(f64x2.sqrt(v128.load(p)), f64x2.splat(HUGEST));
        v128.store(p, f64x2.mul(f64x2.splat(variance), cos(r)));
      }
      break;
    case EXP_QUAD_COSINE: {
      const frequency = f64x2.splat(parameter);
      let w = work;
      for (let p = values; p < end; p += 16) {
        const phase = f64x2.pmin(f64x2.mul(frequency, f64x2.sqrt(v128.load(p))), f64x2.splat(HUGEST));
        v128.store(w, cos(phase));
        w += 16;
      }
      expValues(values, values, count, -TWO_PI_SQUARED, variance);
      multiplyValues(work, values, count);
      break;
    }
  }
}

/** work := s = sqrt(scale r^2), values := 1 + s (scale 3) or 1 + s + s^2 / 3 (scale 5). */
// @ts-ignore: AssemblyScript decorates functions
@inline
function distances(values: usize, end: usize, scale: f64, work: usize): void {
  for (; values < end; values += 16) {
    const s = f64x2.pmin(f64x2.sqrt(f64x2.mul(f64x2.splat(scale), v128.load(values))), f64x2.splat(FAR));
    let polynomial = f64x2.add(f64x2.splat(1.0), s);
    if (scale == 5.0) polynomial = madd(f64x2.mul(s, s), f64x2.splat(0.3333333333333333), polynomial);
    v128.store(work, s);
    v128.store(values, polynomial);
    work += 16;
  }
}
