import { GpStateError, NotPositiveDefiniteError } from '../errors.js';
import type { Kernel } from '../kernels/kernel.js';
import { defaultLinearAlgebra } from '../linalg/default-linear-algebra.js';
import type { LinearAlgebra } from '../linalg/linear-algebra.js';
import { Matrix } from '../linalg/matrix.js';
import type { MeanSpec, PosteriorFactor } from './gp-state.js';
import { isNearlySingular } from '../linalg/nearly-singular.js';
import { MeanFunction } from './mean-function.js';
import { refinedWeights } from './refine-weights.js';

/** What GPy always adds to the diagonal of K, on top of the noise (ExactGaussianInference, VarDTC.const_jitter). */
export const GPY_NUGGET = 1e-8;

/** GPy's jitchol: what is added after each failed attempt, in units of mean(diag). */
export const GPY_JITTER_LADDER: readonly number[] = [1e-6, 1e-5, 1e-4, 1e-3, 1e-2];

/** Training data in the normalised output space. */
export interface TrainingData {
  readonly kernel: Kernel;
  /** n x d */
  readonly X: Matrix;
  /** n x p */
  readonly Y: Matrix;
  /** The noise variance: one number, or one for each of the n points. */
  readonly noise: number | Float64Array;
  readonly mean?: MeanSpec | undefined;
  /** Added to the diagonal besides the noise: GPy's 1e-8 unless something else is said. */
  readonly nugget?: number;
}

export interface FittedPosterior<Factor extends PosteriorFactor = PosteriorFactor> {
  /** n x p, or one row an inducing point. */
  readonly alpha: Matrix;
  readonly factor: Factor;
  /** What had to be added to the diagonal beyond noise and nugget: 0, or a step of GPy's ladder. */
  readonly jitter: number;
}

export type ExactPosterior = FittedPosterior<Extract<PosteriorFactor, { type: 'cholesky' }>>;

/**
 * Exact inference as GPy does it: L L^T = K + (noise + 1e-8) I and alpha = L^-T L^-1 (Y - m(X)),
 * and one step of iterative refinement. Rasmussen & Williams (2006), Alg. 2.1, lines 2 and 3, p. 19.
 *
 * Throws NotPositiveDefiniteError when five steps of jitter do not help, GpStateError when shapes do not fit.
 */
export function inferExact(
  data: TrainingData,
  linalg: LinearAlgebra = defaultLinearAlgebra(),
): ExactPosterior {
  const { kernel, X } = data;
  const residual = residuals(data);
  const K = kernel.matrix(X);
  const added = addedToDiagonal(data, 0);
  addToDiagonal(K, (i) => added[i]);
  const { L, jitter } = choleskyWithJitter(
    K,
    linalg,
    added.reduce((a, b) => Math.min(a, b)),
  );
  const system = { kernel, X, added: addedToDiagonal(data, jitter), residual };
  return { alpha: refinedWeights(system, L, linalg), factor: { type: 'cholesky', L }, jitter };
}

/**
 * Sparse inference as GPy's VarDTC does it for certain inputs and Gaussian noise, with M inducing points Z:
 *
 *   Lm Lm^T = K_mm + nugget I,   beta = 1 / max(noise, 1e-8)
 *   B = I + Lm^-1 K_mn diag(beta) K_nm Lm^-T = LB LB^T
 *   alpha = Lm^-T B^-1 Lm^-1 K_mn diag(beta) (Y - m(X)),   W = Lm^-T (I - B^-1) Lm^-1
 *
 * Titsias (2009), "Variational Learning of Inducing Variables in Sparse Gaussian Processes", eq. (10).
 * Throws NotPositiveDefiniteError and GpStateError as `inferExact` does.
 */
export function inferSparse(
  data: TrainingData & { readonly Z: Matrix },
  linalg: LinearAlgebra = defaultLinearAlgebra(),
): FittedPosterior<Extract<PosteriorFactor, { type: 'inverse' }>> {
  const { kernel, X, Z } = data;
  const M = Z.rows;
  const residual = residuals(data);
  const beta = Float64Array.from(
    { length: X.rows },
    (_, i) => 1 / Math.max(noiseAt(data.noise, i), GPY_NUGGET),
  );

  const Kmm = kernel.matrix(Z);
  addToDiagonal(Kmm, () => data.nugget ?? GPY_NUGGET);
  const { L: Lm, jitter } = choleskyWithJitter(Kmm, linalg, data.nugget ?? GPY_NUGGET);
  const V = Matrix.zeros(M, X.rows);
  kernel.panel(Z, X, V.data);
  linalg.solveLower(Lm, V);

  const { L: LB } = choleskyWithJitter(identityPlusWeightedSquare(V, beta, linalg), linalg, 1);

  const p = residual.cols;
  for (let k = 0; k < residual.data.length; k += 1) residual.data[k] *= beta[Math.floor(k / p)];
  const alpha = Matrix.zeros(M, p);
  linalg.multiply(V, residual, alpha);
  linalg.solveLower(LB, alpha);
  linalg.solveLowerTranspose(LB, alpha);
  linalg.solveLowerTranspose(Lm, alpha);

  return { alpha, factor: { type: 'inverse', W: woodburyInverse(Lm, LB, linalg) }, jitter };
}

