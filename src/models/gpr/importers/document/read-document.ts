import type { KernelSpec } from '../../../../numeric/kernels/kernel-spec.js';
import { Field, type FieldMembers, ROOT } from './field.js';
import type { GpData } from './fit-gp.js';
import { readKernel, readKernelType, readParams } from './kernel-field.js';
import { COMMON_FIELDS, readModelFields } from './model-fields.js';

const FIELDS = ['$schema', 'kernel', 'params', 'X', 'y', ...COMMON_FIELDS] as const;

/**
 * A model as plain JSON: kernel with its hyperparameters, X, y and noise, and what else schemas/gpr.schema.json has.
 * Throws ModelFileError that names the field, what came and what was expected.
 */
export function readGprDocument(document: unknown): GpData {
  const members = new Field(ROOT, document).members(FIELDS);
  const kernel = readKernelMember(members);
  const X = members.required('X', 'the training inputs, one row a point').matrix('one row a point');
  const Y = members.required('y', 'the training outputs, one a point').matrix('one row a point');
  return {
    kernel,
    X,
    Y,
    ...readModelFields(members, X.cols, Y.cols, (slope) => slope.matrix('the slopes, d x p')),
  };
}

/** A tree, or the name of one kernel with its hyperparameters in `params` beside it. */
function readKernelMember(members: FieldMembers<'kernel' | 'params'>): KernelSpec {
  const kernel = members.required('kernel', 'a kernel');
  const params = members.optional('params');
  if (typeof kernel.value === 'string') {
    return { type: readKernelType(kernel), params: params ? readParams(params) : {} };
  }
  if (params) params.refuse('left out', 'the kernel is an object with params of its own');
  return readKernel(kernel);
}
