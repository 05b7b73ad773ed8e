import { NumericInputError } from '../errors.js';
import { Matrix } from '../linalg/matrix.js';
import { BaseKernel } from './base-kernel.js';
import type { KernelParameter } from './kernel-parameter.js';
import type { LeafSpec } from './leaf-spec.js';

/**
 * k = B[x, z] with B = W W^T + diag(kappa) (p x p): x and z are output indices 0 .. p-1, held as integers in one input
 * column. GPy's Coregionalize; Alvarez, Rosasco & Lawrence (2012), "Kernels for Vector-Valued Functions", section 4.2.
 *
 * Throws NumericInputError for an index that is not an integer from 0 to p-1 (GPy truncates, and reads memory out of
 * bounds). The index is not a continuous input: its gradient is 0.
 */
export class CoregionalizeKernel extends BaseKernel {
  readonly #column: number;
  readonly #B: Matrix;
  /** p x rank */
  readonly #W: readonly (readonly number[])[];

  constructor(leaf: LeafSpec) {
    super(leaf.spec, [...leaf.trained('kappa'), ...trainedRows(leaf)]);
    this.#column = leaf.singleDim();
    const kappa = leaf.nonNegativeList('kappa');
    const p = kappa.length;
    const W = leaf.rows('W', p);
    this.#W = W;
    this.#B = Matrix.zeros(p, p);
    for (let i = 0; i < p; i += 1) {
      for (let j = 0; j < p; j += 1) {
        let sum = i === j ? kappa[i] : 0;
        for (let k = 0; k < W[i].length; k += 1) sum += W[i][k] * W[j][k];
        this.#B.data[i * p + j] = sum;
      }
    }
  }

  panel(Z: Matrix, X: Matrix, out: Float64Array): void {
    const columns = Int32Array.from({ length: X.rows }, (_, j) => this.#index(X, j));
    const p = this.#B.cols;
    const B = this.#B.data;
    for (let i = 0, k = 0; i < Z.rows; i += 1) {
      const row = this.#index(Z, i) * p;
      for (let j = 0; j < columns.length; j += 1, k += 1) out[k] = B[row + columns[j]];
    }
  }

  diagonal(X: Matrix, out: Float64Array): void {
    for (let j = 0; j < X.rows; j += 1) {
      const index = this.#index(X, j);
      out[j] = this.#B.get(index, index);
    }
  }

  /** With S_ab the weights of the pairs of outputs a and b: S_aa by kappa_a, and ((S + S^T) W)_ac by W_ac. */
  override addParameterGradients(Z: Matrix, X: Matrix, weights: Float64Array, out: Float64Array): void {
    const p = this.#B.rows;
    const S = new Float64Array(p * p);
    for (let i = 0, k = 0; i < Z.rows; i += 1) {
      const row = this.#index(Z, i) * p;
      for (let j = 0; j < X.rows; j += 1, k += 1) S[row + this.#index(X, j)] += weights[k];
    }
    this.#contract(S, out);
  }

  override addDiagonalParameterGradients(X: Matrix, weights: Float64Array, out: Float64Array): void {
    const p = this.#B.rows;
    const S = new Float64Array(p * p);
    for (let j = 0; j < X.rows; j += 1) S[this.#index(X, j) * (p + 1)] += weights[j];
    this.#contract(S, out);
  }

  #contract(S: Float64Array, out: Float64Array): void {
    const p = this.#B.rows;
    const rank = this.#W[0].length;
    for (let a = 0; a < p; a += 1) {
      out[a] += S[a * p + a];
      for (let b = 0; b < p; b += 1) {
        const both = S[a * p + b] + S[b * p + a];
        for (let c = 0; c < rank; c += 1) out[p + a * rank + c] += both * this.#W[b][c];
      }
    }
  }

  addGradient(): void {
    // The index is discrete.
  }

  addDiagonalGradient(): void {
    // The index is discrete.
  }

  #index(X: Matrix, row: number): number {
    const index = X.data[row * X.cols + this.#column];
    if (Number.isInteger(index) && index >= 0 && index < this.#B.rows) return index;
    throw new NumericInputError(
      `Input column ${this.#column} of row ${row} is ${index}: it chooses an output and must be an integer ` +
        `from 0 to ${this.#B.rows - 1}.`,
    );
  }
}

/** The numbers of W, row by row. */
function trainedRows(leaf: LeafSpec): KernelParameter[] {
  const W: unknown = leaf.spec.params?.['W'];
  if (!Array.isArray(W)) return [];
  return W.flatMap((row: number | readonly number[], a) =>
    (Array.isArray(row) ? (row as number[]) : [row as number]).map((value, c) => ({
      parts: [],
      name: 'W',
      index: Array.isArray(row) ? [a, c] : [a],
      value,
      dims: [...leaf.dims],
      signed: true,
    })),
  );
}
