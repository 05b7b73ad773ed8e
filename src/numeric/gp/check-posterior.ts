import { defaultLinearAlgebra } from '../linalg/default-linear-algebra.js';
import type { LinearAlgebra } from '../linalg/linear-algebra.js';
import { Matrix } from '../linalg/matrix.js';
import { GPY_JITTER_LADDER, GPY_NUGGET, residuals, type TrainingData } from './fit-posterior.js';

/** How far a stored posterior is from the model that it claims to belong to. */
export interface PosteriorCheck {
  /** max |L L^T - A| / max |A| over the entries looked at, A = K + (noise + 1e-8 + jitter) I. */
  readonly factorError: number;
  /** max |A alpha - (Y - m)| / max |Y - m|: what the error means in units of the data. */
  readonly alphaError: number;
  /** max |A alpha - (Y - m)| / (||A|| ||alpha|| + max |Y - m|): near 1e-16 for any backward stable solve. */
  readonly alphaBackwardError: number;
  /** The unrecorded jitter that GPy must have added, found from the diagonal: 0, or a step of its ladder. */
  readonly jitter: number;
  readonly agreed: boolean;
}

/** GPy's distances by |x|^2 + |y|^2 - 2xy cost it some digits of K when inputs are far from the origin. */
const FACTOR_TOLERANCE = 1e-7;
const ALPHA_TOLERANCE = 1e-6;
const BACKWARD_TOLERANCE = 1e-12;

/** Rows of L L^T compared with rows of A, evenly spaced; the diagonal is compared throughout. */
const ROWS = 16;

/**
 * Compares a stored L and alpha (exact inference) with what kernel, data and noise give. Costs one evaluation of K,
 * in panels, and O(n^2) arithmetic: alpha is checked in full, L on its whole diagonal and in 16 rows.
 *
 * `agreed`: the factor matches to 1e-7 and alpha solves the system, to 1e-6 of the data or to backward error 1e-12
 * (all a double can give where the system is near singular).
 */
export function checkPosterior(
  data: TrainingData,
  stored: { readonly L: Matrix; readonly alpha: Matrix },
  linalg: LinearAlgebra = defaultLinearAlgebra(),
): PosteriorCheck {
  const { X, kernel, noise, nugget = GPY_NUGGET } = data;
  const n = X.rows;
  const expected = new Float64Array(n);
  kernel.diagonal(X, expected);
  const prior = expected.slice();
  for (let i = 0; i < n; i += 1) expected[i] += (typeof noise === 'number' ? noise : noise[i]) + nugget;

  const found = factoredDiagonal(stored.L);
  const jitter = findJitter(found, expected);
  for (let i = 0; i < n; i += 1) expected[i] += jitter;

  let factorError = 0;
  let largest = 0;
  for (let i = 0; i < n; i += 1) {
    factorError = worse(factorError, Math.abs(found[i] - expected[i]));
    largest = Math.max(largest, expected[i]);
  }

  const residual = residuals(data);
  const scaleOfY = maxAbs(residual.data);
  const stride = Math.max(1, Math.floor(n / ROWS));
  let normOfA = 0;
  const width = Math.min(n, 64);
  const panel = new Float64Array(n * width);
  for (let start = 0; start < n; start += width) {
    const points = X.slice(start, Math.min(start + width, n));
    const K = new Matrix(n, points.rows, panel.subarray(0, n * points.rows));
    kernel.panel(X, points, K.data);
    for (let j = 0; j < points.rows; j += 1) {
      const i = start + j;
      // Between two sets white noise is 0: the diagonal of A comes from `diagonal`, everything else from the panel.
      K.data[i * K.cols + j] = expected[i];
      normOfA = Math.max(normOfA, absoluteColumnSum(K, j));
      if (i % stride === 0) factorError = worse(factorError, rowError(stored.L, K, i, j));
    }
    const product = Matrix.zeros(points.rows, stored.alpha.cols);
    linalg.transposeMultiply(K, stored.alpha, product);
    for (let k = 0, to = start * residual.cols; k < product.data.length; k += 1, to += 1) {
      residual.data[to] -= product.data[k];
    }
  }

  const miss = maxAbs(residual.data);
  const relative = factorError / (largest > 0 ? largest : maxAbs(prior) || 1);
  const alphaError = miss === 0 ? 0 : miss / scaleOfY;
  const alphaBackwardError = miss === 0 ? 0 : miss / (normOfA * maxAbs(stored.alpha.data) + scaleOfY);
  return {
    factorError: relative,
    alphaError,
    alphaBackwardError,
    jitter,
    agreed:
      relative <= FACTOR_TOLERANCE &&
      (alphaError <= ALPHA_TOLERANCE || alphaBackwardError <= BACKWARD_TOLERANCE),
  };
}

/** The diagonal of L L^T. */
export function factoredDiagonal(L: Matrix): Float64Array {
  return Float64Array.from({ length: L.rows }, (_, i) => dotOfRows(L, i, i));
}

/** The step of GPy's ladder that explains the diagonal found best, where another was expected; 0 where none does better. */
export function findJitter(found: Float64Array, expected: Float64Array): number {
  const mean = expected.reduce((sum, value) => sum + value, 0) / expected.length;
  const excess = found.reduce((sum, value, i) => sum + value - expected[i], 0) / expected.length;
  const steps = GPY_JITTER_LADDER.map((step) => step * mean);
  return steps.find((step) => Math.abs(excess - step) <= 1e-3 * step) ?? 0;
}

/** Column j of the panel is row i of A: the largest difference to row i of L L^T. */
function rowError(L: Matrix, A: Matrix, i: number, j: number): number {
  let error = 0;
  for (let k = 0; k < L.rows; k += 1) error = worse(error, Math.abs(dotOfRows(L, i, k) - A.get(k, j)));
  return error;
}

/** (L L^T)_ij: rows i and j of L up to the shorter one's diagonal. */
function dotOfRows(L: Matrix, i: number, j: number): number {
  const n = L.cols;
  const end = Math.min(i, j) + 1;
  let sum = 0;
  for (let k = 0, a = i * n, b = j * n; k < end; k += 1, a += 1, b += 1) sum += L.data[a] * L.data[b];
  return sum;
}

function absoluteColumnSum(A: Matrix, j: number): number {
  let sum = 0;
  for (let i = 0, k = j; i < A.rows; i += 1, k += A.cols) sum += Math.abs(A.data[k]);
  return sum;
}

function maxAbs(values: Float64Array): number {
  let largest = 0;
  for (const value of values) largest = worse(largest, Math.abs(value));
  return largest;
}

/** The larger error; NaN is the worst of all and stays. */
function worse(a: number, b: number): number {
  return Number.isNaN(a) || a >= b ? a : b;
}
