import { KernelSpecError } from '../errors.js';
import type { PanelMath } from '../linalg/panel-math.js';
import { Matrix } from '../linalg/matrix.js';
import { parametersOfParts } from './combination.js';
import type { KernelParameter } from './kernel-parameter.js';
import type { KernelSpec } from './kernel-spec.js';
import type { Kernel } from './kernel.js';

/**
 * k = (k_1)^exponent, one part: scikit-learn's Exponentiation. Positive definite for whole exponents, by the product rule
 * of Rasmussen & Williams (2006), section 4.2.4, p. 95. A negative base gives NaN where the exponent is not whole.
 */
export class PowerKernel implements Kernel {
  readonly #part: Kernel;
  readonly #exponent: number;
  /** Those of the part: the exponent is not trained. */
  readonly parameters: readonly KernelParameter[] | undefined;

  constructor(
    readonly spec: KernelSpec,
    parts: readonly Kernel[],
    private readonly math: PanelMath,
  ) {
    const { exponent, ...others } = spec.params ?? {};
    if (exponent === undefined) throw new KernelSpecError('A power kernel: parameter "exponent" is missing.');
    if (typeof exponent !== 'number' || !(exponent > 0 && exponent < Infinity)) {
      throw new KernelSpecError('A power kernel\'s "exponent" must be a finite number above 0.');
    }
    if (Object.keys(others).length > 0)
      throw new KernelSpecError('A power kernel has an unknown parameter, expected only "exponent".');
    if (parts.length !== 1)
      throw new KernelSpecError(`A power kernel must have one part, got ${parts.length}.`);
    this.#part = parts[0];
    this.parameters = parametersOfParts(parts);
    this.#exponent = exponent;
  }

  panel(Z: Matrix, X: Matrix, out: Float64Array): void {
    this.#part.panel(Z, X, out);
    this.#raise(out);
  }

  diagonal(X: Matrix, out: Float64Array): void {
    this.#part.diagonal(X, out);
    this.#raise(out);
  }

  matrix(X: Matrix): Matrix {
    const K = this.#part.matrix(X);
    this.#raise(K.data);
    return K;
  }

  /** dk = exponent k_1^(exponent - 1) dk_1 */
  addGradient(Z: Matrix, x: Float64Array, weights: Float64Array, out: Float64Array): void {
    const { scratch } = this.math;
    const factors = scratch.take(Z.rows);
    try {
      this.#part.panel(Z, new Matrix(1, x.length, x), factors);
      for (let i = 0; i < factors.length; i += 1) factors[i] = weights[i] * this.#slope(factors[i]);
      this.#part.addGradient(Z, x, factors, out);
    } finally {
      scratch.release();
    }
  }

  lowerTriangle(X: Matrix, out: Float64Array): void {
    this.#part.lowerTriangle(X, out);
    this.#raise(out);
  }

  addParameterGradients(Z: Matrix, X: Matrix, W: Float64Array, out: Float64Array): void {
    this.#weighted(
      W,
      (values) => this.#part.panel(Z, X, values),
      (weights) => this.#part.addParameterGradients(Z, X, weights, out),
    );
  }

  addDiagonalParameterGradients(X: Matrix, weights: Float64Array, out: Float64Array): void {
    this.#weighted(
      weights,
      (values) => this.#part.diagonal(X, values),
      (own) => this.#part.addDiagonalParameterGradients(X, own, out),
    );
  }

  addMatrixParameterGradients(X: Matrix, W: Float64Array, out: Float64Array): void {
    this.#weighted(
      W,
      (values) => this.#part.lowerTriangle(X, values),
      (weights) => this.#part.addMatrixParameterGradients(X, weights, out),
    );
  }

  /** Calls `add` with W times exponent k_1^(exponent - 1). */
  #weighted(
    W: Float64Array,
    valuesOf: (values: Float64Array) => void,
    add: (weights: Float64Array) => void,
  ): void {
    const { scratch } = this.math;
    const weights = scratch.take(W.length);
    try {
      valuesOf(weights);
      for (let k = 0; k < weights.length; k += 1)
        weights[k] = W[k] === 0 ? 0 : W[k] * this.#slope(weights[k]);
      add(weights);
    } finally {
      scratch.release();
    }
  }

  addDiagonalGradient(x: Float64Array, scale: number, out: Float64Array): void {
    const value = new Float64Array(1);
    this.#part.diagonal(new Matrix(1, x.length, x), value);
    this.#part.addDiagonalGradient(x, scale * this.#slope(value[0]), out);
  }

  lowerToLengthscales(out: Float64Array): void {
    this.#part.lowerToLengthscales(out);
  }

  #raise(values: Float64Array): void {
    const exponent = this.#exponent;
    for (let i = 0; i < values.length; i += 1) values[i] **= exponent;
  }

  /** Infinite at 0 for an exponent below 1: taken as 0, as at other kinks. */
  #slope(value: number): number {
    const exponent = this.#exponent;
    return value === 0 && exponent < 1 ? 0 : exponent * value ** (exponent - 1);
  }
}
