import type { MeanSpec, PosteriorFactor } from '../../../../numeric/gp/gp-state.js';
import type { KernelSpec } from '../../../../numeric/kernels/kernel-spec.js';
import { Matrix } from '../../../../numeric/linalg/matrix.js';
import { ModelFileError } from '../../../model-errors.js';
import type { ImportContext } from '../importer.js';
import { NdArray } from '../pickle/numpy-array.js';
import { arrayOf, attributeOf, listOf, numberOf } from '../pickle/pickle-access.js';
import { describe, PickleInstance, type PickleValue } from '../pickle/pickle-values.js';
import { gpyModelKind, requireGaussianLikelihood } from './gpy-classes.js';
import { type GpyKernelSource, outputIndexDim, readGpyKernel } from './gpy-kernel.js';
import { GpyPickleKernel } from './gpy-pickle-kernel.js';
import { type GpyParts, noiseByIndex } from './gpy-parts.js';

type Value = PickleValue | undefined;

/**
 * Takes a pickled GPy model apart, by the names of its attributes (GPy 0.8 to 1.15).
 * Throws ModelFileError for what is not supported, PickleError for what is not as GPy writes it.
 */
export function readGpyPickleModel(root: PickleValue, context: ImportContext): GpyParts {
  if (!(root instanceof PickleInstance)) {
    throw new ModelFileError(`The file holds ${describe(root)}, expected a model of GPy or scikit-learn.`);
  }
  const className = root.class_.name;
  const sparse = gpyModelKind(className) === 'sparse';
  const matrix = (value: Value, what: string): Matrix => readMatrix(value, what, context);

  const X = matrix(root.attribute('X'), 'X');
  const kernelSource: GpyKernelSource = new GpyPickleKernel(root.attribute('kern'));
  const kernel = readGpyKernel(kernelSource);
  const outputNorm = readNormaliser(root.attribute('normalizer'));
  const Y = matrix(root.attribute('Y_normalized') ?? root.attribute('Y'), 'Y');
  const mean = root.attribute('mean_function');
  const posterior = readPosterior(root.attribute('posterior'), context);
  return {
    className,
    kernel,
    X,
    Y,
    ...(sparse && { Z: matrix(root.attribute('Z'), 'Z') }),
    ...readLikelihood(root.attribute('likelihood'), kernel, X),
    ...(isPresent(mean) && { mean: readMean(mean, context) }),
    ...(outputNorm && { outputNorm }),
    ...(posterior && { posterior }),
  };
}

/** One or two dimensions; a vector is a column. */
function readMatrix(value: Value, what: string, context: ImportContext): Matrix {
  const array = arrayOf(value, what);
  const [rows, cols = 1, ...rest] = array.shape;
  if (rows === undefined || rest.length > 0) {
    throw new ModelFileError(`${what} has ${array.shape.length} dimensions, expected 2.`);
  }
  const data = array.toFloat64(context.maxModelBytes);
  const at = data.findIndex((number) => !Number.isFinite(number));
  if (at >= 0)
    throw new ModelFileError(`${what} holds ${data[at]} in row ${Math.floor(at / cols)}, expected numbers.`);
  return new Matrix(rows, cols, data);
}

/**
 * PosteriorExact has the Cholesky factor, Posterior (sparse models) the inverse. Any field may be None. GPy derives a
 * factor from an inverse lazily, three-dimensional and upside down: the inverse counts then.
 */
function readPosterior(value: Value, context: ImportContext): GpyParts['posterior'] {
  if (!isPresent(value)) return undefined;
  const className = value instanceof PickleInstance ? value.class_.name : '';
  if (!['PosteriorExact', 'Posterior', 'PosteriorEP'].includes(className)) {
    throw new ModelFileError(
      `The posterior ${className || describe(value)} is not supported: its predictions are not Gaussian.`,
    );
  }
  const alpha = attributeOf(value, '_woodbury_vector');
  const factor = readFactor(
    attributeOf(value, '_woodbury_chol'),
    attributeOf(value, '_woodbury_inv'),
    context,
  );
  if (!factor || !isPresent(alpha)) return undefined;
  return { alpha: readMatrix(alpha, 'posterior._woodbury_vector', context), factor };
}

