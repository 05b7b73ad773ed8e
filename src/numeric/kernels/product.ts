import { Matrix } from '../linalg/matrix.js';
import type { Kernel } from './kernel.js';
import { CombinationKernel } from './combination.js';

/** k = k_1 k_2 ... Rasmussen & Williams (2006), section 4.2.4, p. 95. */
export class ProductKernel extends CombinationKernel {
  protected combine(values: Float64Array, out: Float64Array): void {
    this.math.multiplyValues(values, out);
  }

  /** Product rule: part a sees the weights times the values of all other parts, without dividing by its own. */
  addGradient(Z: Matrix, x: Float64Array, weights: Float64Array, out: Float64Array): void {
    const { parts } = this;
    const { scratch } = this.math;
    const n = Z.rows;
    const X = new Matrix(1, x.length, x);
    const after = scratch.take(parts.length * n);
    const before = scratch.take(n);
    const own = scratch.take(n);
    try {
      // Row a of `after`: the product of the parts behind a.
      after.fill(1, (parts.length - 1) * n);
      for (let a = parts.length - 1; a > 0; a -= 1) {
        const row = after.subarray((a - 1) * n, a * n);
        parts[a].panel(Z, X, row);
        this.combine(after.subarray(a * n, (a + 1) * n), row);
      }
      before.set(weights);
      parts.forEach((part, a) => {
        const row = after.subarray(a * n, (a + 1) * n);
        this.combine(before, row);
        part.addGradient(Z, x, row, out);
        part.panel(Z, X, own);
        this.combine(own, before);
      });
    } finally {
      scratch.release(3);
    }
  }

  addParameterGradients(Z: Matrix, X: Matrix, W: Float64Array, out: Float64Array): void {
    this.#partByPart(
      W,
      out,
      (part, values) => part.panel(Z, X, values),
      (part, weights, own) => part.addParameterGradients(Z, X, weights, own),
    );
  }

  addDiagonalParameterGradients(X: Matrix, weights: Float64Array, out: Float64Array): void {
    this.#partByPart(
      weights,
      out,
      (part, values) => part.diagonal(X, values),
      (part, own, gradients) => part.addDiagonalParameterGradients(X, own, gradients),
    );
  }

  addMatrixParameterGradients(X: Matrix, W: Float64Array, out: Float64Array): void {
    this.#partByPart(
      W,
      out,
      (part, values) => part.lowerTriangle(X, values),
      (part, weights, own) => part.addMatrixParameterGradients(X, weights, own),
    );
  }

  /** Product rule, as above: part a sees the weights times the values of all others. */
  #partByPart(
    W: Float64Array,
    out: Float64Array,
    valuesOf: (part: Kernel, values: Float64Array) => void,
    add: (part: Kernel, weights: Float64Array, own: Float64Array) => void,
  ): void {
    const { scratch } = this.math;
    const weights = scratch.take(W.length);
    const values = scratch.take(W.length);
    try {
      this.forEachPart(out, (part, own, a) => {
        weights.set(W);
        this.parts.forEach((other, b) => {
          if (b === a) return;
          valuesOf(other, values);
          this.combine(values, weights);
        });
        add(part, weights, own);
      });
    } finally {
      scratch.release(2);
    }
  }

  addDiagonalGradient(x: Float64Array, scale: number, out: Float64Array): void {
    const X = new Matrix(1, x.length, x);
    const value = new Float64Array(1);
    const values = this.parts.map((part) => {
      part.diagonal(X, value);
      return value[0];
    });
    const after = new Float64Array(values.length).fill(1);
    for (let a = values.length - 1; a > 0; a -= 1) after[a - 1] = after[a] * values[a];
    let before = scale;
    this.parts.forEach((part, a) => {
      part.addDiagonalGradient(x, before * after[a], out);
      before *= values[a];
    });
  }
}
