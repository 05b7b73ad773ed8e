import type { MeanSpec } from '../../../../numeric/gp/gp-state.js';
import type { KernelSpec } from '../../../../numeric/kernels/kernel-spec.js';
import { Matrix } from '../../../../numeric/linalg/matrix.js';
import { ModelFileError } from '../../../model-errors.js';
import { gpyModelKind, requireGaussianLikelihood } from './gpy-classes.js';
import { type GpyKernelSource, outputIndexDim, readGpyKernel } from './gpy-kernel.js';
import { type GpyParts, noiseByIndex } from './gpy-parts.js';

type Json = Readonly<Record<string, unknown>>;

/** Takes apart what GPy's `to_dict` wrote. Classes are matched by name against a list, and never evaluated. */
export function readGpyJsonModel(document: unknown): GpyParts {
  const model = objectOf(document, 'The document');
  const className = classOf(model, 'the model');
  const sparse = gpyModelKind(className) === 'sparse';
  const X = matrixOf(model.X, 'X');
  const Y = matrixOf(model.Y, 'Y');
  const kernel = readGpyKernel(new GpyJsonKernel(model.kernel));
  const outputNorm = readNormaliser(model.normalizer, Y.cols);
  return {
    className,
    kernel,
    X,
    Y: outputNorm ? normalise(Y, outputNorm) : Y,
    ...(sparse && { Z: matrixOf(model.Z, 'Z') }),
    ...readLikelihood(model.likelihood, kernel, X),
    ...(isPresent(model.mean_function) && { mean: readMean(model.mean_function, Y.cols) }),
    ...(outputNorm && { outputNorm }),
  };
}

class GpyJsonKernel implements GpyKernelSource {
  readonly #kernel: Json;
  readonly className: string;
  /** save_model came with version 1.9. */
  readonly beforeVersion1 = false;

  constructor(kernel: unknown) {
    this.#kernel = objectOf(kernel, 'kernel');
    this.className = classOf(this.#kernel, 'kernel');
  }

  /** A sum or product is made anew from its parts, which then see all columns: what `**` had moved is lost. */
  dims(): number[] | undefined {
    if (this.#kernel.parts !== undefined) return undefined;
    return numbersOf(this.#kernel.active_dims, `${this.className}.active_dims`);
  }

  /** `{"0": ..., "1": ...}` */
  parts(): GpyKernelSource[] {
    const parts = objectOf(this.#kernel.parts, `${this.className}.parts`);
    return Object.values(parts).map((part) => new GpyJsonKernel(part));
  }

  has(parameter: string): boolean {
    return this.#kernel[parameter] !== undefined;
  }

  values(parameter: string): number[] {
    return numbersOf(this.#kernel[parameter], `${this.className}.${parameter}`);
  }
}

function readLikelihood(
  value: unknown,
  kernel: KernelSpec,
  X: Matrix,
): Pick<GpyParts, 'noise' | 'noiseAtTraining'> {
  const likelihood = objectOf(value, 'likelihood');
  const className = classOf(likelihood, 'likelihood');
  const link = likelihood.gp_link_dict;
  const linkClass = link === undefined ? undefined : classOf(objectOf(link, 'gp_link_dict'), 'gp_link_dict');
  requireGaussianLikelihood(className, linkClass);
  if (className === 'HeteroscedasticGaussian') {
    throw new ModelFileError(
      'GPy JSON with heteroscedastic noise is not supported: pickle the model instead.',
    );
  }
  if (className === 'Gaussian') return { noise: { type: 'gaussian', variance: noiseVariance(likelihood) } };
  const parts = likelihood.likelihoods_list;
  if (!Array.isArray(parts)) throw new ModelFileError('likelihood.likelihoods_list is not a list.');
  const variances = parts.map((part) => noiseVariance(objectOf(part, 'likelihood')));
  return noiseByIndex(outputIndexDim(kernel), variances, X);
}

function noiseVariance(likelihood: Json): number {
  const variance = numbersOf(likelihood.variance, 'likelihood.variance');
  if (variance.length === 1) return variance[0];
  throw new ModelFileError(`likelihood.variance has ${variance.length} values, expected 1.`);
}

function readMean(value: unknown, outputs: number): MeanSpec {
  const mean = objectOf(value, 'mean_function');
  const className = classOf(mean, 'mean_function');
  if (className === 'Linear') return { type: 'linear', A: matrixOf(mean.A, 'mean_function.A') };
  if (className !== 'Constant') {
    throw new ModelFileError(
      `GPy JSON with the mean function ${className} is not supported, only Constant and Linear: pickle the model instead.`,
    );
  }
  const numbers = numbersOf(mean.value, 'mean_function.value');
  return {
    type: 'constant',
    value: numbers.length === 1 ? Array.from({ length: outputs }, () => numbers[0]) : numbers,
  };
}

function readNormaliser(value: unknown, outputs: number): GpyParts['outputNorm'] {
  if (!isPresent(value)) return undefined;
  const normaliser = objectOf(value, 'normalizer');
  const className = classOf(normaliser, 'normalizer');
  if (className !== 'Standardize') {
    throw new ModelFileError(`The output normaliser ${className} is not supported, only Standardize.`);
  }
  const [mean, std] = ['mean', 'std'].map((name) => numbersOf(normaliser[name], `normalizer.${name}`));
  if (mean.length !== outputs || std.length !== outputs) {
    throw new ModelFileError(
      `The normalizer has ${mean.length} means and ${std.length} deviations, expected ${outputs} of each.`,
    );
  }
  return { mean, std };
}

function normalise(Y: Matrix, { mean, std }: NonNullable<GpyParts['outputNorm']>): Matrix {
  return new Matrix(
    Y.rows,
    Y.cols,
    Y.data.map((value, k) => (value - mean[k % Y.cols]) / std[k % Y.cols]),
  );
}

/** The last part of a class string: `RBF` of `GPy.kern.RBF`. */
function classOf(value: Json, what: string): string {
  const name = value.class;
  if (typeof name !== 'string' || !/^GPy(\.\w+)+$/.test(name) || name.length > 200) {
    throw new ModelFileError(`${what} has no "class" of GPy, as save_model writes it: not a GPy model.`);
  }
  return name.slice(name.lastIndexOf('.') + 1);
}

function objectOf(value: unknown, what: string): Json {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Json;
  throw new ModelFileError(`${what} is not an object, as save_model writes it: not a GPy model.`);
}

/** A number, or nested lists of numbers row by row. Depth is bounded: GPy nests two deep. */
function numbersOf(value: unknown, what: string, depth = 0): number[] {
  if (typeof value === 'number') {
    if (Number.isFinite(value)) return [value];
    throw new ModelFileError(`${what} holds ${value}, expected a finite number.`);
  }
  if (!Array.isArray(value) || depth > 3) throw new ModelFileError(`${what} is not a list of numbers.`);
  return value.flatMap((item) => numbersOf(item, what, depth + 1));
}

function matrixOf(value: unknown, what: string): Matrix {
  if (!Array.isArray(value) || value.length === 0) {
    throw new ModelFileError(`${what} is not a list of rows. Save the model with its data (save_data=True).`);
  }
  const rows = value.map((row) => numbersOf(row, what, 1));
  const width = rows[0].length;
  const at = rows.findIndex((row) => row.length !== width);
  if (at >= 0)
    throw new ModelFileError(`${what} has ${rows[at].length} numbers in row ${at}, expected ${width}.`);
  return Matrix.fromRows(rows);
}

function isPresent(value: unknown): boolean {
  return value !== undefined && value !== null && value !== false;
}
