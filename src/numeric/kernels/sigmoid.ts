import { Matrix } from '../linalg/matrix.js';
import type { Scratch } from '../linalg/scratch-stack.js';
import { BaseKernel } from './base-kernel.js';
import type { LeafSpec } from './leaf-spec.js';
import { weightedDotProducts, weightedSquareNorms } from './pairwise.js';

/**
 * k = s2 tanh(scale x.z + bias): the metric "sigmoid" of scikit-learn's PairwiseKernel. Positive definite for no choice of
 * its parameters; Rasmussen & Williams (2006), section 4.2.3, p. 91.
 */
export class SigmoidKernel extends BaseKernel {
  readonly #dims: Int32Array;
  readonly #scratch: Scratch;
  readonly #variance: number;
  readonly #scale: number;
  readonly #scales: Float64Array;
  readonly #bias: number;

  constructor(leaf: LeafSpec) {
    super(leaf.spec);
    this.#dims = leaf.dims;
    this.#scratch = leaf.math.scratch;
    this.#variance = leaf.nonNegative('variance');
    this.#scale = leaf.positive('scale');
    this.#scales = new Float64Array(leaf.dims.length).fill(this.#scale);
    this.#bias = leaf.finite('bias');
  }

  panel(Z: Matrix, X: Matrix, out: Float64Array): void {
    weightedDotProducts(Z, X, this.#dims, this.#scales, out);
    this.#values(out);
  }

  diagonal(X: Matrix, out: Float64Array): void {
    weightedSquareNorms(X, this.#dims, this.#scales, out);
    this.#values(out);
  }

  addGradient(Z: Matrix, x: Float64Array, weights: Float64Array, out: Float64Array): void {
    const slopes = this.#scratch.take(Z.rows);
    weightedDotProducts(Z, new Matrix(1, x.length, x), this.#dims, this.#scales, slopes);
    for (let i = 0; i < slopes.length; i += 1) slopes[i] = weights[i] * this.#slope(slopes[i]);
    for (const column of this.#dims) {
      for (let i = 0, k = column; i < Z.rows; i += 1, k += Z.cols) out[column] += slopes[i] * Z.data[k];
    }
    this.#scratch.release();
  }

  addDiagonalGradient(x: Float64Array, scale: number, out: Float64Array): void {
    const norm = new Float64Array(1);
    weightedSquareNorms(new Matrix(1, x.length, x), this.#dims, this.#scales, norm);
    const factor = 2 * scale * this.#slope(norm[0]);
    for (const column of this.#dims) out[column] += factor * x[column];
  }

  #values(products: Float64Array): void {
    for (let i = 0; i < products.length; i += 1)
      products[i] = this.#variance * Math.tanh(products[i] + this.#bias);
  }

  /** By x.z, for one product scale x.z. */
  #slope(product: number): number {
    const t = Math.tanh(product + this.#bias);
    return this.#variance * this.#scale * (1 - t * t);
  }
}
