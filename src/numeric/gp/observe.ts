import { GpStateError, UnsupportedObservationError } from '../errors.js';
import type { Kernel } from '../kernels/kernel.js';
import { buildKernel } from '../kernels/kernels.js';
import { defaultLinearAlgebra } from '../linalg/default-linear-algebra.js';
import type { LinearAlgebra } from '../linalg/linear-algebra.js';
import { Matrix } from '../linalg/matrix.js';
import { factoredDiagonal, findJitter } from './check-posterior.js';
import { extendExact } from './extend-posterior.js';
import { GPY_NUGGET, inferExact } from './fit-posterior.js';
import type { GpState } from './gp-state.js';
import { transformInputs } from './input-transform.js';
import { MeanFunction } from './mean-function.js';
import { noiseVariances } from './noise.js';

/** A Gaussian process, and what else is known of how it was trained. */
export interface TrainedGp {
  readonly state: GpState;
  /** Training outputs in the normalised space, n x p. Without them they follow from the factor and alpha. */
  readonly Y?: Matrix | undefined;
  /** What stands on the diagonal of L L^T beside kernel and noise. Without it it follows from the diagonal. */
  readonly jitter?: number | undefined;
  /** False where the factor is known not to be that of kernel and data: it is then computed anew. */
  readonly agreed?: boolean | undefined;
}

export interface ObservedGp {
  readonly state: GpState;
  /** Of all points, in the normalised space. */
  readonly Y: Matrix;
  /** The nugget, and what had to be added beyond it so that the factorisation succeeds. */
  readonly nugget: number;
  readonly jitter: number;
}

/** An excess on the diagonal counts as the same for all points within this part of the diagonal. */
const SAME = 1e-7;

/**
 * The Gaussian process with k more observations: X is k x d, Y is k x p, in the users' own units. Kernel, mean, noise,
 * input transform and normaliser stay as they are; the result is that of exact inference from all points with them.
 *
 * Throws UnsupportedObservationError for sparse models and for noise that is known at the training points only,
 * GpStateError where shapes do not fit, NumericInputError for an output index that does not exist,
 * NotPositiveDefiniteError as `inferExact` does, and what `checkpoint` throws.
 */
export function observe(
  trained: TrainedGp,
  observed: { readonly X: Matrix; readonly Y: Matrix },
  linalg: LinearAlgebra = defaultLinearAlgebra(),
  checkpoint?: () => void,
): ObservedGp {
  const { state } = trained;
  requireObservable(state);
  const { Z, alpha, outputNorm, mean } = state;
  if (observed.X.cols !== Z.cols || observed.Y.cols !== alpha.cols) {
    throw new GpStateError(
      `Observations need ${Z.cols} inputs and ${alpha.cols} outputs, got ${observed.X.cols} and ${observed.Y.cols}.`,
    );
  }
  const kernel = buildKernel(state.kernel, Z.cols, linalg);
  const X = stack(Z, transformInputs(observed.X, state.inputTransform));
  const Y = stack(trained.Y ?? trainingOutputs(state), normalise(observed.Y, outputNorm));
  const { nugget, jitter } = diagonalOf(state, trained, kernel);
  const data = { kernel, X, Y, noise: noiseVariances(state.noise, X), mean, nugget };
  const isFactorOfData = trained.agreed !== false && jitter === 0;
  const posterior = isFactorOfData
    ? extendExact(data, state.factor.L, linalg, checkpoint)
    : inferExact(data, linalg);
  return {
    state: { ...state, Z: X, alpha: posterior.alpha, factor: posterior.factor },
    Y,
    nugget,
    jitter: posterior.jitter,
  };
}

type ExactState = GpState & { readonly factor: Extract<GpState['factor'], { type: 'cholesky' }> };

function requireObservable(state: GpState): asserts state is ExactState {
  if (state.factor.type === 'inverse') {
    throw new UnsupportedObservationError('it is sparse, and keeps inducing points instead of its data');
  }
  if (state.noise.type === 'heteroscedastic') {
    throw new UnsupportedObservationError(
      'each of its training points has a noise variance of its own, and that of other points is not known',
    );
  }
}

/** Nugget and jitter of the factor, which `total` is both of. */
function diagonalOf(
  { Z, noise, factor: { L } }: ExactState,
  { jitter: total, agreed }: TrainedGp,
  kernel: Kernel,
): { nugget: number; jitter: number } {
  if (agreed === false) return { nugget: GPY_NUGGET, jitter: 0 };
  const expected = new Float64Array(Z.rows);
  kernel.diagonal(Z, expected);
  noiseVariances(noise, Z).forEach((variance, i) => (expected[i] += variance + GPY_NUGGET));
  const found = factoredDiagonal(L);
  const jitter = findJitter(found, expected);
  return jitter > 0 ? { nugget: GPY_NUGGET, jitter } : { nugget: total ?? nuggetOf(found, expected), jitter };
}

/** What all points have on their diagonal beside kernel and noise; `expected` holds those and GPy's nugget. */
function nuggetOf(found: Float64Array, expected: Float64Array): number {
  const excess = found.map((value, i) => value - expected[i] + GPY_NUGGET);
  const mean = excess.reduce((sum, value) => sum + value, 0) / excess.length;
  const largest = found.reduce((a, b) => Math.max(a, b), 0);
  if (excess.some((value) => Math.abs(value - mean) > SAME * largest)) {
    throw new UnsupportedObservationError(
      'what was added to the variance of its training points differs from point to point, and is not known for others',
    );
  }
  return Math.max(0, mean);
}

/** Y = L L^T alpha + m(Z), in the normalised space. Reads the lower triangle of L only. */
function trainingOutputs({ Z, alpha, factor: { L }, mean }: ExactState): Matrix {
  const { rows: n, cols: p } = alpha;
  const half = Matrix.zeros(n, p);
  const Y = Matrix.zeros(n, p);
  for (let o = 0; o < p; o += 1) {
    for (let i = 0; i < n; i += 1) {
      const row = L.row(i);
      for (let j = 0; j <= i; j += 1) half.data[j * p + o] += row[j] * alpha.data[i * p + o];
    }
    for (let i = 0; i < n; i += 1) {
      const row = L.row(i);
      for (let j = 0; j <= i; j += 1) Y.data[i * p + o] += row[j] * half.data[j * p + o];
    }
  }
  if (mean) new MeanFunction(mean, Z.cols, p).addValues(Z, Y);
  return Y;
}

function normalise(Y: Matrix, norm: GpState['outputNorm']): Matrix {
  if (norm === undefined) return Y;
  const values = Y.data.map((value, k) => (value - norm.mean[k % Y.cols]) / norm.std[k % Y.cols]);
  return new Matrix(Y.rows, Y.cols, values);
}

function stack(above: Matrix, below: Matrix): Matrix {
  const both = Matrix.zeros(above.rows + below.rows, above.cols);
  both.data.set(above.data);
  both.data.set(below.data, above.data.length);
  return both;
}
