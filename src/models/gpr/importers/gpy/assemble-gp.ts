import { inferExact, inferSparse } from '../../../../numeric/gp/fit-posterior.js';
import type { PosteriorFactor } from '../../../../numeric/gp/gp-state.js';
import { buildKernel } from '../../../../numeric/kernels/kernels.js';
import type { Matrix } from '../../../../numeric/linalg/matrix.js';
import { ModelFileError } from '../../../model-errors.js';
import type { ImportedGp, ImportLimits } from '../importer.js';
import type { GpyParts } from './gpy-parts.js';

/** Makes a GP of a GPy model's parts: with its own posterior, or with one computed as GPy does. */
export function assembleGp(parts: GpyParts, format: string, limits: ImportLimits): ImportedGp {
  const { kernel: spec, X, Y, Z, noise, mean, outputNorm } = parts;
  const points = Z ?? X;
  requireFit(points, limits);
  if (X.rows !== Y.rows) throw new ModelFileError(`X has ${X.rows} rows, but Y has ${Y.rows}.`);
  const kernel = buildKernel(spec, X.cols);
  const noiseAtTraining = parts.noiseAtTraining ?? (noise.type === 'gaussian' ? noise.variance : Number.NaN);
  const data = { kernel, X, Y, noise: noiseAtTraining, ...(mean && { mean }) };

  const warnings: string[] = [];
  let posterior: { alpha: Matrix; factor: PosteriorFactor };
  if (parts.posterior) {
    posterior = parts.posterior;
  } else {
    const fitted = Z ? inferSparse({ ...data, Z }) : inferExact(data);
    if (fitted.jitter > 0) warnings.push(`The covariance matrix needed ${fitted.jitter} more on its diagonal.`);
    posterior = fitted;
  }
  return {
    state: { kernel: spec, Z: points, ...posterior, noise, ...(mean && { mean }), ...(outputNorm && { outputNorm }) },
    format,
    source: parts.className,
    trainingPoints: X.rows,
    posterior: parts.posterior ? 'stored' : 'rebuilt',
    warnings,
  };
}

/** The factor is n x n: say so before it is read or computed. */
function requireFit(points: Matrix, { maxModelBytes }: ImportLimits): void {
  const bytes = 8 * points.rows * (points.rows + points.cols);
  if (bytes > maxModelBytes) {
    throw new ModelFileError(
      `The model has ${points.rows} points and needs ${bytes} bytes, more than MAX_MODEL_BYTES allows (${maxModelBytes}).`,
    );
  }
}
