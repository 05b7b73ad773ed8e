import type { Matrix } from '../linalg/matrix.js';
import type { PanelMath } from '../linalg/panel-math.js';
import type { KernelSpec } from './kernel-spec.js';
import type { Kernel } from './kernel.js';

/** A kernel made of others, value by value. A subclass says how two values combine and what their gradient is. */
export abstract class CombinationKernel implements Kernel {
  constructor(
    readonly spec: KernelSpec,
    protected readonly parts: readonly Kernel[],
    protected readonly math: PanelMath,
  ) {}

  /** out_k := out_k combined with values_k. */
  protected abstract combine(values: Float64Array, out: Float64Array): void;

  abstract addGradient(Z: Matrix, x: Float64Array, weights: Float64Array, out: Float64Array): void;
  abstract addDiagonalGradient(x: Float64Array, scale: number, out: Float64Array): void;

  panel(Z: Matrix, X: Matrix, out: Float64Array): void {
    this.parts[0].panel(Z, X, out);
    if (this.parts.length === 1) return;
    const { scratch } = this.math;
    const values = scratch.take(out.length);
    try {
      for (let i = 1; i < this.parts.length; i += 1) {
        this.parts[i].panel(Z, X, values);
        this.combine(values, out);
      }
    } finally {
      scratch.release();
    }
  }

  diagonal(X: Matrix, out: Float64Array): void {
    this.parts[0].diagonal(X, out);
    if (this.parts.length === 1) return;
    const { scratch } = this.math;
    const values = scratch.take(out.length);
    try {
      for (let i = 1; i < this.parts.length; i += 1) {
        this.parts[i].diagonal(X, values);
        this.combine(values, out);
      }
    } finally {
      scratch.release();
    }
  }

  /** The smallest of the parts': what varies fastest decides how far a point's influence reaches. */
  lowerToLengthscales(out: Float64Array): void {
    for (const part of this.parts) part.lowerToLengthscales(out);
  }

  matrix(X: Matrix): Matrix {
    const K = this.parts[0].matrix(X);
    for (let i = 1; i < this.parts.length; i += 1) this.combine(this.parts[i].matrix(X).data, K.data);
    return K;
  }
}
