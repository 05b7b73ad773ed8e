import type { Matrix } from '../linalg/matrix.js';
import { BaseKernel } from './base-kernel.js';
import type { LeafSpec } from './leaf-spec.js';

/**
 * k = -s2 sum_q (x_q - z_q)^2 / (x_q + z_q), for inputs of at least 0; an input that is 0 in both adds nothing. The metric
 * "additive_chi2" of scikit-learn's PairwiseKernel, only conditionally positive definite. Zhang et al. (2007), "Local
 * features and kernels for classification of texture and object categories", IJCV 73(2). A negative input gives NaN.
 */
export class AdditiveChi2Kernel extends BaseKernel {
  protected readonly variance: number;
  readonly #dims: Int32Array;

  constructor(leaf: LeafSpec) {
    super(leaf.spec);
    this.#dims = leaf.dims;
    this.variance = leaf.nonNegative('variance');
  }

  panel(Z: Matrix, X: Matrix, out: Float64Array): void {
    for (let i = 0, k = 0; i < Z.rows; i += 1) {
      for (let j = 0; j < X.rows; j += 1, k += 1) out[k] = this.value(this.#distance(Z.row(i), X.row(j)));
    }
  }

  diagonal(X: Matrix, out: Float64Array): void {
    for (let j = 0; j < X.rows; j += 1) out[j] = this.value(this.#distance(X.row(j), X.row(j)));
  }

  addGradient(Z: Matrix, x: Float64Array, weights: Float64Array, out: Float64Array): void {
    for (let i = 0; i < Z.rows; i += 1) {
      const z = Z.row(i);
      const weight = weights[i] * this.slope(this.#distance(z, x));
      for (const q of this.#dims) {
        const sum = x[q] + z[q];
        // d/dx (x - z)^2 / (x + z)
        if (sum !== 0) out[q] += weight * (((x[q] - z[q]) / sum) * ((x[q] + 3 * z[q]) / sum));
      }
    }
  }

  addDiagonalGradient(): void {
    // k(x, x) is constant.
  }

  /** k of the distance. */
  protected value(distance: number): number {
    return -this.variance * distance;
  }

  /** Its derivative by the distance. */
  protected slope(_distance: number): number {
    return -this.variance;
  }

  #distance(z: Float64Array, x: Float64Array): number {
    let distance = 0;
    for (const q of this.#dims) {
      if (x[q] < 0 || z[q] < 0) return Number.NaN;
      const difference = x[q] - z[q];
      if (difference !== 0) distance += difference * (difference / (x[q] + z[q]));
    }
    return distance;
  }
}

/** k = s2 exp(-gamma sum_q (x_q - z_q)^2 / (x_q + z_q)): the metric "chi2", positive definite. */
export class Chi2Kernel extends AdditiveChi2Kernel {
  readonly #gamma: number;

  constructor(leaf: LeafSpec) {
    super(leaf);
    this.#gamma = leaf.positive('gamma');
  }

  protected override value(distance: number): number {
    return this.variance * Math.exp(-this.#gamma * distance);
  }

  protected override slope(distance: number): number {
    return -this.#gamma * this.value(distance);
  }
}
