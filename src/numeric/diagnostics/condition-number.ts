import type { LinearAlgebra } from '../linalg/linear-algebra.js';
import { Matrix } from '../linalg/matrix.js';
import { lowerProduct, lowerTransposeProduct } from '../linalg/triangular-product.js';

/** Hager's iteration hardly ever takes more than four steps. */
const MOST_STEPS = 5;

/**
 * Estimate of the condition number ||K||_1 ||K^-1||_1 of K = L L^T (n x n): a lower bound, nearly always within a factor
 * of three. Takes about twenty products and solves with L, O(n^2) each.
 */
export function conditionNumber(L: Matrix, linalg: LinearAlgebra): number {
  const times = (x: Float64Array): Float64Array => lowerProduct(L, lowerTransposeProduct(L, x));
  const solve = (x: Float64Array): Float64Array => {
    const panel = new Matrix(L.rows, 1, x.slice());
    linalg.solveLower(L, panel);
    linalg.solveLowerTranspose(L, panel);
    return panel.data;
  };
  return symmetricOneNorm(L.rows, times) * symmetricOneNorm(L.rows, solve);
}

/**
 * Estimate of the 1-norm of a symmetric n x n matrix A from its products A x alone. Hager (1984) with the refinements of
 * LAPACK: Higham (2002), Accuracy and Stability of Numerical Algorithms, 2nd ed., Algorithm 15.4.
 */
export function symmetricOneNorm(n: number, times: (x: Float64Array) => Float64Array): number {
  let product = times(new Float64Array(n).fill(1 / n));
  if (n === 1) return Math.abs(product[0]);
  let norm = absoluteSum(product);
  let signs = product.map(sign);
  let gradient = times(signs);
  for (let step = 1; step < MOST_STEPS; step += 1) {
    const unit = new Float64Array(n);
    const steepest = indexOfLargest(gradient);
    unit[steepest] = 1;
    product = times(unit);
    const before = norm;
    norm = Math.max(norm, absoluteSum(product));
    const next = product.map(sign);
    if (norm <= before || next.every((value, i) => value === signs[i])) break;
    signs = next;
    gradient = times(signs);
    if (Math.abs(gradient[steepest]) >= Math.abs(gradient[indexOfLargest(gradient)])) break;
  }
  // A vector that no structure of A is likely to annihilate, against the rare miss.
  const waves = Float64Array.from({ length: n }, (_, i) => (i % 2 === 0 ? 1 : -1) * (1 + i / (n - 1)));
  return Math.max(norm, (2 * absoluteSum(times(waves))) / (3 * n));
}

function sign(value: number): number {
  return value < 0 ? -1 : 1;
}

function absoluteSum(x: Float64Array): number {
  return x.reduce((sum, value) => sum + Math.abs(value), 0);
}

function indexOfLargest(x: Float64Array): number {
  let largest = 0;
  for (let i = 1; i < x.length; i += 1) if (Math.abs(x[i]) > Math.abs(x[largest])) largest = i;
  return largest;
}
