import { expValues, sin } from './elementary';
import { madd } from './fma';
import { applyProfile, SQUARED_DISTANCE } from './profiles';

// Kernel panels. Distances by differences first, scaled after: scaled coordinates would lose the distance of close
// points to rounding, which a near-singular K magnifies.

/** Values that one pass leaves in the first-level cache for the next: 8 KiB, and as much working memory. */
const CHUNK: usize = 1024;

/**
 * out (n x m) := variance f(r), r^2 = sum_q (scale_q (z_i - x_j)_q)^2, for n points z, m queries x.
 *
 * z: n rows of `ldz` bytes; columns: d byte offsets into a row (i32); scale: d doubles; x: the queries' active columns
 * gathered, d x m. `work` holds the larger of m and 1024 numbers.
 */
export function stationaryPanel(
  profile: i32, variance: f64, parameter: f64, d: usize, columns: usize, scale: usize,
  z: usize, ldz: usize, n: usize, x: usize, m: usize, out: usize, work: usize,
): void {
  const step = max<usize>(1, CHUNK / m);
  for (let i: usize = 0; i < n; i += step) {
    const rows = min(step, n - i);
    if (m == 1) columnDistances(d, columns, scale, z, ldz, rows, x, out);
    else rowDistances(d, columns, scale, z, ldz, rows, x, m, out);
    if (profile != SQUARED_DISTANCE) finish(profile, out, rows * m, variance, parameter, work);
    z += rows * ldz;
    out += (rows * m) << 3;
  }
}

/** The profile works on four at a time: up to three at the end go through working memory. */
function finish(profile: i32, values: usize, count: usize, variance: f64, parameter: f64, work: usize): void {
  const rest = (count & 3) << 3;
  const main = count & ~3;
  if (main != 0) applyProfile(profile, values, main, variance, parameter, work);
  if (rest == 0) return;
  const tail = values + (main << 3);
  v128.store(work, f64x2.splat(0.0));
  v128.store(work, f64x2.splat(0.0), 16);
  memory.copy(work, tail, rest);
  applyProfile(profile, work, 4, variance, parameter, work + 32);
  memory.copy(tail, work, rest);
}

/** Rows of z against queries side by side. */
function rowDistances(
  d: usize, columns: usize, scale: usize, z: usize, ldz: usize, rows: usize, x: usize, m: usize, out: usize,
): void {
  const ld = m << 3;
  const wide = (m & ~7) << 3;
  for (; rows != 0; rows--) {
    let j: usize = 0;
    for (; j < wide; j += 64) {
      let r0 = f64x2.splat(0.0);
      let r1 = r0;
      let r2 = r0;
      let r3 = r0;
      let from = x + j;
      for (let q: usize = 0; q < d; q++) {
        const zq = v128.load64_splat(z + load<u32>(columns + (q << 2)));
        const s = v128.load64_splat(scale + (q << 3));
        const t0 = f64x2.mul(f64x2.sub(zq, v128.load(from)), s);
        const t1 = f64x2.mul(f64x2.sub(zq, v128.load(from, 16)), s);
        const t2 = f64x2.mul(f64x2.sub(zq, v128.load(from, 32)), s);
        const t3 = f64x2.mul(f64x2.sub(zq, v128.load(from, 48)), s);
        r0 = madd(t0, t0, r0);
        r1 = madd(t1, t1, r1);
        r2 = madd(t2, t2, r2);
        r3 = madd(t3, t3, r3);
        from += ld;
      }
      v128.store(out + j, r0);
      v128.store(out + j, r1, 16);
      v128.store(out + j, r2, 32);
      v128.store(out + j, r3, 48);
    }
    for (; j < ld; j += 8) {
      let r = f64x2.splat(0.0);
      let from = x + j;
      for (let q: usize = 0; q < d; q++) {
        const zq = v128.load64_zero(z + load<u32>(columns + (q << 2)));
        const t = f64x2.mul(f64x2.sub(zq, v128.load64_zero(from)), v128.load64_zero(scale + (q << 3)));
        r = madd(t, t, r);
        from += ld;
      }
      v128.store64_lane(out + j, r, 0);
    }
    z += ldz;
    out += ld;
  }
}

