import { UntrainableKernelError } from '../errors.js';
import { Matrix } from '../linalg/matrix.js';
import { scratch } from '../linalg/scratch-stack.js';
import type { KernelParameter } from './kernel-parameter.js';
import type { KernelSpec } from './kernel-spec.js';
import type { Kernel } from './kernel.js';

/** Rows of K(X, X) that are worked on together where a kernel knows panels only. */
const BLOCK = 32;

/**
 * What most kernels share: K(X, X) and its gradients from those of panels and diagonals, and no lengthscales. A kernel
 * that can be trained names its `parameters` and overrides the two gradients by them.
 */
export abstract class BaseKernel implements Kernel {
  constructor(
    readonly spec: KernelSpec,
    readonly parameters: readonly KernelParameter[] | undefined = undefined,
  ) {}

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

  lowerTriangle(X: Matrix, out: Float64Array): void {
    const m = X.rows;
    const block = scratch.take(BLOCK * m);
    try {
      for (let start = 0; start < m; start += BLOCK) {
        const end = Math.min(m, start + BLOCK);
        this.panel(X.slice(start, end), X.slice(0, end), block.subarray(0, (end - start) * end));
        for (let i = start; i < end; i += 1) {
          const row = (i - start) * end;
          out.set(block.subarray(row, row + i + 1), i * m);
        }
      }
    } finally {
      scratch.release();
    }
    const diagonal = new Float64Array(m);
    this.diagonal(X, diagonal);
    for (let i = 0; i < m; i += 1) out[i * m + i] = diagonal[i];
  }

  addParameterGradients(_Z: Matrix, _X: Matrix, _W: Float64Array, _out: Float64Array): void {
    throw new UntrainableKernelError(this.spec.type);
  }

  addDiagonalParameterGradients(_X: Matrix, _weights: Float64Array, _out: Float64Array): void {
    throw new UntrainableKernelError(this.spec.type);
  }

  addMatrixParameterGradients(X: Matrix, W: Float64Array, out: Float64Array): void {
    const m = X.rows;
    const block = scratch.take(BLOCK * m);
    try {
      for (let start = 0; start < m; start += BLOCK) {
        const end = Math.min(m, start + BLOCK);
        const weights = block.subarray(0, (end - start) * end);
        // Each pair once, with both its weights; the diagonal apart.
        for (let i = start, k = 0; i < end; i += 1) {
          for (let j = 0; j < end; j += 1, k += 1) weights[k] = j < i ? 2 * W[i * m + j] : 0;
        }
        this.addParameterGradients(X.slice(start, end), X.slice(0, end), weights, out);
      }
    } finally {
      scratch.release();
    }
    this.addDiagonalParameterGradients(X, diagonalOf(W, m), out);
  }
}

/** The diagonal of an m x m matrix. */
export function diagonalOf(W: Float64Array, m: number): Float64Array {
  const diagonal = new Float64Array(m);
  for (let i = 0; i < m; i += 1) diagonal[i] = W[i * (m + 1)];
  return diagonal;
}
