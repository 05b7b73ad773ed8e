import { Matrix } from '../linalg/matrix.js';
import { UntrainableKernelError } from '../errors.js';
import type { PanelMath, PointPairs, StationaryProfile } from '../linalg/panel-math.js';
import { BaseKernel, diagonalOf } from './base-kernel.js';
import type { LeafSpec } from './leaf-spec.js';
import { scaledSquaredDistances } from './pairwise.js';

/** Rows of a panel whose weights are summed together. */
const BLOCK = 32;

const DISTANCE: StationaryProfile = { shape: 'squared-distance', variance: 1 };

/**
 * A kernel of the scaled distance alone, k(x, z) = s2 f(r) with r^2 = sum_q ((x_q - z_q) / lengthscale_q)^2 and
 * f(0) = 1. A subclass gives two functions, each over a whole array: its values and its slopes. Where backends know
 * its values by name, `profile` says so, and they may compute whole panels at once.
 *
 * The gradient is dk/dx_q = slope(r^2) (x_q - z_q) / lengthscale_q^2 with slope = (dk/dr) / r = 2 dk/d(r^2). At r = 0
 * it is 0, also for kernels with a kink there, as in GPy. The same function of the distance gives the gradients by the
 * hyperparameters: dk/dlengthscale_q = -slope(r^2) t_q^2 / lengthscale_q, t_q = (x_q - z_q) / lengthscale_q, and
 * dk/ds2 = k / s2. Rasmussen & Williams (2006), section 5.4.1, p. 114.
 */
export abstract class StationaryKernel extends BaseKernel {
  protected readonly variance: number;
  readonly #math: PanelMath;
  readonly #dims: Int32Array;
  /** 1 / lengthscale, one an active dimension. */
  readonly #scale: Float64Array;
  /** One an active dimension; undefined where distances are divided by something else, such as a period. */
  readonly #lengthscales: Float64Array | undefined;
  /** How many of `parameters` are scales: one, or one an active dimension. */
  readonly #scales: number;
  readonly #others: readonly string[];

