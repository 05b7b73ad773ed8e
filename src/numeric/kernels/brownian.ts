import type { Matrix } from '../linalg/matrix.js';
import { BaseKernel } from './base-kernel.js';
import type { LeafSpec } from './leaf-spec.js';

/**
 * k = s2 min(|x|, |z|) where x and z have the same sign, else 0: Brownian motion from 0 on one input column, negative
 * times being a separate motion. GPy's Brownian. At a kink the gradient is
 * the mean of its two sides. (GPy has no gradient for it.)
 */
export class BrownianKernel extends BaseKernel {
  readonly #column: number;
  readonly #variance: number;

  constructor(leaf: LeafSpec) {
    super(leaf.spec, leaf.trained('variance'));
    this.#column = leaf.singleDim();
    this.#variance = leaf.nonNegative('variance');
  }

  panel(Z: Matrix, X: Matrix, out: Float64Array): void {
    const variance = this.#variance;
    for (let i = 0, k = 0; i < Z.rows; i += 1) {
      const z = Z.data[i * Z.cols + this.#column];
      for (let j = 0, from = this.#column; j < X.rows; j += 1, k += 1, from += X.cols) {
        const x = X.data[from];
        out[k] = x > 0 === z > 0 ? variance * Math.min(Math.abs(x), Math.abs(z)) : 0;
      }
    }
  }

  diagonal(X: Matrix, out: Float64Array): void {
    for (let j = 0; j < X.rows; j += 1) out[j] = this.#variance * Math.abs(X.data[j * X.cols + this.#column]);
  }

  /** dk/ds2 = k / s2 */
  override addParameterGradients(Z: Matrix, X: Matrix, W: Float64Array, out: Float64Array): void {
    for (let i = 0, k = 0; i < Z.rows; i += 1) {
      const z = Z.data[i * Z.cols + this.#column];
      for (let j = 0, from = this.#column; j < X.rows; j += 1, k += 1, from += X.cols) {
        const x = X.data[from];
        if (x > 0 === z > 0) out[0] += W[k] * Math.min(Math.abs(x), Math.abs(z));
      }
    }
  }

  override addDiagonalParameterGradients(X: Matrix, weights: Float64Array, out: Float64Array): void {
    for (let j = 0; j < X.rows; j += 1) out[0] += weights[j] * Math.abs(X.data[j * X.cols + this.#column]);
  }

  addGradient(Z: Matrix, x: Float64Array, weights: Float64Array, out: Float64Array): void {
    const t = x[this.#column];
    let sum = 0;
    for (let i = 0; i < Z.rows; i += 1) sum += weights[i] * slope(t, Z.data[i * Z.cols + this.#column]);
    out[this.#column] += this.#variance * sum;
  }

  addDiagonalGradient(x: Float64Array, scale: number, out: Float64Array): void {
    out[this.#column] += scale * this.#variance * Math.sign(x[this.#column]);
  }
}

/** d min(|t|, |z|) / dt where the signs agree, else 0; half way between the two sides at t = 0 and t = z. */
function slope(t: number, z: number): number {
  if (t === 0) return 0.5 * Math.sign(z);
  if (t > 0 !== z > 0 || Math.abs(t) > Math.abs(z)) return 0;
  return (t === z ? 0.5 : 1) * Math.sign(t);
}
