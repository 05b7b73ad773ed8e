import { Matrix } from '../linalg/matrix.js';
import type { Scratch } from '../linalg/scratch-stack.js';
import { BaseKernel } from './base-kernel.js';
import type { LeafSpec } from './leaf-spec.js';
import { weightedDotProducts, weightedSquareNorms } from './pairwise.js';

/**
 * k = s2 x.z / (|x| |z|), 0 where one of them is the origin: the metric "cosine" of scikit-learn's PairwiseKernel. The dot
 * product kernel of Rasmussen & Williams (2006), section 4.2.2, p. 89, over points on the unit sphere.
 */
export class CosineSimilarityKernel extends BaseKernel {
  readonly #dims: Int32Array;
  readonly #scratch: Scratch;
  readonly #ones: Float64Array;
  readonly #variance: number;

  constructor(leaf: LeafSpec) {
    super(leaf.spec);
    this.#dims = leaf.dims;
    this.#scratch = leaf.math.scratch;
    this.#ones = new Float64Array(leaf.dims.length).fill(1);
    this.#variance = leaf.nonNegative('variance');
  }

  panel(Z: Matrix, X: Matrix, out: Float64Array): void {
    const m = X.rows;
    const [ofZ, ofX] = [this.#scratch.take(Z.rows), this.#scratch.take(m)];
    this.#inverseNorms(Z, ofZ);
    this.#inverseNorms(X, ofX);
    weightedDotProducts(Z, X, this.#dims, this.#ones, out);
    for (let i = 0, k = 0; i < Z.rows; i += 1) {
      for (let j = 0; j < m; j += 1, k += 1) out[k] *= this.#variance * ofZ[i] * ofX[j];
    }
    this.#scratch.release(2);
  }

  diagonal(X: Matrix, out: Float64Array): void {
    weightedSquareNorms(X, this.#dims, this.#ones, out);
    for (let j = 0; j < X.rows; j += 1) out[j] = out[j] > 0 ? this.#variance : 0;
  }

  /** dk/dx = (s2 z / |z| - k x / |x|) / |x| */
  addGradient(Z: Matrix, x: Float64Array, weights: Float64Array, out: Float64Array): void {
    const X = new Matrix(1, x.length, x);
    const [ofZ, ofX] = [this.#scratch.take(Z.rows), this.#scratch.take(1)];
    this.#inverseNorms(Z, ofZ);
    this.#inverseNorms(X, ofX);
    const values = this.#scratch.take(Z.rows);
    this.panel(Z, X, values);
    const [inverse] = ofX;
    for (const column of this.#dims) {
      let sum = 0;
      for (let i = 0, k = column; i < Z.rows; i += 1, k += Z.cols) {
        sum += weights[i] * (this.#variance * Z.data[k] * ofZ[i] - values[i] * x[column] * inverse);
      }
      out[column] += sum * inverse;
    }
    this.#scratch.release(3);
  }

  addDiagonalGradient(): void {
    // k(x, x) is constant but at the origin.
  }

  #inverseNorms(X: Matrix, out: Float64Array): void {
    weightedSquareNorms(X, this.#dims, this.#ones, out);
    for (let j = 0; j < X.rows; j += 1) out[j] = out[j] > 0 ? 1 / Math.sqrt(out[j]) : 0;
  }
}
