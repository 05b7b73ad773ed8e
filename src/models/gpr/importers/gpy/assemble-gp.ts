import { NotPositiveDefiniteError } from '../../../../numeric/errors.js';
import { checkPosterior, type PosteriorCheck } from '../../../../numeric/gp/check-posterior.js';
import {
  GPY_NUGGET,
  inferExact,
  inferSparse,
  type TrainingData,
} from '../../../../numeric/gp/fit-posterior.js';
import { refineStoredWeights } from '../../../../numeric/gp/refine-stored-weights.js';
import { buildKernel } from '../../../../numeric/kernels/kernels.js';
import type { LinearAlgebra } from '../../../../numeric/linalg/linear-algebra.js';
import type { Matrix } from '../../../../numeric/linalg/matrix.js';
import { ModelFileError } from '../../../model-errors.js';
import type { ImportedGp, ImportContext } from '../importer.js';
import { jitterWarnings } from '../jitter-warning.js';
import { requireMemory } from '../require-memory.js';
import type { GpyParts } from './gpy-parts.js';

type Posterior = NonNullable<GpyParts['posterior']>;

/** A posterior, where it came from, and what a user should know about it. */
interface ChosenPosterior {
  readonly posterior: Posterior;
  readonly from: 'stored' | 'rebuilt';
  readonly check?: PosteriorCheck;
  /** What stands on the diagonal beside kernel and noise. */
  readonly jitter?: number;
  readonly warnings: readonly string[];
}

/** Makes a GP of a GPy model's parts: with its own posterior, or with one computed as GPy does. */
export function assembleGp(parts: GpyParts, format: string, context: ImportContext): ImportedGp {
  const { X, Y, Z, noise, mean, outputNorm } = parts;
  requireMemory(Z ?? X, context);
  if (X.rows !== Y.rows) throw new ModelFileError(`X has ${X.rows} rows, but Y has ${Y.rows}.`);
  const { posterior, from, check, jitter, warnings } = choosePosterior(parts, context.linalg);
  return {
    state: {
      kernel: parts.kernel,
      Z: Z ?? X,
      ...posterior,
      noise,
      ...(mean && { mean }),
      ...(outputNorm && { outputNorm }),
    },
    format,
    source: parts.className,
    trainingPoints: X.rows,
    posterior: from,
    ...(check && { posteriorCheck: check }),
    ...(jitter !== undefined && { jitter }),
    ...(!Z && { trainingOutputs: Y }),
    warnings,
  };
}

/**
 * The stored posterior is what GPy predicted with when it wrote the file; its weights are refined where that stays well
 * within the tolerance for answers like GPy's. Where it does not belong to the parameters (they were changed while updates were off) GPy computes it anew on load, and so do we.
 */
function choosePosterior(parts: GpyParts, linalg: LinearAlgebra): ChosenPosterior {
  const { posterior: stored, X, Y, Z, noise, mean } = parts;
  const noiseAtTraining = parts.noiseAtTraining ?? (noise.type === 'gaussian' ? noise.variance : Number.NaN);
  const data = { kernel: buildKernel(parts.kernel, X.cols, linalg), X, Y, noise: noiseAtTraining, mean };
  if (!stored) return rebuild(data, Z, [], linalg);
  if (stored.factor.type === 'inverse' || Z) return { posterior: stored, from: 'stored', warnings: [] };

  requireShapes(stored.factor.L, stored.alpha, X);
  const check = checkPosterior(data, { L: stored.factor.L, alpha: stored.alpha }, linalg);
  const jitter = GPY_NUGGET + check.jitter;
  if (check.agreed) {
    const { L } = stored.factor;
    const alpha = refineStoredWeights(data, { L, alpha: stored.alpha, jitter: check.jitter }, linalg);
    return { posterior: { ...stored, alpha }, from: 'stored', check, jitter, warnings: [] };
  }
  try {
    const why = `The stored posterior does not belong to the stored parameters and data (relative error ${check.factorError.toExponential(1)} in the covariance, ${check.alphaError.toExponential(1)} in the weights): it was computed anew, as GPy does on load.`;
    return { ...rebuild(data, undefined, [why], linalg), check };
  } catch (error) {
    if (!(error instanceof NotPositiveDefiniteError)) throw error;
    const why =
      'The stored posterior does not belong to the stored parameters and data, from which none can be computed.';
    return { posterior: stored, from: 'stored', check, warnings: [why] };
  }
}

function rebuild(
  data: TrainingData,
  Z: Matrix | undefined,
  warnings: readonly string[],
  linalg: LinearAlgebra,
): ChosenPosterior {
  const { jitter, ...posterior } = Z ? inferSparse({ ...data, Z }, linalg) : inferExact(data, linalg);
  return {
    posterior,
    from: 'rebuilt',
    jitter: GPY_NUGGET + jitter,
    warnings: [...warnings, ...jitterWarnings(jitter)],
  };
}

function requireShapes(L: Matrix, alpha: Matrix, X: Matrix): void {
  if (L.rows !== X.rows || L.cols !== X.rows || alpha.rows !== X.rows) {
    throw new ModelFileError(
      `The posterior is ${L.rows} x ${L.cols} with ${alpha.rows} weights, expected ${X.rows} of each for the ${X.rows} training points.`,
    );
  }
}
