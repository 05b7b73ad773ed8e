import { defaultLinearAlgebra } from '../linalg/default-linear-algebra.js';
import type { LinearAlgebra } from '../linalg/linear-algebra.js';
import { Matrix } from '../linalg/matrix.js';
import { addedToDiagonal, residuals, type TrainingData } from './fit-posterior.js';
import { weightCorrection } from './refine-weights.js';

/** How far the mean may move, as a part of the largest |Y - m(X)|: half of what answers may differ from GPy's. */
const TOLERANCE = 5e-9;

/**
 * The weights of a stored posterior, after one step of iterative refinement: GPy computes distances by
 * |x|^2 + |z|^2 - 2 x.z, and its weights inherit their error. Each output's are corrected only where that provably
 * leaves the mean within TOLERANCE of GPy's, at every x with k(x, x) no larger than at the training points: for a
 * correction delta, |k(x, Z) delta| <= sqrt(k(x, x) delta^T K delta) <= sqrt(k(x, x)) |L^T delta| (Cauchy and Schwarz).
 * Where K is so near singular that this says nothing, the weights stay GPy's, digit by digit.
 */
export function refineStoredWeights(
  data: TrainingData,
  stored: { readonly L: Matrix; readonly alpha: Matrix; readonly jitter: number },
  linalg: LinearAlgebra = defaultLinearAlgebra(),
): Matrix {
  const { kernel, X } = data;
  const residual = residuals(data);
  const system = { kernel, X, added: addedToDiagonal(data, stored.jitter), residual };
  const correction = weightCorrection(system, stored, linalg);
  const priors = new Float64Array(X.rows);
  kernel.diagonal(X, priors);
  const { rows: n, cols: p } = correction;
  const refined = new Matrix(n, p, stored.alpha.data.slice());
  for (let o = 0; o < p; o += 1) {
    const delta = correction.column(o);
    const change = Math.sqrt(largest(priors)) * normOfTransposeProduct(stored.L, delta);
    if (!(change <= TOLERANCE * largest(residual.column(o)))) continue;
    for (let i = 0; i < n; i += 1) refined.data[i * p + o] += delta[i];
  }
  return refined;
}

/** |L^T x| */
function normOfTransposeProduct(L: Matrix, x: Float64Array): number {
  const product = new Float64Array(L.cols);
  for (let i = 0; i < L.rows; i += 1) {
    for (let k = 0, at = i * L.cols; k <= i; k += 1, at += 1) product[k] += L.data[at] * x[i];
  }
  return Math.sqrt(product.reduce((sum, value) => sum + value * value, 0));
}

function largest(values: Float64Array): number {
  return values.reduce((found, value) => Math.max(found, Math.abs(value)), 0);
}
