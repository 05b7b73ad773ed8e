import { Matrix } from '../linalg/matrix.js';
import { scratch } from '../linalg/scratch-stack.js';
import { BaseKernel } from './base-kernel.js';
import type { LeafSpec } from './leaf-spec.js';
import { weightedDotProducts, weightedSquareNorms } from './pairwise.js';

/** The sine of an angle above which the arc sine loses digits. */
const STEEP = 0.9;

/**
 * k = s2 (2/pi) asin( c(x,z) / sqrt((c(x,x) + 1)(c(z,z) + 1)) ), c(x,z) = sum_q w_q x_q z_q + b: an infinitely wide
 * layer of sigmoids. GPy's MLP; Rasmussen & Williams (2006), eq. (4.29), p. 91, with the factors 2 absorbed.
 */
export class MlpKernel extends BaseKernel {
  readonly #dims: Int32Array;
  /** s2 2/pi */
  readonly #amplitude: number;
  readonly #weights: Float64Array;
  readonly #bias: number;

  constructor(leaf: LeafSpec) {
    super(leaf.spec);
    this.#dims = leaf.dims;
    this.#amplitude = leaf.nonNegative('variance') * (2 / Math.PI);
    this.#weights = leaf.nonNegativePerDim('weight_variance');
    this.#bias = leaf.nonNegative('bias_variance');
  }

  panel(Z: Matrix, X: Matrix, out: Float64Array): void {
    const n = Z.rows;
    const m = X.rows;
    const amplitude = this.#amplitude;
    const bias = this.#bias;
    const zNorms = scratch.take(n);
    const xNorms = scratch.take(m);
    this.#norms(Z, zNorms);
    this.#norms(X, xNorms);
    weightedDotProducts(Z, X, this.#dims, this.#weights, out);
    for (let i = 0, k = 0; i < n; i += 1) {
      for (let j = 0; j < m; j += 1, k += 1) {
        const c = out[k] + bias;
        const u = c / (zNorms[i] * xNorms[j]);
        const angle =
          Math.abs(u) < STEEP ? Math.asin(u) : Math.atan2(c, Math.sqrt(this.#opposite(Z, i, X, j)));
        out[k] = amplitude * angle;
      }
    }
    scratch.release(2);
  }

  diagonal(X: Matrix, out: Float64Array): void {
    weightedSquareNorms(X, this.#dims, this.#weights, out);
    for (let j = 0; j < out.length; j += 1) {
      const c = out[j] + this.#bias;
      out[j] = this.#amplitude * Math.atan2(c, Math.sqrt(2 * c + 1));
    }
  }

  /**
   * With A = c(x,x) + 1, B = c(z,z) + 1, c = c(x,z): dk/dx_q = s2 (2/pi) w_q (z_q - x_q c / A) / sqrt(A B - c^2), where
   * z_q - x_q c / A is computed as (z_q - x_q) + x_q (A - c) / A.
   */
  addGradient(Z: Matrix, x: Float64Array, weights: Float64Array, out: Float64Array): void {
    const X = new Matrix(1, x.length, x);
    const norm = new Float64Array(1);
    weightedSquareNorms(X, this.#dims, this.#weights, norm);
    const A = norm[0] + this.#bias + 1;
    for (let i = 0; i < Z.rows; i += 1) {
      const z = Z.row(i);
      const common = (weights[i] * this.#amplitude) / Math.sqrt(this.#opposite(Z, i, X, 0));
      let rest = 1;
      for (let q = 0; q < this.#dims.length; q += 1) {
        const column = this.#dims[q];
        rest += this.#weights[q] * x[column] * (x[column] - z[column]);
      }
      for (let q = 0; q < this.#dims.length; q += 1) {
        const column = this.#dims[q];
        out[column] += common * this.#weights[q] * (z[column] - x[column] + (x[column] * rest) / A);
      }
    }
  }

  /** d/dx asin(c / (c + 1)) = 2 w x / ((c + 1) sqrt(2 c + 1)). */
  addDiagonalGradient(x: Float64Array, scale: number, out: Float64Array): void {
    const norm = new Float64Array(1);
    weightedSquareNorms(new Matrix(1, x.length, x), this.#dims, this.#weights, norm);
    const c = norm[0] + this.#bias;
    const common = (2 * scale * this.#amplitude) / ((c + 1) * Math.sqrt(2 * c + 1));
    this.#dims.forEach((column, q) => {
      out[column] += common * this.#weights[q] * x[column];
    });
  }

  /**
   * (c(x,x) + 1)(c(z,z) + 1) - c(x,z)^2, at least 1. Of c(x,x) c(z,z) - c(x,z)^2 nothing would be left where x and z are
   * close (or opposite): it is also (t.t)(z.z) - (t.z)^2 for t = x - z (or x + z), in the product that c is.
   */
  #opposite(Z: Matrix, i: number, X: Matrix, j: number): number {
    let xz = this.#bias;
    for (let q = 0; q < this.#dims.length; q += 1) {
      xz += this.#weights[q] * Z.get(i, this.#dims[q]) * X.get(j, this.#dims[q]);
    }
    const sign = xz < 0 ? 1 : -1;
    const b = this.#bias * (1 + sign);
    let xx = this.#bias;
    let zz = this.#bias;
    let tt = b * (1 + sign);
    let tz = b;
    for (let q = 0; q < this.#dims.length; q += 1) {
      const w = this.#weights[q];
      const x = X.get(j, this.#dims[q]);
      const z = Z.get(i, this.#dims[q]);
      const t = x + sign * z;
      xx += w * x * x;
      zz += w * z * z;
      tt += w * t * t;
      tz += w * t * z;
    }
    return Math.max(0, tt * zz - tz * tz) + xx + zz + 1;
  }

  /** sqrt(c(x,x) + 1) for each point. */
  #norms(X: Matrix, out: Float64Array): void {
    weightedSquareNorms(X, this.#dims, this.#weights, out);
    for (let j = 0; j < out.length; j += 1) out[j] = Math.sqrt(out[j] + this.#bias + 1);
  }
}
