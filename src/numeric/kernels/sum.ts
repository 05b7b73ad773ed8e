import type { Matrix } from '../linalg/matrix.js';
import { scratch } from '../linalg/scratch-stack.js';
import type { KernelSpec } from './kernel-spec.js';
import type { Kernel } from './kernel.js';

/** k = k_1 + k_2 + ... Rasmussen & Williams (2006), section 4.2.4, p. 95. */
export class SumKernel implements Kernel {
  constructor(
    readonly spec: KernelSpec,
    readonly parts: readonly Kernel[],
  ) {}

  panel(Z: Matrix, X: Matrix, out: Float64Array): void {
    this.#accumulate(out, (part, values) => part.panel(Z, X, values));
  }

  diagonal(X: Matrix, out: Float64Array): void {
    this.#accumulate(out, (part, values) => part.diagonal(X, values));
  }

  matrix(X: Matrix): Matrix {
    const [first, ...rest] = this.parts;
    const K = first.matrix(X);
    for (const part of rest) add(part.matrix(X).data, K.data);
    return K;
  }

  addGradient(Z: Matrix, x: Float64Array, weights: Float64Array, out: Float64Array): void {
    for (const part of this.parts) part.addGradient(Z, x, weights, out);
  }

  addDiagonalGradient(x: Float64Array, scale: number, out: Float64Array): void {
    for (const part of this.parts) part.addDiagonalGradient(x, scale, out);
  }

  #accumulate(out: Float64Array, write: (part: Kernel, values: Float64Array) => void): void {
    write(this.parts[0], out);
    if (this.parts.length === 1) return;
    const values = scratch.take(out.length);
    try {
      for (let i = 1; i < this.parts.length; i += 1) {
        write(this.parts[i], values);
        add(values, out);
      }
    } finally {
      scratch.release();
    }
  }
}

function add(values: Float64Array, out: Float64Array): void {
  for (let k = 0; k < out.length; k += 1) out[k] += values[k];
}
