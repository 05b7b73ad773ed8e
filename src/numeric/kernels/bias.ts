import type { Matrix } from '../linalg/matrix.js';
import { BaseKernel } from './base-kernel.js';
import type { LeafSpec } from './leaf-spec.js';

/** k = s2, everywhere. */
export class BiasKernel extends BaseKernel {
  readonly #variance: number;

  constructor(leaf: LeafSpec) {
    super(leaf.spec);
    this.#variance = leaf.nonNegative('variance');
  }

  panel(_Z: Matrix, _X: Matrix, out: Float64Array): void {
    out.fill(this.#variance);
  }

  diagonal(_X: Matrix, out: Float64Array): void {
    out.fill(this.#variance);
  }

  addGradient(): void {
    // k is constant.
  }

  addDiagonalGradient(): void {
    // k is constant.
  }
}
