import type { Matrix } from '../linalg/matrix.js';
import type { KernelParameter } from './kernel-parameter.js';
import type { KernelSpec } from './kernel-spec.js';

/**
 * A covariance function k(x, z) over d-dimensional points.
 *
 * Panels are laid out with one row a training point and one column a query point (n x m, row-major), so that
 * a triangular solve runs along contiguous queries.
 */
export interface Kernel {
  readonly spec: KernelSpec;

  /** K(Z, X): writes k(z_i, x_j) to `out` (n x m) for n training points `Z` and m query points `X`. */
  panel(Z: Matrix, X: Matrix, out: Float64Array): void;

  /** K(X, X) of one set with itself (m x m), white noise included on the diagonal. */
  matrix(X: Matrix): Matrix;

  /** k(x_j, x_j), white noise included: writes m numbers. */
  diagonal(X: Matrix, out: Float64Array): void;

  /** Adds sum_i weights_i dk(z_i, x)/dx to `out` (d numbers), for one query point x (d numbers). */
  addGradient(Z: Matrix, x: Float64Array, weights: Float64Array, out: Float64Array): void;

  /** Adds scale * dk(x, x)/dx (both arguments moving) to `out` (d numbers). */
  addDiagonalGradient(x: Float64Array, scale: number, out: Float64Array): void;

  /** Lowers `out` (d numbers) to the lengthscale along each input on which this is a stationary kernel. */
  lowerToLengthscales(out: Float64Array): void;

  /**
   * What training may change, in the order of the gradients below; undefined where this kernel, or a part of it, has no
   * such gradients.
   */
  readonly parameters: readonly KernelParameter[] | undefined;

  /** K(X, X) as `matrix` has it (m x m), its lower triangle only: what stands above the diagonal is undefined. */
  lowerTriangle(X: Matrix, out: Float64Array): void;

  /** out_k += sum_ij W_ij dk(z_i, x_j)/dtheta_k for the weights W (n x m) of a panel. Throws UntrainableKernelError. */
  addParameterGradients(Z: Matrix, X: Matrix, W: Float64Array, out: Float64Array): void;

  /** out_k += sum_j weights_j dk(x_j, x_j)/dtheta_k, white noise included. Throws UntrainableKernelError. */
  addDiagonalParameterGradients(X: Matrix, weights: Float64Array, out: Float64Array): void;

  /**
   * out_k += sum_ij W_ij dK(X, X)_ij/dtheta_k, white noise included, for a symmetric W (m x m) of which the lower triangle
   * is read. Throws UntrainableKernelError.
   */
  addMatrixParameterGradients(X: Matrix, W: Float64Array, out: Float64Array): void;
}