  /**
   * @param scaleName the parameter that distances are divided by
   * @param others further parameters that training may change: each one number, with its own `slopesBy`
   */
  constructor(leaf: LeafSpec, scaleName = 'lengthscale', others: readonly string[] = []) {
    super(leaf.spec, leaf.trained('variance', scaleName, ...others));
    this.#others = others;
    this.#scales = leaf.trained(scaleName).length;
    this.variance = leaf.nonNegative('variance');
    this.#math = leaf.math;
    this.#dims = leaf.dims;
    const lengthscales = leaf.positivePerDim(scaleName);
    this.#lengthscales = scaleName === 'lengthscale' ? lengthscales : undefined;
    this.#scale = lengthscales.map((lengthscale) => 1 / lengthscale);
    if (!this.#scale.every(Number.isFinite)) leaf.fail(`parameter "${scaleName}" is too small to divide by`);
  }

  /** Replaces each r^2 by k. Infinity must give a finite number. */
  protected abstract values(r2: Float64Array): void;

  /** Replaces each r^2 by (dk/dr) / r; finite at 0. */
  protected abstract slopes(r2: Float64Array): void;

  /** Replaces each r^2 by dk/dtheta, for one of the `others`. */
  protected slopesBy(_other: string, _r2: Float64Array): void {
    throw new UntrainableKernelError(this.spec.type);
  }

  /** What backends know these values as: the same function as `values`. */
  protected get profile(): StationaryProfile | undefined {
    return undefined;
  }

  panel(Z: Matrix, X: Matrix, out: Float64Array): void {
    const { profile } = this;
    const points = { Z, X, dims: this.#dims, scale: this.#scale };
    if (profile !== undefined && this.#math.stationaryPanel(profile, points, out)) return;
    this.#squaredDistances(Z, X, out);
    this.values(out);
  }

  diagonal(_X: Matrix, out: Float64Array): void {
    out.fill(this.variance);
  }

  addGradient(Z: Matrix, x: Float64Array, weights: Float64Array, out: Float64Array): void {
    const dims = this.#dims;
    const scale = this.#scale;
    const { scratch } = this.#math;
    const slopes = scratch.take(Z.rows);
    this.#squaredDistances(Z, new Matrix(1, x.length, x), slopes);
    this.slopes(slopes);
    for (let i = 0; i < Z.rows; i += 1) {
      const weight = weights[i] * slopes[i];
      if (weight === 0) continue;
      for (let q = 0, row = i * Z.cols; q < dims.length; q += 1) {
        const column = dims[q];
        out[column] += weight * ((x[column] - Z.data[row + column]) * scale[q] * scale[q]);
      }
    }
    scratch.release();
  }

  addDiagonalGradient(_x: Float64Array, _scale: number, _out: Float64Array): void {
    // k(x, x) is constant.
  }

  override lowerToLengthscales(out: Float64Array): void {
    this.#lengthscales?.forEach((lengthscale, q) => {
      const dim = this.#dims[q];
      out[dim] = Math.min(out[dim], lengthscale);
    });
  }

  override lowerTriangle(X: Matrix, out: Float64Array): void {
    const { profile } = this;
    const points = { Z: X, X, dims: this.#dims, scale: this.#scale };
    if (profile === undefined || !this.#math.stationaryTriangle(profile, points, out))
      super.lowerTriangle(X, out);
  }

  override addParameterGradients(Z: Matrix, X: Matrix, W: Float64Array, out: Float64Array): void {
    const sums = new Float64Array(1 + this.#dims.length);
    const points = { Z, X, dims: this.#dims, scale: this.#scale };
    if (!this.#fast('panel', points, W, sums)) this.#contract(points, W, sums);
    this.#addSums(sums, out);
    this.#addOthers(points, W, out);
  }

  override addMatrixParameterGradients(X: Matrix, W: Float64Array, out: Float64Array): void {
    const sums = new Float64Array(1 + this.#dims.length);
    const points = { Z: X, X, dims: this.#dims, scale: this.#scale };
    if (this.#fast('triangle', points, W, sums)) {
      this.#addSums(sums, out);
      this.addDiagonalParameterGradients(X, diagonalOf(W, X.rows), out);
    } else {
      super.addMatrixParameterGradients(X, W, out);
    }
  }

  /** k(x, x) is the variance: none of the others changes it. */
  override addDiagonalParameterGradients(_X: Matrix, weights: Float64Array, out: Float64Array): void {
    out[0] += weights.reduce((sum, weight) => sum + weight, 0);
  }

  /** Whether the backend wrote sum W k, and sum W slope t_q^2 for each dimension, to `sums`. */
  #fast(part: 'panel' | 'triangle', points: PointPairs, W: Float64Array, sums: Float64Array): boolean {
    const { profile } = this;
    if (profile === undefined || this.#others.length > 0) return false;
    return this.#math.stationarySums(profile, part, points, W, sums);
  }

  /** The same here, a block of rows at a time. */
  #contract({ Z, X, dims, scale }: PointPairs, W: Float64Array, sums: Float64Array): void {
    const m = X.rows;
    sums.fill(0);
    const { scratch } = this.#math;
    const values = scratch.take(BLOCK * m);
    const slopes = scratch.take(BLOCK * m);
    for (let start = 0; start < Z.rows; start += BLOCK) {
      const rows = Z.slice(start, Math.min(Z.rows, start + BLOCK));
      const k = values.subarray(0, rows.rows * m);
      const s = slopes.subarray(0, rows.rows * m);
      this.#squaredDistances(rows, X, s);
      k.set(s);
      this.values(k);
      this.slopes(s);
      for (let i = 0, o = 0, w = start * m; i < rows.rows; i += 1) {
        for (let j = 0; j < m; j += 1, o += 1, w += 1) {
          sums[0] += W[w] * k[o];
          s[o] *= W[w];
        }
      }
      for (let q = 0; q < dims.length; q += 1) {
        let sum = 0;
        for (let i = 0, o = 0; i < rows.rows; i += 1) {
          const z = rows.data[i * Z.cols + dims[q]];
          for (let j = 0, x = dims[q]; j < m; j += 1, o += 1, x += X.cols) {
            const t = (z - X.data[x]) * scale[q];
            if (s[o] !== 0) sum += s[o] * t * t;
          }
        }
        sums[q + 1] += sum;
      }
    }
    scratch.release(2);
  }

  #addSums(sums: Float64Array, out: Float64Array): void {
    if (this.variance > 0) out[0] += sums[0] / this.variance;
    for (let q = 0; q < this.#dims.length; q += 1) {
      out[1 + Math.min(q, this.#scales - 1)] -= sums[q + 1] * this.#scale[q];
    }
  }

  #addOthers({ Z, X }: PointPairs, W: Float64Array, out: Float64Array): void {
    const m = X.rows;
    const { scratch } = this.#math;
    this.#others.forEach((other, k) => {
      const slopes = scratch.take(BLOCK * m);
      for (let start = 0; start < Z.rows; start += BLOCK) {
        const rows = Z.slice(start, Math.min(Z.rows, start + BLOCK));
        const s = slopes.subarray(0, rows.rows * m);
        this.#squaredDistances(rows, X, s);
        this.slopesBy(other, s);
        let sum = 0;
        for (let o = 0, w = start * m; o < s.length; o += 1, w += 1) sum += W[w] * s[o];
        out[1 + this.#scales + k] += sum;
      }
      scratch.release();
    });
  }

  #squaredDistances(Z: Matrix, X: Matrix, out: Float64Array): void {
    const points = { Z, X, dims: this.#dims, scale: this.#scale };
    if (this.#math.stationaryPanel(DISTANCE, points, out)) return;
    scaledSquaredDistances(Z, X, points.dims, points.scale, out);
  }
}
