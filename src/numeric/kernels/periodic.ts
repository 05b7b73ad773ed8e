import { Matrix } from '../linalg/matrix.js';
import type { PanelMath } from '../linalg/panel-math.js';
import { BaseKernel } from './base-kernel.js';
import type { LeafSpec } from './leaf-spec.js';

/**
 * k = s2 exp(-1/2 sum_q (sin(pi (x_q - z_q) / period_q) / lengthscale_q)^2). GPy's StdPeriodic; MacKay (1998);
 * Rasmussen & Williams (2006), eq. (4.31), p. 92, has a factor 2 in the exponent instead of 1/2.
 */
export class PeriodicKernel extends BaseKernel {
  readonly #dims: Int32Array;
  readonly #variance: number;
  readonly #math: PanelMath;
  /** pi / period, one an active dimension. */
  readonly #frequency: Float64Array;
  /** 1 / lengthscale, one an active dimension. */
  readonly #scale: Float64Array;
  /** How many of either training may change: one, or one an active dimension. */
  readonly #periods: number;
  readonly #lengthscales: number;

  constructor(leaf: LeafSpec) {
    super(leaf.spec, leaf.trained('variance', 'period', 'lengthscale'));
    this.#periods = leaf.trained('period').length;
    this.#lengthscales = leaf.trained('lengthscale').length;
    this.#dims = leaf.dims;
    this.#math = leaf.math;
    this.#variance = leaf.nonNegative('variance');
    this.#frequency = leaf.positivePerDim('period').map((period) => Math.PI / period);
    this.#scale = leaf.positivePerDim('lengthscale').map((lengthscale) => 1 / lengthscale);
    if (!this.#frequency.every(Number.isFinite)) leaf.fail('parameter "period" is too small to divide by');
    if (!this.#scale.every(Number.isFinite)) leaf.fail('parameter "lengthscale" is too small to divide by');
  }

  panel(Z: Matrix, X: Matrix, out: Float64Array): void {
    const variance = this.#variance;
    const points = { Z, X, dims: this.#dims, scale: this.#scale };
    if (this.#math.periodicPanel(variance, this.#frequency, points, out)) return;
    const m = X.rows;
    out.fill(0);
    for (let q = 0; q < this.#dims.length; q += 1) {
      const column = this.#dims[q];
      const frequency = this.#frequency[q];
      const scale = this.#scale[q];
      for (let i = 0, k = 0; i < Z.rows; i += 1) {
        const z = Z.data[i * Z.cols + column];
        for (let j = 0, x = column; j < m; j += 1, k += 1, x += X.cols) {
          const t = Math.sin((z - X.data[x]) * frequency) * scale;
          out[k] += t * t;
        }
      }
    }
    for (let k = 0; k < out.length; k += 1) out[k] = variance * Math.exp(-0.5 * out[k]);
  }

  /**
   * With a = pi (x_q - z_q) / period_q: dk/dperiod_q = k a sin(2a) / (2 lengthscale_q^2 period_q), and
   * dk/dlengthscale_q = k sin(a)^2 / lengthscale_q^3.
   */
  override addParameterGradients(Z: Matrix, X: Matrix, W: Float64Array, out: Float64Array): void {
    const m = X.rows;
    const row = new Float64Array(m);
    for (let i = 0; i < Z.rows; i += 1) {
      this.panel(Z.slice(i, i + 1), X, row);
      let total = 0;
      for (let j = 0; j < m; j += 1) {
        row[j] *= W[i * m + j];
        total += row[j];
      }
      if (this.#variance > 0) out[0] += total / this.#variance;
      this.#dims.forEach((column, q) => {
        const z = Z.data[i * Z.cols + column];
        let period = 0;
        let lengthscale = 0;
        for (let j = 0, x = column; j < m; j += 1, x += X.cols) {
          const a = this.#frequency[q] * (X.data[x] - z);
          const sine = Math.sin(a);
          period += row[j] * a * sine * Math.cos(a);
          lengthscale += row[j] * sine * sine;
        }
        const scale = this.#scale[q];
        out[1 + Math.min(q, this.#periods - 1)] += (period * scale * scale * this.#frequency[q]) / Math.PI;
        out[1 + this.#periods + Math.min(q, this.#lengthscales - 1)] += lengthscale * scale ** 3;
      });
    }
  }

  override addDiagonalParameterGradients(_X: Matrix, weights: Float64Array, out: Float64Array): void {
    out[0] += weights.reduce((sum, weight) => sum + weight, 0);
  }

  diagonal(_X: Matrix, out: Float64Array): void {
    out.fill(this.#variance);
  }

  /** dk/dx_q = -k (pi / period_q) sin(2 pi (x_q - z_q) / period_q) / (2 lengthscale_q^2). */
  addGradient(Z: Matrix, x: Float64Array, weights: Float64Array, out: Float64Array): void {
    const { scratch } = this.#math;
    const values = scratch.take(Z.rows);
    this.panel(Z, new Matrix(1, x.length, x), values);
    this.#dims.forEach((column, q) => {
      const frequency = this.#frequency[q];
      let sum = 0;
      for (let i = 0, k = column; i < Z.rows; i += 1, k += Z.cols) {
        sum += weights[i] * values[i] * Math.sin(2 * frequency * (x[column] - Z.data[k]));
      }
      if (sum !== 0) out[column] -= 0.5 * frequency * this.#scale[q] * this.#scale[q] * sum;
    });
    scratch.release();
  }

  addDiagonalGradient(): void {
    // k(x, x) is constant.
  }
}
