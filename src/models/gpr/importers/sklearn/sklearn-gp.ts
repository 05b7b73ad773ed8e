import { checkPosterior, type PosteriorCheck } from '../../../../numeric/gp/check-posterior.js';
import { inferExact, type TrainingData } from '../../../../numeric/gp/fit-posterior.js';
import type { GpState } from '../../../../numeric/gp/gp-state.js';
import { buildKernel } from '../../../../numeric/kernels/kernels.js';
import { Matrix } from '../../../../numeric/linalg/matrix.js';
import { ModelFileError } from '../../../model-errors.js';
import type { ImportedGp, ImportContext } from '../importer.js';
import { NdArray } from '../pickle/numpy-array.js';
import { arrayOf, numberOf } from '../pickle/pickle-access.js';
import type { PickleInstance, PickleValue } from '../pickle/pickle-values.js';
import type { Affine } from './affine.js';
import { constant } from './kernel-term.js';
import { findRegressor } from './sklearn-estimator.js';
import { readSklearnKernel } from './sklearn-kernel.js';

/** What scikit-learn adds to the diagonal so that the factorisation succeeds; more than that is meant as noise. */
const NUGGET = 1e-8;

/**
 * Takes a GaussianProcessRegressor of scikit-learn (0.18 and later) apart, also out of a pipeline.
 *
 * Variances: `predict(return_std=True)` has the WhiteKernel's noise in it, and so has our observed variance; the latent
 * one leaves it out. What `alpha` added to the diagonal in training is in neither, as in scikit-learn.
 */
export function readSklearnGp(root: PickleValue, format: string, context: ImportContext): ImportedGp {
  const { regressor, inputs, outputs, inputNames, version } = findRegressor(root);
  const matrix = (name: string): Matrix => readMatrix(regressor, name, context);
  if (!isPresent(regressor.attribute('X_train_')) || !isPresent(regressor.attribute('kernel_'))) {
    throw new ModelFileError(
      'The GaussianProcessRegressor was not trained (it has no X_train_): call fit() before saving it.',
    );
  }
  const X = matrix('X_train_');
  requireFit(X, context);
  const Y = matrix('y_train_');
  const { smooth, white } = readSklearnKernel(regressor.attribute('kernel_'), X.cols);
  const kernel = smooth ?? constant(0, [0]);
  const nugget = readNugget(regressor, X.rows);
  const data: TrainingData = {
    kernel: buildKernel(kernel, X.cols, context.linalg),
    X,
    Y,
    noise: nugget.map((value) => value + white),
    nugget: 0,
  };
  const { posterior, from, check, warning } = choosePosterior(regressor, data, context);
  const outputNorm = readOutputNorm(regressor, outputs, Y.cols);
  if (inputs) requireColumns(inputs, X.cols);
  return {
    state: {
      kernel,
      Z: X,
      ...posterior,
      noise: { type: 'gaussian', variance: white },
      ...(outputNorm && { outputNorm }),
      ...(inputs && { inputTransform: inputs }),
    },
    format,
    source: 'sklearn GaussianProcessRegressor',
    ...(version !== undefined && { sourceVersion: version }),
    ...(inputNames?.length === X.cols && { inputs: inputNames.map((name) => ({ name })) }),
    trainingPoints: X.rows,
    posterior: from,
    ...(check && { posteriorCheck: check }),
    warnings: [
      ...(warning === undefined ? [] : [warning]),
      ...(isShort(regressor) ? [SHORT_INPUTS] : []),
      ...nuggetWarnings(nugget),
      ...(hasType(kernel, /^white$/) ? [WHITE_INSIDE] : []),
      ...(hasType(kernel, /chi2$/) ? [NON_NEGATIVE] : []),
    ],
  };
}

const WHITE_INSIDE =
  'A WhiteKernel is multiplied by a kernel whose variance is not the same everywhere: its noise is a part of the latent variance too.';

const SHORT_INPUTS =
  'The model was trained on 32-bit inputs, with which scikit-learn computes parts of the covariance to seven digits: predictions agree with its own to about as many.';
const NON_NEGATIVE =
  'A chi2 kernel is defined for inputs of at least 0 only: a negative one has no prediction.';

interface ChosenPosterior {
  readonly posterior: Pick<GpState, 'alpha' | 'factor'>;
  readonly from: 'stored' | 'rebuilt';
  readonly check?: PosteriorCheck;
  readonly warning?: string;
}

