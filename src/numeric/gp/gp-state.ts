import type { KernelSpec } from '../kernels/kernel-spec.js';
import type { LinearAlgebra } from '../linalg/linear-algebra.js';
import type { Matrix } from '../linalg/matrix.js';

/** The prior mean m(x), evaluated in the normalised output space. */
export type MeanSpec =
  | { readonly type: 'constant'; readonly value: readonly number[] }
  /** m(x) = x A, A is d x p. */
  | { readonly type: 'linear'; readonly A: Matrix }
  | { readonly type: 'sum'; readonly parts: readonly MeanSpec[] };

export type NoiseSpec =
  | { readonly type: 'gaussian'; readonly variance: number }
  /** One variance an output index, chosen by the integer in input column `dim` (GPy's MixedNoise). */
  | { readonly type: 'by-index'; readonly dim: number; readonly variances: readonly number[] }
  /** Known only at the training points: unseen points have a latent variance, but no observed one. */
  | { readonly type: 'heteroscedastic' };

/** How the posterior covariance of the latent function is stored: k(x,x) - k(x,Z) W k(Z,x). */
export type PosteriorFactor =
  /** W = (L L^T)^-1, L lower triangular (n x n), nugget included: exact inference. */
  | { readonly type: 'cholesky'; readonly L: Matrix }
  /** W itself (n x n): sparse inference. GPy clips its variances at 1e-15, and so do we. */
  | { readonly type: 'inverse'; readonly W: Matrix };

/** Everything a Gaussian process needs to predict; arrays are owned by the model and never written to. */
export interface GpState {
  readonly kernel: KernelSpec;
  /** Training points, or the inducing points of a sparse model (n x d). */
  readonly Z: Matrix;
  /** The weights of the posterior mean, m(x) + k(x,Z) alpha (n x p). */
  readonly alpha: Matrix;
  readonly factor: PosteriorFactor;
  readonly noise: NoiseSpec;
  readonly mean?: MeanSpec;
  /** y = y_normalised * std + mean, one number an output. */
  readonly outputNorm?: { readonly mean: readonly number[]; readonly std: readonly number[] };
  /** Kernel, mean and noise see (x - offset) / scale, one number of each an input; Z is scaled already. */
  readonly inputTransform?: { readonly offset: readonly number[]; readonly scale: readonly number[] };
}

/** The state with its large arrays where the backend reads them fastest: copies, or the arrays themselves. */
export function adoptState(state: GpState, linalg: LinearAlgebra): GpState {
  const { Z, alpha, factor } = state;
  return {
    ...state,
    Z: linalg.adopt(Z),
    alpha: linalg.adopt(alpha),
    factor:
      factor.type === 'cholesky'
        ? { type: 'cholesky', L: linalg.adopt(factor.L) }
        : { type: 'inverse', W: linalg.adopt(factor.W) },
  };
}
