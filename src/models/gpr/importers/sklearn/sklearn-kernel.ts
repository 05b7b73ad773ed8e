import type { KernelSpec } from '../../../../numeric/kernels/kernel-spec.js';
import { ModelFileError } from '../../../model-errors.js';
import { NdArray } from '../pickle/numpy-array.js';
import { dictOf, listOf, numberOf } from '../pickle/pickle-access.js';
import {
  describe,
  PickleDict,
  PickleInstance,
  PickleTuple,
  type PickleValue,
} from '../pickle/pickle-values.js';
import { constant, foldConstants, KernelTerm, power, product, sum } from './kernel-term.js';

/** More hyperparameters than any kernel has: an array this long is not read. */
const MAX_VALUES = 100_000;
const MAX_NODES = 500;
const MAX_DEPTH = 60;

type Value = PickleValue | undefined;

/**
 * Reads a tree of scikit-learn's kernels over `inputs` columns, and parts the noise (WhiteKernel) from the rest. Each of
 * its stationary kernels has variance 1. Throws ModelFileError for what is not supported.
 */
export function readSklearnKernel(root: Value, inputs: number): KernelTerm {
  const dims = Array.from({ length: inputs }, (_, q) => q);
  let nodes = 0;
  const read = (kernel: Value, depth: number): KernelTerm => {
    if (++nodes > MAX_NODES || depth > MAX_DEPTH) {
      throw new ModelFileError(`The kernel has more than ${MAX_NODES} parts or ${MAX_DEPTH} levels.`);
    }
    if (!(kernel instanceof PickleInstance)) {
      throw new ModelFileError(`The kernel is ${describe(kernel)}, expected a kernel of scikit-learn.`);
    }
    const part = (name: string): KernelTerm => read(kernel.attribute(name), depth + 1);
    switch (kernel.class_.name) {
      case 'Sum':
        return sum(part('k1'), part('k2'));
      case 'Product':
        return product(part('k1'), part('k2'));
      case 'Exponentiation':
        return power(part('kernel'), positive(kernel, 'exponent'));
      default:
        return readLeaf(kernel, dims);
    }
  };
  const term = read(root, 0);
  return new KernelTerm(term.smooth && foldConstants(term.smooth), term.diagonal, term.white);
}

function readLeaf(kernel: PickleInstance, dims: readonly number[]): KernelTerm {
  switch (kernel.class_.name) {
    case 'ConstantKernel': {
      const value = number(kernel, 'constant_value');
      return new KernelTerm(constant(value, dims), value, 0);
    }
    case 'WhiteKernel':
      return new KernelTerm(undefined, 0, number(kernel, 'noise_level'));
    case 'RBF':
      return stationary('rbf', dims, { lengthscale: lengthscales(kernel, dims) });
    case 'Matern':
      return matern(kernel, dims);
    case 'RationalQuadratic': {
      // (1 + d^2 / (2 alpha l^2))^-alpha: our power does not divide the distance, so the lengthscale takes it in.
      const alpha = positive(kernel, 'alpha');
      const lengthscale = positive(kernel, 'length_scale') * Math.sqrt(alpha);
      return stationary('ratquad', dims, { lengthscale, power: alpha });
    }
    case 'ExpSineSquared':
      return stationary('exp-sine-squared', dims, {
        lengthscale: positive(kernel, 'length_scale'),
        period: positive(kernel, 'periodicity'),
      });
    case 'DotProduct': {
      const linear: KernelSpec = { type: 'linear', dims, params: { variances: 1 } };
      const sigma0 = number(kernel, 'sigma_0');
      const parts = sigma0 === 0 ? [linear] : [constant(sigma0 * sigma0, dims), linear];
      return new KernelTerm({ type: 'sum', parts }, undefined, 0);
    }
    case 'PairwiseKernel':
      return pairwise(kernel, dims);
    case 'CompoundKernel':
      throw new ModelFileError(
        'The kernel CompoundKernel is not supported: it is the set of kernels of a classifier of several classes.',
      );
    default:
      throw new ModelFileError(
        `The kernel ${kernel.class_.name} is not supported, only the kernels of scikit-learn's gaussian_process.kernels.`,
      );
  }
}

function stationary(
  type: string,
  dims: readonly number[],
  params: NonNullable<KernelSpec['params']>,
): KernelTerm {
  return new KernelTerm({ type, dims, params: { variance: 1, ...params } }, 1, 0);
}

