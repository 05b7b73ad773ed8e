import type { Matrix } from '../linalg/matrix.js';
import { BaseKernel } from './base-kernel.js';
import type { LeafSpec } from './leaf-spec.js';
import { weightedDotProducts, weightedSquareNorms } from './pairwise.js';

/** k = sum_q variances_q x_q z_q. GPy's Linear; Rasmussen & Williams (2006), section 4.2.2, p. 89. */
export class LinearKernel extends BaseKernel {
  readonly #dims: Int32Array;
  readonly #variances: Float64Array;
  /** How many of them training may change: one, or one an active dimension. */
  readonly #count: number;

  constructor(leaf: LeafSpec) {
    super(leaf.spec, leaf.trained('variances'));
    this.#count = this.parameters?.length ?? 0;
    this.#dims = leaf.dims;
    this.#variances = leaf.nonNegativePerDim('variances');
  }

  panel(Z: Matrix, X: Matrix, out: Float64Array): void {
    weightedDotProducts(Z, X, this.#dims, this.#variances, out);
  }

  diagonal(X: Matrix, out: Float64Array): void {
    weightedSquareNorms(X, this.#dims, this.#variances, out);
  }

  /** dk/dvariances_q = x_q z_q */
  override addParameterGradients(Z: Matrix, X: Matrix, W: Float64Array, out: Float64Array): void {
    this.#dims.forEach((column, q) => {
      let sum = 0;
      for (let i = 0, k = 0; i < Z.rows; i += 1) {
        const z = Z.data[i * Z.cols + column];
        let row = 0;
        for (let j = 0, x = column; j < X.rows; j += 1, k += 1, x += X.cols) row += W[k] * X.data[x];
        sum += z * row;
      }
      out[Math.min(q, this.#count - 1)] += sum;
    });
  }

  override addDiagonalParameterGradients(X: Matrix, weights: Float64Array, out: Float64Array): void {
    this.#dims.forEach((column, q) => {
      for (let j = 0, x = column; j < X.rows; j += 1, x += X.cols) {
        out[Math.min(q, this.#count - 1)] += weights[j] * X.data[x] * X.data[x];
      }
    });
  }

  addGradient(Z: Matrix, _x: Float64Array, weights: Float64Array, out: Float64Array): void {
    this.#dims.forEach((column, q) => {
      let sum = 0;
      for (let i = 0, k = column; i < Z.rows; i += 1, k += Z.cols) sum += weights[i] * Z.data[k];
      out[column] += this.#variances[q] * sum;
    });
  }

  addDiagonalGradient(x: Float64Array, scale: number, out: Float64Array): void {
    this.#dims.forEach((column, q) => {
      out[column] += 2 * scale * this.#variances[q] * x[column];
    });
  }
}
