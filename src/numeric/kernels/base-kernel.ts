import { Matrix } from '../linalg/matrix.js';
import type { KernelSpec } from './kernel-spec.js';
import type { Kernel } from './kernel.js';

/** What most kernels share: K(X, X) from `panel` and `diagonal`, and no lengthscales. */
export abstract class BaseKernel implements Kernel {
  constructor(readonly spec: KernelSpec) {}

  abstract panel(Z: Matrix, X: Matrix, out: Float64Array): void;
  abstract diagonal(X: Matrix, out: Float64Array): void;
  abstract addGradient(Z: Matrix, x: Float64Array, weights: Float64Array, out: Float64Array): void;
  abstract addDiagonalGradient(x: Float64Array, scale: number, out: Float64Array): void;

  lowerToLengthscales(_out: Float64Array): void {
    // Only stationary kernels have lengthscales in units of the inputs.
  }

  matrix(X: Matrix): Matrix {
    const m = X.rows;
    const K = Matrix.zeros(m, m);
    this.panel(X, X, K.data);
    const diagonal = new Float64Array(m);
    this.diagonal(X, diagonal);
    for (let i = 0; i < m; i += 1) K.data[i * m + i] = diagonal[i];
    return K;
  }
}
