import { Matrix } from '../linalg/matrix.js';
import type { PanelMath, StationaryProfile } from '../linalg/panel-math.js';
import { BaseKernel } from './base-kernel.js';
import type { LeafSpec } from './leaf-spec.js';
import { scaledSquaredDistances } from './pairwise.js';

const DISTANCE: StationaryProfile = { shape: 'squared-distance', variance: 1 };

/**
 * A kernel of the scaled distance alone, k(x, z) = s2 f(r) with r^2 = sum_q ((x_q - z_q) / lengthscale_q)^2 and
 * f(0) = 1. A subclass gives two functions, each over a whole array: its values and its slopes. Where backends know
 * its values by name, `profile` says so, and they may compute whole panels at once.
 *
 * The gradient is dk/dx_q = slope(r^2) (x_q - z_q) / lengthscale_q^2 with slope = (dk/dr) / r = 2 dk/d(r^2). At r = 0
 * it is 0, also for kernels with a kink there, as in GPy.
 */
export abstract class StationaryKernel extends BaseKernel {
  protected readonly variance: number;
  readonly #math: PanelMath;
  readonly #dims: Int32Array;
  /** 1 / lengthscale, one an active dimension. */
  readonly #scale: Float64Array;
  /** One an active dimension; undefined where distances are divided by something else, such as a period. */
  readonly #lengthscales: Float64Array | undefined;

  /** @param scaleName the parameter that distances are divided by */
  constructor(leaf: LeafSpec, scaleName = 'lengthscale') {
    super(leaf.spec);
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

  #squaredDistances(Z: Matrix, X: Matrix, out: Float64Array): void {
    const points = { Z, X, dims: this.#dims, scale: this.#scale };
    if (this.#math.stationaryPanel(DISTANCE, points, out)) return;
    scaledSquaredDistances(Z, X, points.dims, points.scale, out);
  }
}
