import { GPY_NUGGET, inferExact, inferSparse } from '../../../numeric/gp/fit-posterior.js';
import { GaussianProcess } from '../../../numeric/gp/gaussian-process.js';
import type { GpState, MeanSpec } from '../../../numeric/gp/gp-state.js';
import type { InputTransform } from '../../../numeric/gp/input-transform.js';
import type { Kernel } from '../../../numeric/kernels/kernel.js';
import type { KernelSpec } from '../../../numeric/kernels/kernel-spec.js';
import { buildKernel } from '../../../numeric/kernels/kernels.js';
import type { LinearAlgebra } from '../../../numeric/linalg/linear-algebra.js';
import { Matrix } from '../../../numeric/linalg/matrix.js';
import { checksOf } from '../checks-of.js';
import type { ImportedGp, NamedVariable } from '../importers/importer.js';
import { jitterWarnings } from '../importers/jitter-warning.js';
import type { OutputNorm } from './training-problem-of.js';

/** Data, and hyperparameters that were found for them. */
export interface TrainedParts {
  /** n x d, as the kernel sees them. */
  readonly X: Matrix;
  /** n x p, normalised. */
  readonly Y: Matrix;
  readonly kernel: KernelSpec;
  /** One variance, or one a point. */
  readonly noise: number | Float64Array;
  readonly mean?: MeanSpec | undefined;
  /** Of a sparse model. */
  readonly inducingPoints?: Matrix | undefined;
  readonly outputNorm?: OutputNorm | undefined;
  readonly inputTransform?: InputTransform | undefined;
  readonly inputs: readonly NamedVariable[];
  readonly outputs: readonly NamedVariable[];
  readonly warnings: readonly string[];
}

/**
 * On the diagonal of the inducing points' covariance, in prior variances: what keeps the entries of W, the difference of
 * two inverses, small enough that rounding does not decide what is left of a variance.
 */
const SPARSE_NUGGET = 1e-6;

/** How many predictions the file promises. */
const CHECKS = 5;

/** Inference with these hyperparameters, exact or sparse: the model as an importer would give it. */
export function fitTrained(parts: TrainedParts, linalg: LinearAlgebra): ImportedGp {
  const { X, Y, kernel, noise, mean, outputNorm, inputTransform, inputs, outputs, warnings } = parts;
  const { inducingPoints: Z } = parts;
  const data = { kernel: buildKernel(kernel, X.cols, linalg), X, Y, noise, mean };
  const nugget = Z ? SPARSE_NUGGET * largestVariance(data.kernel, Z) : GPY_NUGGET;
  const { alpha, factor, jitter } = Z
    ? inferSparse({ ...data, Z, nugget }, linalg)
    : inferExact({ ...data, nugget }, linalg);
  const state: GpState = {
    kernel,
    Z: Z ?? X,
    alpha,
    factor,
    noise: typeof noise === 'number' ? { type: 'gaussian', variance: noise } : { type: 'heteroscedastic' },
    ...(mean && { mean }),
    ...(outputNorm && { outputNorm }),
    ...(inputTransform && { inputTransform }),
  };
  const gp = new GaussianProcess(state, linalg);
  const checks = checksOf(gp, checkPoints(state), Y);
  gp.dispose();
  return {
    state,
    format: 'Kriged training',
    source: 'Kriged',
    trainingPoints: X.rows,
    ...(!Z && { trainingOutputs: Y }),
    posterior: 'rebuilt',
    jitter: nugget + jitter,
    inputs,
    outputs,
    warnings: [...warnings, ...jitterWarnings(jitter)],
    checks,
  };
}

function largestVariance(kernel: Kernel, X: Matrix): number {
  const variances = new Float64Array(X.rows);
  kernel.diagonal(X, variances);
  return variances.reduce((largest, variance) => Math.max(largest, variance), 0);
}

/** Halfway between training or inducing points, as requests give them. */
function checkPoints(state: GpState): Matrix {
  const { Z } = state;
  const rows = Array.from({ length: Math.min(CHECKS, Z.rows) }, (_, k) => {
    const a = Math.floor((k * Z.rows) / CHECKS);
    return toInputs(
      Float64Array.from(Z.row(a), (value, q) => (value + Z.get((a + 1) % Z.rows, q)) / 2),
      state,
    );
  });
  return Matrix.fromRows(rows);
}

/** A point as requests give it. */
function toInputs(point: Float64Array, { inputTransform }: GpState): Float64Array {
  if (!inputTransform) return point;
  const { offset, scale } = inputTransform;
  return point.map((value, q) => value * scale[q] + offset[q]);
}
