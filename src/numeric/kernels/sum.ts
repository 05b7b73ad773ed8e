import type { Matrix } from '../linalg/matrix.js';
import { CombinationKernel } from './combination.js';

/** k = k_1 + k_2 + ... Rasmussen & Williams (2006), section 4.2.4, p. 95. */
export class SumKernel extends CombinationKernel {
  protected combine(values: Float64Array, out: Float64Array): void {
    this.math.addValues(values, out);
  }

  addGradient(Z: Matrix, x: Float64Array, weights: Float64Array, out: Float64Array): void {
    for (const part of this.parts) part.addGradient(Z, x, weights, out);
  }

  addParameterGradients(Z: Matrix, X: Matrix, W: Float64Array, out: Float64Array): void {
    this.forEachPart(out, (part, own) => part.addParameterGradients(Z, X, W, own));
  }

  addDiagonalParameterGradients(X: Matrix, weights: Float64Array, out: Float64Array): void {
    this.forEachPart(out, (part, own) => part.addDiagonalParameterGradients(X, weights, own));
  }

  addMatrixParameterGradients(X: Matrix, W: Float64Array, out: Float64Array): void {
    this.forEachPart(out, (part, own) => part.addMatrixParameterGradients(X, W, own));
  }

  addDiagonalGradient(x: Float64Array, scale: number, out: Float64Array): void {
    for (const part of this.parts) part.addDiagonalGradient(x, scale, out);
  }
}