/** Y - m(X). Throws GpStateError where the numbers of points differ. */
export function residuals({ X, Y, noise, mean }: TrainingData): Matrix {
  if (Y.rows !== X.rows) throw new GpStateError(`X has ${X.rows} points, Y has ${Y.rows}: expected as many.`);
  if (typeof noise !== 'number' && noise.length !== X.rows) {
    throw new GpStateError(
      `There are ${noise.length} noise variances, expected 1 or one for each of ${X.rows} points.`,
    );
  }
  const residual = Matrix.zeros(Y.rows, Y.cols);
  if (mean !== undefined) new MeanFunction(mean, X.cols, Y.cols).addValues(X, residual);
  for (let k = 0; k < residual.data.length; k += 1) residual.data[k] = Y.data[k] - residual.data[k];
  return residual;
}

/** Noise, nugget and jitter of each point: what exact inference adds to the diagonal of K. */
export function addedToDiagonal(data: TrainingData, jitter: number): Float64Array {
  const { X, noise, nugget = GPY_NUGGET } = data;
  return Float64Array.from({ length: X.rows }, (_, i) => noiseAt(noise, i) + nugget + jitter);
}

/** `least`: the least of what has been added to A's diagonal. */
function choleskyWithJitter(A: Matrix, linalg: LinearAlgebra, least: number): { L: Matrix; jitter: number } {
  const diagonal = Float64Array.from({ length: A.rows }, (_, i) => A.get(i, i));
  const trace = diagonal.reduce((sum, value) => sum + value, 0);
  const mean = trace / A.rows;
  const careful = isNearlySingular(trace, least);
  let jitter = 0;
  for (const step of [...GPY_JITTER_LADDER, undefined]) {
    try {
      return { L: linalg.cholesky(A, careful), jitter };
    } catch (error) {
      if (!(error instanceof NotPositiveDefiniteError) || step === undefined || !(mean > 0)) throw error;
      jitter = step * mean;
      for (let i = 0; i < A.rows; i += 1) A.data[i * A.cols + i] = diagonal[i] + jitter;
    }
  }
  throw new Error('unreachable: the last attempt returns or throws');
}

/** I + V diag(beta) V^T, for V M x n. */
function identityPlusWeightedSquare(V: Matrix, beta: Float64Array, linalg: LinearAlgebra): Matrix {
  const T = V.transpose();
  for (let i = 0, k = 0; i < T.rows; i += 1) {
    for (let j = 0; j < T.cols; j += 1, k += 1) T.data[k] *= Math.sqrt(beta[i]);
  }
  const B = Matrix.zeros(V.rows, V.rows);
  linalg.gram(T, B);
  addToDiagonal(B, () => 1);
  return B;
}

/** Lm^-T (I - B^-1) Lm^-1, symmetrised; B^-1 = LB^-T LB^-1. */
function woodburyInverse(Lm: Matrix, LB: Matrix, linalg: LinearAlgebra): Matrix {
  const M = Lm.rows;
  const inverseB = Matrix.zeros(M, M);
  addToDiagonal(inverseB, () => 1);
  linalg.solveLower(LB, inverseB);
  linalg.solveLowerTranspose(LB, inverseB);
  const middle = new Matrix(
    M,
    M,
    inverseB.data.map((value) => -value),
  );
  addToDiagonal(middle, () => 1);
  linalg.solveLowerTranspose(Lm, middle);
  const W = middle.transpose();
  linalg.solveLowerTranspose(Lm, W);
  for (let i = 0; i < M; i += 1) {
    for (let j = 0; j < i; j += 1) {
      const value = 0.5 * (W.data[i * M + j] + W.data[j * M + i]);
      W.data[i * M + j] = value;
      W.data[j * M + i] = value;
    }
  }
  return W;
}

function noiseAt(noise: number | Float64Array, i: number): number {
  return typeof noise === 'number' ? noise : noise[i];
}

function addToDiagonal(A: Matrix, value: (i: number) => number): void {
  for (let i = 0; i < A.rows; i += 1) A.data[i * A.cols + i] += value(i);
}
