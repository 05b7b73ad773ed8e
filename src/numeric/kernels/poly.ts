import { Matrix } from '../linalg/matrix.js';
import { scratch } from '../linalg/scratch-stack.js';
import { BaseKernel } from './base-kernel.js';
import type { LeafSpec } from './leaf-spec.js';
import { weightedDotProducts, weightedSquareNorms } from './pairwise.js';

/**
 * k = s2 (scale x.z + bias)^order. GPy's Poly; Rasmussen & Williams (2006), section 4.2.2, p. 89.
 * With an order that is not an integer, a negative base gives NaN, as in GPy.
 */
export class PolyKernel extends BaseKernel {
  readonly #dims: Int32Array;
  readonly #variance: number;
  readonly #scales: Float64Array;
  readonly #scale: number;
  readonly #bias: number;
  readonly #order: number;

  constructor(leaf: LeafSpec) {
    super(leaf.spec, leaf.trained('variance', 'scale', 'bias'));
    this.#dims = leaf.dims;
    this.#variance = leaf.nonNegative('variance');
    this.#scale = leaf.nonNegative('scale');
    this.#scales = new Float64Array(leaf.dims.length).fill(this.#scale);
    this.#bias = leaf.nonNegative('bias');
    this.#order = leaf.positive('order');
    if (this.#order < 1) leaf.fail(`parameter "order" must be at least 1, got ${this.#order}`);
  }

  panel(Z: Matrix, X: Matrix, out: Float64Array): void {
    weightedDotProducts(Z, X, this.#dims, this.#scales, out);
    this.#raise(out, this.#variance, this.#order);
  }

  diagonal(X: Matrix, out: Float64Array): void {
    weightedSquareNorms(X, this.#dims, this.#scales, out);
    this.#raise(out, this.#variance, this.#order);
  }

  /** dk/ds2 = b^order, dk/dscale = s2 order b^(order-1) x.z, dk/dbias = s2 order b^(order-1), b = scale x.z + bias. */
  override addParameterGradients(Z: Matrix, X: Matrix, W: Float64Array, out: Float64Array): void {
    const products = new Float64Array(Z.rows * X.rows);
    weightedDotProducts(Z, X, this.#dims, new Float64Array(this.#dims.length).fill(1), products);
    this.#contract(products, W, out);
  }

  override addDiagonalParameterGradients(X: Matrix, weights: Float64Array, out: Float64Array): void {
    const products = new Float64Array(X.rows);
    weightedSquareNorms(X, this.#dims, new Float64Array(this.#dims.length).fill(1), products);
    this.#contract(products, weights, out);
  }

  /** `products`: x.z of each pair. */
  #contract(products: Float64Array, W: Float64Array, out: Float64Array): void {
    const order = this.#order;
    for (let k = 0; k < products.length; k += 1) {
      if (W[k] === 0) continue;
      const base = this.#scale * products[k] + this.#bias;
      const slope = W[k] * this.#variance * order * base ** (order - 1);
      out[0] += W[k] * base ** order;
      out[1] += slope * products[k];
      out[2] += slope;
    }
  }

  addGradient(Z: Matrix, x: Float64Array, weights: Float64Array, out: Float64Array): void {
    const factors = scratch.take(Z.rows);
    weightedDotProducts(Z, new Matrix(1, x.length, x), this.#dims, this.#scales, factors);
    this.#raise(factors, this.#variance * this.#order * this.#scale, this.#order - 1);
    for (const column of this.#dims) {
      let sum = 0;
      for (let i = 0, k = column; i < Z.rows; i += 1, k += Z.cols) sum += weights[i] * factors[i] * Z.data[k];
      out[column] += sum;
    }
    scratch.release();
  }

  addDiagonalGradient(x: Float64Array, scale: number, out: Float64Array): void {
    const factor = new Float64Array(1);
    weightedSquareNorms(new Matrix(1, x.length, x), this.#dims, this.#scales, factor);
    this.#raise(factor, this.#variance * this.#order * this.#scale, this.#order - 1);
    for (const column of this.#dims) out[column] += 2 * scale * factor[0] * x[column];
  }

  /** Replaces each scale x.z by factor (scale x.z + bias)^power. */
  #raise(products: Float64Array, factor: number, power: number): void {
    const bias = this.#bias;
    for (let i = 0; i < products.length; i += 1) products[i] = factor * (products[i] + bias) ** power;
  }
}
