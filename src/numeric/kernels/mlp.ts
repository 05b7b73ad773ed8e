import { Matrix } from '../linalg/matrix.js';
import { scratch } from '../linalg/scratch-stack.js';
import { BaseKernel } from './base-kernel.js';
import type { LeafSpec } from './leaf-spec.js';
import { weightedDotProducts, weightedSquareNorms } from './pairwise.js';

/**
 * k = s2 (2/pi) asin( c(x,z) / sqrt((c(x,x) + 1)(c(z,z) + 1)) ), c(x,z) = sum_q w_q x_q z_q + b: an infinitely wide
 * layer of sigmoids. GPy's MLP; Rasmussen & Williams (2006), eq. (4.29), p. 91, with the factors 2 absorbed.
 */
export class MlpKernel extends BaseKernel {
  readonly #dims: Int32Array;
  /** s2 2/pi */
  readonly #amplitude: number;
  readonly #weights: Float64Array;
  readonly #bias: number;

  constructor(leaf: LeafSpec) {
    super(leaf.spec);
    this.#dims = leaf.dims;
    this.#amplitude = leaf.nonNegative('variance') * (2 / Math.PI);
    this.#weights = leaf.nonNegativePerDim('weight_variance');
    this.#bias = leaf.nonNegative('bias_variance');
  }

  panel(Z: Matrix, X: Matrix, out: Float64Array): void {
    const n = Z.rows;
    const m = X.rows;
    const amplitude = this.#amplitude;
    const bias = this.#bias;
    const zNorms = scratch.take(n);
    const xNorms = scratch.take(m);
    this.#norms(Z, zNorms);
    this.#norms(X, xNorms);
    weightedDotProducts(Z, X, this.#dims, this.#weights, out);
    for (let i = 0, k = 0; i < n; i += 1) {
      for (let j = 0; j < m; j += 1, k += 1) {
        const u = (out[k] + bias) / (zNorms[i] * xNorms[j]);
        out[k] = amplitude * Math.asin(Math.min(1, Math.max(-1, u)));
      }
    }
    scratch.release(2);
  }

  diagonal(X: Matrix, out: Float64Array): void {
    weightedSquareNorms(X, this.#dims, this.#weights, out);
    for (let j = 0; j < out.length; j += 1) {
      const c = out[j] + this.#bias;
      out[j] = this.#amplitude * Math.asin(c / (c + 1));
    }
  }

  /** With A = c(x,x) + 1, B = c(z,z) + 1, c = c(x,z): dk/dx_q = s2 (2/pi) w_q (z_q - x_q c / A) / sqrt(A B - c^2). */
  addGradient(Z: Matrix, x: Float64Array, weights: Float64Array, out: Float64Array): void {
    const X = new Matrix(1, x.length, x);
    const n = Z.rows;
    const zNorms = scratch.take(n);
    const xNorm = scratch.take(1);
    const products = scratch.take(n);
    this.#norms(Z, zNorms);
    this.#norms(X, xNorm);
    weightedDotProducts(Z, X, this.#dims, this.#weights, products);
    const A = xNorm[0] * xNorm[0];
    for (let i = 0; i < n; i += 1) {
      const c = products[i] + this.#bias;
      const B = zNorms[i] * zNorms[i];
      const common = (weights[i] * this.#amplitude) / Math.sqrt(A * B - c * c);
      for (let q = 0; q < this.#dims.length; q += 1) {
        const column = this.#dims[q];
        out[column] += common * this.#weights[q] * (Z.data[i * Z.cols + column] - (x[column] * c) / A);
      }
    }
    scratch.release(3);
  }

  /** d/dx asin(c / (c + 1)) = 2 w x / ((c + 1) sqrt(2 c + 1)). */
  addDiagonalGradient(x: Float64Array, scale: number, out: Float64Array): void {
    const norm = new Float64Array(1);
    weightedSquareNorms(new Matrix(1, x.length, x), this.#dims, this.#weights, norm);
    const c = norm[0] + this.#bias;
    const common = (2 * scale * this.#amplitude) / ((c + 1) * Math.sqrt(2 * c + 1));
    this.#dims.forEach((column, q) => {
      out[column] += common * this.#weights[q] * x[column];
    });
  }

  /** sqrt(c(x,x) + 1) for each point. */
  #norms(X: Matrix, out: Float64Array): void {
    weightedSquareNorms(X, this.#dims, this.#weights, out);
    for (let j = 0; j < out.length; j += 1) out[j] = Math.sqrt(out[j] + this.#bias + 1);
  }
}
