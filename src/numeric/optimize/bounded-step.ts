import type { LbfgsMatrix } from './lbfgs-matrix.js';
import { dot } from './objective.js';
import { solveDense } from './solve-dense.js';

/** Where a quadratic model leads along the projected steepest descent, and W^T (point - x). */
interface CauchyPoint {
  readonly point: Float64Array;
  readonly c: Float64Array;
}

/**
 * The minimum of the quadratic model f + g.(z - x) + (z - x) B (z - x) / 2 within the bounds, as L-BFGS-B approximates it:
 * the generalized Cauchy point, then the model's minimum over the variables that are at no bound there, projected.
 *
 * Throws nothing; where B has become singular the result holds what is not finite.
 */
export function boundedStep(
  x: Float64Array,
  g: Float64Array,
  lower: Float64Array,
  upper: Float64Array,
  B: LbfgsMatrix,
): Float64Array {
  const cauchy = cauchyPoint(x, g, lower, upper, B);
  return minimiseFree(x, g, lower, upper, B, cauchy);
}

/** Byrd et al. (1995), algorithm CP, p. 1199. */
function cauchyPoint(
  x: Float64Array,
  g: Float64Array,
  lower: Float64Array,
  upper: Float64Array,
  B: LbfgsMatrix,
): CauchyPoint {
  const n = x.length;
  const { theta } = B;
  const point = x.slice();
  const d = new Float64Array(n);
  const breaks = new Float64Array(n);
  const p = new Float64Array(B.rank);
  const c = new Float64Array(B.rank);
  for (let i = 0; i < n; i += 1) {
    const bound = g[i] < 0 ? upper[i] : lower[i];
    breaks[i] = g[i] === 0 ? Infinity : (x[i] - bound) / g[i];
    d[i] = breaks[i] > 0 ? -g[i] : 0;
    addScaled(p, d[i], B.row(i));
  }
  let slope = -dot(d, d);
  let curvature = -theta * slope - dot(p, B.timesM(p));
  let best = -slope / curvature;
  let passed = 0;
  const order = Array.from(breaks.keys())
    .filter((i) => d[i] !== 0 && breaks[i] < Infinity)
    .sort((i, j) => breaks[i] - breaks[j] || i - j);
  for (const b of order) {
    const step = breaks[b] - passed;
    if (!(best >= step)) break;
    point[b] = d[b] > 0 ? upper[b] : lower[b];
    addScaled(c, step, p);
    const row = B.row(b);
    const Mrow = B.timesM(row);
    const z = point[b] - x[b];
    slope += step * curvature + g[b] * g[b] + theta * g[b] * z - g[b] * dot(Mrow, c);
    curvature -= theta * g[b] * g[b] + 2 * g[b] * dot(Mrow, p) + g[b] * g[b] * dot(Mrow, row);
    curvature = Math.max(curvature, Number.EPSILON * theta * dot(g, g));
    addScaled(p, g[b], row);
    d[b] = 0;
    best = -slope / curvature;
    passed = breaks[b];
  }
  const rest = Math.max(best, 0);
  for (let i = 0; i < n; i += 1) {
    if (d[i] !== 0) point[i] = Math.max(lower[i], Math.min(upper[i], x[i] + (passed + rest) * d[i]));
  }
  addScaled(c, rest, p);
  return { point, c };
}

/**
 * The direct primal method of Byrd et al. (1995), section 5.1, eq. (5.4); what leaves the bounds is projected
 * back if that still descends, else cut short: Morales & Nocedal (2011), "Remark on Algorithm 778", ACM TOMS 38(1).
 */
function minimiseFree(
  x: Float64Array,
  g: Float64Array,
  lower: Float64Array,
  upper: Float64Array,
  B: LbfgsMatrix,
  { point, c }: CauchyPoint,
): Float64Array {
  const { theta, rank } = B;
  const free = Array.from(x.keys()).filter((i) => point[i] > lower[i] && point[i] < upper[i]);
  if (free.length === 0 || rank === 0) return point;
  const Mc = B.timesM(c);
  const rows = free.map((i) => B.row(i));
  const r = Float64Array.from(free, (i, k) => g[i] + theta * (point[i] - x[i]) - dot(rows[k], Mc));
  const d = free.length <= rank ? solveFull(rows, r, B) : solveByRank(rows, r, B);
  const target = point.slice();
  free.forEach((i, k) => {
    target[i] = Math.max(lower[i], Math.min(upper[i], point[i] + d[k]));
  });
  if (target.reduce((sum, t, i) => sum + (t - x[i]) * g[i], 0) < 0) return target;
  let fraction = 1;
  free.forEach((i, k) => {
    const room = d[k] > 0 ? upper[i] - point[i] : lower[i] - point[i];
    if (d[k] !== 0) fraction = Math.min(fraction, room / d[k]);
  });
  const short = point.slice();
  free.forEach((i, k) => {
    short[i] = Math.max(lower[i], Math.min(upper[i], point[i] + fraction * d[k]));
  });
  return short;
}

/** -B^-1 r over the free variables, through their part of B: for few of them. `rows`: those of W. */
function solveFull(rows: readonly Float64Array[], r: Float64Array, B: LbfgsMatrix): Float64Array {
  const n = rows.length;
  const matrix = new Float64Array(n * n);
  rows.forEach((row, i) => {
    const Mrow = B.timesM(row);
    for (let j = 0; j < n; j += 1) matrix[i * n + j] = (i === j ? B.theta : 0) - dot(Mrow, rows[j]);
  });
  const d = r.map((value) => -value);
  solveDense(matrix, n, d, 1);
  return d;
}

/** The same by the Sherman-Morrison-Woodbury formula, eq. (5.11): -r / theta - W (I - M N)^-1 M W^T r / theta^2. */
function solveByRank(rows: readonly Float64Array[], r: Float64Array, B: LbfgsMatrix): Float64Array {
  const { theta, rank } = B;
  const sum = new Float64Array(rank);
  rows.forEach((row, k) => addScaled(sum, r[k], row));
  // N = W^T Z Z^T W / theta
  const N = Array.from({ length: rank }, () => new Float64Array(rank));
  for (const row of rows) for (let a = 0; a < rank; a += 1) addScaled(N[a], row[a] / theta, row);
  const system = new Float64Array(rank * rank);
  N.forEach((column, b) => {
    const product = B.timesM(column);
    for (let a = 0; a < rank; a += 1) system[a * rank + b] = (a === b ? 1 : 0) - product[a];
  });
  const w = B.timesM(sum);
  solveDense(system, rank, w, 1);
  return r.map((value, k) => -value / theta - dot(rows[k], w) / (theta * theta));
}

/** to += factor from */
function addScaled(to: Float64Array, factor: number, from: Float64Array): void {
  if (factor === 0) return;
  for (let i = 0; i < to.length; i += 1) to[i] += factor * from[i];
}