function readFactor(chol: Value, inverse: Value, context: ImportContext): PosteriorFactor | undefined {
  for (const field of [inverse, chol]) {
    if (field instanceof NdArray && field.shape.length === 3 && field.shape[2] > 1) {
      throw new ModelFileError(
        'The model has missing data in some outputs (a posterior an output), which is not supported.',
      );
    }
  }
  if (chol instanceof NdArray && chol.shape.length === 2) {
    return { type: 'cholesky', L: readMatrix(chol, 'posterior._woodbury_chol', context) };
  }
  if (inverse instanceof NdArray && inverse.shape.length >= 2) {
    const [rows, cols] = inverse.shape;
    return { type: 'inverse', W: new Matrix(rows, cols, inverse.toFloat64(context.maxModelBytes)) };
  }
  return undefined;
}

function readLikelihood(
  value: Value,
  kernel: KernelSpec,
  X: Matrix,
): Pick<GpyParts, 'noise' | 'noiseAtTraining'> {
  const className = requireLikelihood(value);
  if (className === 'MixedNoise') {
    const parts = listOf(attributeOf(value, 'likelihoods_list'), 'likelihood.likelihoods_list');
    const variances = parts.map((part) => {
      const partClass = requireLikelihood(part);
      if (partClass !== 'Gaussian') {
        throw new ModelFileError(
          `A MixedNoise likelihood of ${partClass} is not supported, only of Gaussian.`,
        );
      }
      return numberOf(attributeOf(part, 'variance'), 'likelihood.variance');
    });
    return noiseByIndex(outputIndexDim(kernel), variances, X);
  }
  const variance = attributeOf(value, 'variance');
  if (className === 'HeteroscedasticGaussian') {
    return {
      noise: { type: 'heteroscedastic' },
      noiseAtTraining: arrayOf(variance, 'likelihood.variance').toFloat64(),
    };
  }
  return { noise: { type: 'gaussian', variance: numberOf(variance, 'likelihood.variance') } };
}

function requireLikelihood(value: Value): string {
  if (!(value instanceof PickleInstance)) {
    throw new ModelFileError(`The likelihood is ${describe(value)}, expected a GPy likelihood.`);
  }
  const link = attributeOf(value, 'gp_link');
  requireGaussianLikelihood(value.class_.name, link instanceof PickleInstance ? link.class_.name : undefined);
  return value.class_.name;
}

/** Nested sums deeper than any real model would be a file made to exhaust the stack. */
const MAX_MEAN_DEPTH = 16;

function readMean(value: Value, context: ImportContext, depth = 0): MeanSpec {
  const className = value instanceof PickleInstance ? value.class_.name : describe(value);
  if (depth > MAX_MEAN_DEPTH)
    throw new ModelFileError(`The mean function has more than ${MAX_MEAN_DEPTH} levels.`);
  switch (className) {
    case 'Constant':
      return {
        type: 'constant',
        value: [...arrayOf(attributeOf(value, 'C'), 'mean_function.C').toFloat64()],
      };
    case 'Linear':
      return { type: 'linear', A: readMatrix(attributeOf(value, 'A'), 'mean_function.A', context) };
    case 'Additive': {
      const parts = ['mapping1', 'mapping2'].map((name) =>
        readMean(attributeOf(value, name), context, depth + 1),
      );
      return { type: 'sum', parts };
    }
    default:
      throw new ModelFileError(
        `The mean function ${className} is not supported, only Constant, Linear and Additive of those.`,
      );
  }
}

function readNormaliser(value: Value): GpyParts['outputNorm'] {
  if (!isPresent(value)) return undefined;
  const className = value instanceof PickleInstance ? value.class_.name : describe(value);
  if (className !== 'Standardize' && className !== 'MeanNorm') {
    throw new ModelFileError(`The output normaliser ${className} is not supported, only Standardize.`);
  }
  const numbers = (name: string): number[] => [
    ...arrayOf(attributeOf(value, name), `normalizer.${name}`).toFloat64(),
  ];
  const mean = numbers('mean');
  return { mean, std: className === 'MeanNorm' ? mean.map(() => 1) : numbers('std') };
}

function isPresent(value: Value): value is Exclude<PickleValue, null | false> {
  return value !== undefined && value !== null && value !== false;
}
