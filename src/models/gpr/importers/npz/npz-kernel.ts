import { MalformedBodyError } from '../../../../common/media/issue.js';
import { parseJsonText } from '../../../../common/media/json-text.js';
import type { KernelSpec } from '../../../../numeric/kernels/kernel-spec.js';
import { ModelFileError } from '../../../model-errors.js';
import { Field } from '../document/field.js';
import { readKernel, readKernelType } from '../document/kernel-field.js';
import type { NpzArrays } from './read-npz-model.js';

/** A kernel and the noise variance, wherever the file has them. */
export interface KernelAndNoise {
  readonly kernel: KernelSpec;
  readonly noise: number;
}

/** Kernels whose parameters stand in GPy's `param_array` as variance, lengthscale(s), and these. */
const GPY_EXTRAS: ReadonlyMap<string, readonly string[]> = new Map([
  ['rbf', []],
  ['exponential', []],
  ['matern32', []],
  ['matern52', []],
  ['cosine', []],
  ['ratquad', ['power']],
]);

/**
 * `kernel` is a text: JSON of a tree, or the name of one kernel (RBF where there is none), whose hyperparameters are
 * then arrays of their own, or GPy's `param_array`.
 */
export function readKernelAndNoise(arrays: NpzArrays, d: number): KernelAndNoise {
  const text = arrays.texts('kernel', 1)?.[0] ?? 'rbf';
  if (text.trimStart().startsWith('{')) {
    return { kernel: readKernel(new Field('kernel', parse(text))), noise: arrays.number('noise') };
  }
  const type = readKernelType(new Field('kernel', text));
  return arrays.has('param_array') ? fromParamArray(type, arrays, d) : fromArrays(type, arrays);
}

function fromArrays(type: string, arrays: NpzArrays): KernelAndNoise {
  const params = arrays.otherNames().map((name) => {
    const canonical = name === 'lengthscales' ? 'lengthscale' : name;
    const values = arrays.list(name);
    return [canonical, values.length === 1 ? values[0] : values] as const;
  });
  return { kernel: { type, params: Object.fromEntries(params) }, noise: arrays.number('noise') };
}

/** `model.param_array` of a GPRegression: variance, one lengthscale or one an input (ARD), ..., noise variance. */
function fromParamArray(type: string, arrays: NpzArrays, d: number): KernelAndNoise {
  const extras = GPY_EXTRAS.get(type);
  if (!extras) {
    throw new ModelFileError(
      `param_array does not say which of its numbers is which for the kernel ${type}, only for ${[...GPY_EXTRAS.keys()].join(', ')}: store the hyperparameters by name.`,
    );
  }
  const values = arrays.list('param_array');
  const lengthscales = values.length - 2 - extras.length;
  if (lengthscales !== 1 && lengthscales !== d) {
    const expected = [1, d].map((count) => count + 2 + extras.length);
    throw new ModelFileError(
      `param_array has ${values.length} numbers, expected ${expected[0]} or ${expected[1]}: variance, one lengthscale or ${d}, ${[...extras, 'noise variance'].join(', ')}.`,
    );
  }
  const lengthscale = values.slice(1, 1 + lengthscales);
  const params = {
    variance: values[0],
    lengthscale: lengthscales === 1 ? lengthscale[0] : lengthscale,
    ...Object.fromEntries(extras.map((name, i) => [name, values[1 + lengthscales + i]])),
  };
  return { kernel: { type, params }, noise: values[values.length - 1] };
}

function parse(text: string): unknown {
  try {
    return parseJsonText(text, { uniqueKeys: true });
  } catch (error) {
    if (error instanceof MalformedBodyError)
      throw new ModelFileError(`In the array "kernel": ${error.message}`);
    throw error;
  }
}
