import type { Matrix } from '../linalg/matrix.js';
import { BaseKernel } from './base-kernel.js';
import type { LeafSpec } from './leaf-spec.js';

/** k = s2, everywhere. */
export class BiasKernel extends BaseKernel {
  readonly #variance: number;

  constructor(leaf: LeafSpec) {
    super(leaf.spec, leaf.trained('variance'));
    this.#variance = leaf.nonNegative('variance');
  }

  panel(_Z: Matrix, _X: Matrix, out: Float64Array): void {
    out.fill(this.#variance);
  }

  diagonal(_X: Matrix, out: Float64Array): void {
    out.fill(this.#variance);
  }

  override addParameterGradients(_Z: Matrix, _X: Matrix, W: Float64Array, out: Float64Array): void {
    out[0] += W.reduce((sum, weight) => sum + weight, 0);
  }

  override addDiagonalParameterGradients(_X: Matrix, weights: Float64Array, out: Float64Array): void {
    out[0] += weights.reduce((sum, weight) => sum + weight, 0);
  }

  addGradient(): void {
    // k is constant.
  }

  addDiagonalGradient(): void {
    // k is constant.
  }
}