/** One query against rows of z, eight at a time. */
function columnDistances(
  d: usize, columns: usize, scale: usize, z: usize, ldz: usize, rows: usize, x: usize, out: usize,
): void {
  for (; rows >= 8; rows -= 8) {
    let r0 = f64x2.splat(0.0);
    let r1 = r0;
    let r2 = r0;
    let r3 = r0;
    for (let q: usize = 0; q < d; q++) {
      const xq = v128.load64_splat(x + (q << 3));
      const s = v128.load64_splat(scale + (q << 3));
      let from = z + load<u32>(columns + (q << 2));
      const t0 = f64x2.mul(f64x2.sub(v128.load64_lane(from + ldz, v128.load64_zero(from), 1), xq), s);
      from += ldz << 1;
      const t1 = f64x2.mul(f64x2.sub(v128.load64_lane(from + ldz, v128.load64_zero(from), 1), xq), s);
      from += ldz << 1;
      const t2 = f64x2.mul(f64x2.sub(v128.load64_lane(from + ldz, v128.load64_zero(from), 1), xq), s);
      from += ldz << 1;
      const t3 = f64x2.mul(f64x2.sub(v128.load64_lane(from + ldz, v128.load64_zero(from), 1), xq), s);
      r0 = madd(t0, t0, r0);
      r1 = madd(t1, t1, r1);
      r2 = madd(t2, t2, r2);
      r3 = madd(t3, t3, r3);
    }
    v128.store(out, r0);
    v128.store(out, r1, 16);
    v128.store(out, r2, 32);
    v128.store(out, r3, 48);
    z += ldz << 3;
    out += 64;
  }
  rowDistances(d, columns, scale, z, ldz, rows, x, 1, out);
}

/**
 * out (n x m) := variance exp(-1/2 sum_q (scale_q sin(frequency_q (z_i - x_j)_q))^2); `scale` holds the d scales and
 * then the d frequencies, other arguments as above.
 */
export function periodicPanel(
  variance: f64, d: usize, columns: usize, scale: usize,
  z: usize, ldz: usize, n: usize, x: usize, m: usize, out: usize, work: usize,
): void {
  const step = max<usize>(1, CHUNK / m);
  for (let i: usize = 0; i < n; i += step) {
    const rows = min(step, n - i);
    sineDistances(d, columns, scale, z, ldz, rows, x, m, out);
    finish(1, out, rows * m, variance, 0.0, work);
    z += rows * ldz;
    out += (rows * m) << 3;
  }
}

function sineDistances(
  d: usize, columns: usize, scale: usize, z: usize, ldz: usize, rows: usize, x: usize, m: usize, out: usize,
): void {
  const ld = m << 3;
  const even = (m & ~1) << 3;
  const frequency = scale + (d << 3);
  for (; rows != 0; rows--) {
    for (let j: usize = 0; j < ld; j += 16) {
      let r = f64x2.splat(0.0);
      let from = x + j;
      for (let q: usize = 0; q < d; q++) {
        const zq = v128.load64_splat(z + load<u32>(columns + (q << 2)));
        const xq = j < even ? v128.load(from) : v128.load64_splat(from);
        const s = sin(f64x2.mul(f64x2.sub(zq, xq), v128.load64_splat(frequency + (q << 3))));
        const t = f64x2.mul(s, v128.load64_splat(scale + (q << 3)));
        r = madd(t, t, r);
        from += ld;
      }
      if (j < even) v128.store(out + j, r);
      else v128.store64_lane(out + j, r, 0);
    }
    z += ldz;
    out += ld;
  }
}
