import type { Matrix } from '../linalg/matrix.js';
import { BaseKernel } from './base-kernel.js';
import type { LeafSpec } from './leaf-spec.js';

/** s2 for a point with itself, 0 between two sets even where their points coincide, as in GPy. */
export class WhiteKernel extends BaseKernel {
  readonly #variance: number;

  constructor(leaf: LeafSpec) {
    super(leaf.spec, leaf.trained('variance'));
    this.#variance = leaf.nonNegative('variance');
  }

  panel(_Z: Matrix, _X: Matrix, out: Float64Array): void {
    out.fill(0);
  }

  diagonal(_X: Matrix, out: Float64Array): void {
    out.fill(this.#variance);
  }

  override addParameterGradients(): void {
    // 0 between two sets.
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
