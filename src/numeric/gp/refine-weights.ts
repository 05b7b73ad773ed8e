import type { Kernel } from '../kernels/kernel.js';
import { subtractCompensated } from '../linalg/compensated-product.js';
import type { LinearAlgebra } from '../linalg/linear-algebra.js';
import { Matrix } from '../linalg/matrix.js';

/** Columns of K at a time. */
const WIDTH = 64;

/** (K + diag(added)) alpha = residual, for K = k(X, X) with n points and p right-hand sides. */
export interface WeightSystem {
  readonly kernel: Kernel;
  readonly X: Matrix;
  /** Noise, nugget and jitter of each point. */
  readonly added: Float64Array;
  /** Y - m(X), n x p. */
  readonly residual: Matrix;
}

/** The weights alpha = L^-T L^-1 residual, n x p, after one step of iterative refinement. */
export function refinedWeights(system: WeightSystem, L: Matrix, linalg: LinearAlgebra): Matrix {
  const { rows, cols, data } = system.residual;
  const alpha = new Matrix(rows, cols, data.slice());
  linalg.solveLower(L, alpha);
  linalg.solveLowerTranspose(L, alpha);
  const correction = weightCorrection(system, { L, alpha }, linalg);
  for (let k = 0; k < alpha.data.length; k += 1) alpha.data[k] += correction.data[k];
  return alpha;
}

/**
 * One step of iterative refinement: the correction L^-T L^-1 (residual - (K + diag(added)) alpha) of weights alpha,
 * where L L^T is the system's matrix but for rounding. What is left of the residual is accumulated in twice the
 * precision, and both parts of the diagonal enter one by one, for in their sum a small nugget loses its digits.
 * Higham (2002), Accuracy and Stability of Numerical Algorithms, 2nd ed., section 12.1, p. 232. Costs an evaluation
 * of K, in panels, and O(n^2 p) arithmetic.
 */
export function weightCorrection(
  { kernel, X, added, residual }: WeightSystem,
  { L, alpha }: { readonly L: Matrix; readonly alpha: Matrix },
  linalg: LinearAlgebra,
): Matrix {
  const n = X.rows;
  const diagonal = new Float64Array(n);
  kernel.diagonal(X, diagonal);
  const correction = new Matrix(n, residual.cols, residual.data.slice());
  const buffer = new Float64Array(n * Math.min(n, WIDTH));
  for (let start = 0; start < n; start += WIDTH) {
    const end = Math.min(start + WIDTH, n);
    const width = end - start;
    const K = new Matrix(n, width, buffer.subarray(0, n * width));
    kernel.panel(X, X.slice(start, end), K.data);
    // Between two sets white noise is 0: the diagonal of K comes from `diagonal`.
    for (let i = start, k = start * width; i < end; i += 1, k += width + 1) K.data[k] = diagonal[i];
    subtractCompensated(
      K,
      alpha,
      added.subarray(start, end),
      alpha.slice(start, end),
      correction.slice(start, end),
    );
  }
  linalg.solveLower(L, correction);
  linalg.solveLowerTranspose(L, correction);
  return correction;
}
