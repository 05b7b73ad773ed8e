import type { Kernel } from '../kernels/kernel.js';
import type { Matrix } from '../linalg/matrix.js';
import type { InputTransform } from './input-transform.js';

/** What the points of a model say about one of its inputs, in the input's own unit. */
export interface InputRange {
  readonly min: number;
  readonly max: number;
  /** The smallest of the stationary kernels on this input. Absent where there is none. */
  readonly lengthscale?: number;
}

/** Relative error of an affine transform and its inverse, each done once, in whichever order of operations. */
const TRANSFORM_ERROR = 4 * Number.EPSILON;

/**
 * Where a Gaussian process has seen data: the box around its points Z (n x d) and the distance to the nearest one,
 *
 *   r(x) = min_i sqrt( sum_q ((x_q - z_iq) / s_q)^2 )
 *
 * s_q is the smallest lengthscale of the stationary kernels on input q; where there is none the range of Z there, and
 * where that is 0 as well, 1.
 */
export class TrainingDomain {
  readonly #Z: Matrix;
  readonly #min: Float64Array;
  readonly #max: Float64Array;
  /** Infinity for inputs without one. */
  readonly #lengthscales: Float64Array;
  /** 1 / s */
  readonly #scale: Float64Array;

  constructor(Z: Matrix, kernel: Kernel) {
    const { rows, cols: d, data } = Z;
    this.#Z = Z;
    this.#min = new Float64Array(d).fill(Infinity);
    this.#max = new Float64Array(d).fill(-Infinity);
    for (let i = 0, k = 0; i < rows; i += 1) {
      for (let q = 0; q < d; q += 1, k += 1) {
        this.#min[q] = Math.min(this.#min[q], data[k]);
        this.#max[q] = Math.max(this.#max[q], data[k]);
      }
    }
    this.#lengthscales = new Float64Array(d).fill(Infinity);
    kernel.lowerToLengthscales(this.#lengthscales);
    this.#scale = this.#lengthscales.map((lengthscale, q) => {
      if (lengthscale < Infinity) return 1 / lengthscale;
      return 1 / (this.#max[q] - this.#min[q] || 1);
    });
  }

  /**
   * r of each of the m points X, as the kernel sees them. What is too far away for a double's square counts as the
   * greatest number: a distance is always finite.
   */
  nearestDistances(X: Matrix): Float64Array {
    const { rows: n, cols: d, data: Z } = this.#Z;
    const scale = this.#scale;
    const distances = new Float64Array(X.rows);
    for (let j = 0; j < X.rows; j += 1) {
      const x = X.row(j);
      let nearest = Infinity;
      for (let i = 0, k = 0; i < n; i += 1) {
        let r2 = 0;
        for (let q = 0; q < d; q += 1, k += 1) {
          const difference = (x[q] - Z[k]) * scale[q];
          r2 += difference * difference;
        }
        if (r2 < nearest) nearest = r2;
      }
      distances[j] = Math.min(Math.sqrt(nearest), Number.MAX_VALUE);
    }
    return distances;
  }

  /**
   * One an input, in the unit that it had before `transform`. The range is then widened by what rounding may have moved
   * its ends, so that it holds every point.
   */
  ranges(transform?: InputTransform): InputRange[] {
    return Array.from(this.#min, (min, q) => {
      const max = this.#max[q];
      const lengthscale = this.#lengthscales[q];
      const known = lengthscale < Infinity;
      if (transform === undefined) return { min, max, ...(known && { lengthscale }) };
      const offset = transform.offset[q];
      const scale = transform.scale[q];
      const ends = [min, max].map((end) => end * scale);
      const error = (end: number): number => TRANSFORM_ERROR * (Math.abs(end) + Math.abs(offset));
      const [low, high] = scale > 0 ? ends : ends.reverse();
      return {
        min: low + offset - error(low),
        max: high + offset + error(high),
        ...(known && { lengthscale: lengthscale * Math.abs(scale) }),
      };
    });
  }
}