function matern(kernel: PickleInstance, dims: readonly number[]): KernelTerm {
  const lengthscale = lengthscales(kernel, dims);
  const nu = numberOf(kernel.attribute('nu'), 'Matern.nu');
  const known = new Map([
    [0.5, 'exponential'],
    [1.5, 'matern32'],
    [2.5, 'matern52'],
    [Infinity, 'rbf'],
  ]).get(nu);
  return known === undefined
    ? stationary('matern', dims, { lengthscale, nu })
    : stationary(known, dims, { lengthscale });
}

/** sklearn.metrics.pairwise.pairwise_kernels; a metric that is a function of one's own is a name the file may not use. */
function pairwise(kernel: PickleInstance, dims: readonly number[]): KernelTerm {
  const metric = kernel.attribute('metric');
  const settings = kernel.attribute('pairwise_kernels_kwargs') ?? null;
  const options = settings === null ? new PickleDict() : dictOf(settings, 'pairwise_kernels_kwargs');
  const option = (name: string, fallback: number): number =>
    options.has(name) ? numberOf(options.get(name), `PairwiseKernel.${name}`) : fallback;
  const gamma = (): number => positive(kernel, 'gamma');
  const leaf = (
    type: string,
    params: NonNullable<KernelSpec['params']>,
    diagonal: number | undefined,
  ): KernelTerm => new KernelTerm({ type, dims, params }, diagonal, 0);
  switch (metric) {
    case 'linear':
      return leaf('linear', { variances: 1 }, undefined);
    case 'poly':
    case 'polynomial':
      return leaf(
        'poly',
        { variance: 1, scale: gamma(), bias: option('coef0', 1), order: option('degree', 3) },
        undefined,
      );
    case 'rbf':
      return stationary('rbf', dims, { lengthscale: 1 / Math.sqrt(2 * gamma()) });
    case 'laplacian': {
      // exp(-gamma sum_q |x_q - z_q|) is the product of its columns.
      const params = { variance: 1, lengthscale: 1 / gamma() };
      const parts = dims.map((dim): KernelSpec => ({ type: 'exponential', dims: [dim], params }));
      return new KernelTerm({ type: 'product', parts }, 1, 0);
    }
    case 'sigmoid':
      return leaf('sigmoid', { variance: 1, scale: gamma(), bias: option('coef0', 1) }, undefined);
    case 'cosine':
      return leaf('cosine-similarity', { variance: 1 }, undefined);
    case 'chi2':
      return leaf('chi2', { variance: 1, gamma: gamma() }, 1);
    case 'additive_chi2':
      return leaf('additive-chi2', { variance: 1 }, 0);
    default:
      throw new ModelFileError(
        `A PairwiseKernel with the metric ${typeof metric === 'string' ? metric.slice(0, 40) : describe(metric)} is not supported, only additive_chi2, chi2, cosine, laplacian, linear, poly, polynomial, rbf and sigmoid.`,
      );
  }
}

/** One for all inputs, or one for each (anisotropic). */
function lengthscales(kernel: PickleInstance, dims: readonly number[]): number | number[] {
  const value = kernel.attribute('length_scale');
  const what = `${kernel.class_.name}.length_scale`;
  const values = arrayLike(value, what);
  if (values.length !== 1 && values.length !== dims.length) {
    throw new ModelFileError(
      `${what} has ${values.length} values, expected 1 or one for each of ${dims.length} inputs.`,
    );
  }
  return values.length === 1 ? values[0] : values;
}

function arrayLike(value: Value, what: string): number[] {
  if (value instanceof NdArray) return [...value.toFloat64(8 * MAX_VALUES)];
  if (Array.isArray(value) || value instanceof PickleTuple)
    return listOf(value, what).map((item) => numberOf(item, what));
  return [numberOf(value, what)];
}

function number(kernel: PickleInstance, name: string): number {
  const value = numberOf(kernel.attribute(name), `${kernel.class_.name}.${name}`);
  if (Number.isFinite(value) && value >= 0) return value;
  throw new ModelFileError(`${kernel.class_.name}.${name} is ${value}, expected a number of at least 0.`);
}

function positive(kernel: PickleInstance, name: string): number {
  const value = number(kernel, name);
  if (value > 0) return value;
  throw new ModelFileError(`${kernel.class_.name}.${name} is 0, expected a positive number.`);
}
