import { checkPosterior, type PosteriorCheck } from '../../../../numeric/gp/check-posterior.js';
import { GPY_NUGGET, inferExact, type TrainingData } from '../../../../numeric/gp/fit-posterior.js';
import type { GpState } from '../../../../numeric/gp/gp-state.js';
import { transformInputs } from '../../../../numeric/gp/input-transform.js';
import { noiseVariances } from '../../../../numeric/gp/noise.js';
import type { KernelSpec } from '../../../../numeric/kernels/kernel-spec.js';
import { buildKernel } from '../../../../numeric/kernels/kernels.js';
import { Matrix } from '../../../../numeric/linalg/matrix.js';
import { ModelFileError } from '../../../model-errors.js';
import type { ImportedGp, ImportContext } from '../importer.js';
import { jitterWarnings } from '../jitter-warning.js';
import { requireMemory } from '../require-memory.js';
import type { ModelFields } from './model-fields.js';

/** A model given by its data: X and Y in the users' own units. */
export interface GpData extends ModelFields {
  readonly kernel: KernelSpec;
  /** n x d */
  readonly X: Matrix;
  /** n x p */
  readonly Y: Matrix;
  /** What was fitted elsewhere, in the normalised space. */
  readonly posterior?: { readonly L: Matrix; readonly alpha: Matrix };
}

/** Exact inference at load, or the posterior that came along, if it is that of the data. */
export function fitGp(
  { kernel, X, Y, posterior, state, facts }: GpData,
  format: string,
  context: ImportContext,
): ImportedGp {
  requireMemory(X, context);
  if (Y.rows !== X.rows) throw new ModelFileError(`X has ${X.rows} rows, y has ${Y.rows}: expected as many.`);
  if (state.noise.type === 'heteroscedastic') {
    throw new ModelFileError(
      'noise must be "gaussian" or "by-index" to fit the data, got "heteroscedastic", whose values at the training points are not part of the file.',
    );
  }
  const Z = transformInputs(X, state.inputTransform);
  const data: TrainingData = {
    kernel: buildKernel(kernel, X.cols, context.linalg),
    X: Z,
    Y: normalise(Y, state.outputNorm),
    noise: noiseVariances(state.noise, Z),
    mean: state.mean,
  };
  const common = {
    format,
    source: 'GPR',
    trainingPoints: X.rows,
    trainingOutputs: data.Y,
    ...facts,
  };
  if (posterior) {
    const check = requireAgreement(data, posterior, context);
    const factor = { type: 'cholesky', L: posterior.L } as const;
    return {
      ...common,
      state: { kernel, Z, alpha: posterior.alpha, factor, ...state },
      posterior: 'stored',
      posteriorCheck: check,
      jitter: GPY_NUGGET + check.jitter,
      warnings: [],
    };
  }
  const { alpha, factor, jitter } = inferExact(data, context.linalg);
  return {
    ...common,
    state: { kernel, Z, alpha, factor, ...state },
    posterior: 'rebuilt',
    jitter: GPY_NUGGET + jitter,
    warnings: jitterWarnings(jitter),
  };
}

/** One convention misunderstood (a variance for a deviation, another kernel) and nothing fits: say so. */
function requireAgreement(
  data: TrainingData,
  posterior: { L: Matrix; alpha: Matrix },
  context: ImportContext,
): PosteriorCheck {
  const { L, alpha } = posterior;
  const n = data.X.rows;
  if (L.rows !== n || L.cols !== n || alpha.rows !== n || alpha.cols !== data.Y.cols) {
    throw new ModelFileError(
      `L is ${L.rows} x ${L.cols} and alpha ${alpha.rows} x ${alpha.cols}, expected ${n} x ${n} and ${n} x ${data.Y.cols}.`,
    );
  }
  const check = checkPosterior(data, posterior, context.linalg);
  if (check.agreed) return check;
  throw new ModelFileError(
    `L and alpha do not belong to X, y, kernel and noise (relative error ${check.factorError.toExponential(1)} in the covariance, ${check.alphaError.toExponential(1)} in the weights): correct those, or leave L and alpha out to have them computed.`,
  );
}

function normalise(Y: Matrix, norm: GpState['outputNorm']): Matrix {
  if (norm === undefined) return Y;
  return new Matrix(
    Y.rows,
    Y.cols,
    Y.data.map((value, k) => (value - norm.mean[k % Y.cols]) / norm.std[k % Y.cols]),
  );
}