/** scikit-learn predicts with what was stored, whatever became of the kernel since, and so do we. */
function choosePosterior(
  regressor: PickleInstance,
  data: TrainingData,
  context: ImportContext,
): ChosenPosterior {
  const n = data.X.rows;
  if (!['L_', 'alpha_'].every((name) => isPresent(regressor.attribute(name)))) {
    const { alpha, factor, jitter } = inferExact(data, context.linalg);
    const added = jitter > 0 ? `, with ${jitter.toExponential(1)} added to its diagonal` : '';
    return {
      posterior: { alpha, factor },
      from: 'rebuilt',
      warning: `The file holds no factor of the covariance matrix: it was computed from the data${added}.`,
    };
  }
  const L = readMatrix(regressor, 'L_', context);
  const alpha = readMatrix(regressor, 'alpha_', context);
  if (L.rows !== n || L.cols !== n || alpha.rows !== n || alpha.cols !== data.Y.cols) {
    throw new ModelFileError(
      `L_ is ${L.rows} x ${L.cols} and alpha_ ${alpha.rows} x ${alpha.cols}, expected ${n} x ${n} and ${n} x ${data.Y.cols}.`,
    );
  }
  const check = checkPosterior(data, { L, alpha }, context.linalg);
  const warning = `The stored L_ and alpha_ do not belong to the stored kernel_ and data (relative error ${check.factorError.toExponential(1)} in the covariance): as scikit-learn does, predictions use them all the same.`;
  return {
    posterior: { alpha, factor: { type: 'cholesky', L } },
    from: 'stored',
    check,
    ...(!check.agreed && !isShort(regressor) && { warning }),
  };
}

/** One or two dimensions; a vector is a column. */
function readMatrix(regressor: PickleInstance, name: string, context: ImportContext): Matrix {
  const array = arrayOf(regressor.attribute(name), name);
  const [rows, cols = 1, ...rest] = array.shape;
  if (rows === undefined || rest.length > 0) {
    throw new ModelFileError(`${name} has ${array.shape.length} dimensions, expected 2.`);
  }
  const data = array.toFloat64(context.maxModelBytes);
  const at = data.findIndex((value) => !Number.isFinite(value));
  if (at >= 0)
    throw new ModelFileError(`${name} holds ${data[at]} in row ${Math.floor(at / cols)}, expected numbers.`);
  return new Matrix(rows, cols, data);
}

/** `alpha`: one number, or one a training point. */
function readNugget(regressor: PickleInstance, points: number): Float64Array {
  const values = numbersOf(regressor.attribute('alpha'), 'alpha', 8 * points);
  if ((values.length !== 1 && values.length !== points) || !values.every((value) => value >= 0)) {
    throw new ModelFileError(
      `alpha holds ${values.length} numbers, expected 1 or one for each of ${points} points, each of at least 0.`,
    );
  }
  return values.length === points ? Float64Array.from(values) : new Float64Array(points).fill(values[0]);
}

function nuggetWarnings(nugget: Float64Array): string[] {
  const largest = nugget.reduce((a, b) => Math.max(a, b), 0);
  if (largest <= NUGGET) return [];
  return [
    `alpha (up to ${largest.toPrecision(3)}) was added to the variance of the training points as noise; as in scikit-learn, the variance of a prediction does not include it.`,
  ];
}

/**
 * y = y_regressor * std + mean, then what a TransformedTargetRegressor undoes. Before version 0.23 there was a mean only,
 * in 0.18 under another name; and one number may stand for all outputs.
 */
function readOutputNorm(
  regressor: PickleInstance,
  outer: Affine | undefined,
  p: number,
): GpState['outputNorm'] {
  const each = (name: string, oldName: string, fallback: number): number[] => {
    const value = regressor.attribute(name) ?? regressor.attribute(oldName);
    const values = isPresent(value) ? numbersOf(value, name, 8 * p) : [fallback];
    return Array.from({ length: p }, (_, o) => (values.length === 1 ? values[0] : (values[o] ?? Number.NaN)));
  };
  const mean = each('_y_train_mean', 'y_train_mean', 0);
  const std = each('_y_train_std', 'y_train_std', 1);
  if (outer) {
    requireColumns(outer, p);
    return {
      mean: mean.map((value, o) => value * outer.scale[o] + outer.offset[o]),
      std: std.map((value, o) => value * outer.scale[o]),
    };
  }
  return mean.every((value) => value === 0) && std.every((value) => value === 1) ? undefined : { mean, std };
}

function requireColumns({ offset, scale }: Affine, columns: number): void {
  if (offset.length === columns && scale.length === columns) return;
  throw new ModelFileError(
    `A scaler holds ${offset.length} offsets and ${scale.length} scales, expected ${columns} of each.`,
  );
}

function numbersOf(value: PickleValue | undefined, what: string, maxBytes: number): number[] {
  if (value instanceof NdArray) return [...value.toFloat64(Math.max(8, maxBytes))];
  if (Array.isArray(value)) return value.map((item) => numberOf(item, what));
  return [numberOf(value, what)];
}

function hasType({ type, parts }: GpState['kernel'], pattern: RegExp): boolean {
  return pattern.test(type) || (parts ?? []).some((part) => hasType(part, pattern));
}

/** Whether the inputs of the training points have less than 64 bits; integers are exact. */
function isShort(regressor: PickleInstance): boolean {
  return /^f[24]$/.test(arrayOf(regressor.attribute('X_train_'), 'X_train_').dtype.typeCode);
}

function isPresent(value: PickleValue | undefined): boolean {
  return value !== undefined && value !== null;
}

/** The factor is n x n: say so before it is read. */
function requireFit(X: Matrix, { maxModelBytes }: ImportContext): void {
  const bytes = 8 * X.rows * (X.rows + X.cols);
  if (bytes > maxModelBytes) {
    throw new ModelFileError(
      `The model has ${X.rows} points and needs ${bytes} bytes, more than MAX_MODEL_BYTES allows (${maxModelBytes}).`,
    );
  }
}
