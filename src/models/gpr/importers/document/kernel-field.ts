import { KERNEL_TYPES } from '../../../../numeric/kernels/kernels.js';
import type { KernelSpec } from '../../../../numeric/kernels/kernel-spec.js';
import { listNames } from '../../../../common/media/describe.js';
import { ModelFileError } from '../../../model-errors.js';
import type { Field } from './field.js';

const MAX_NODES = 1000;
const MAX_DEPTH = 64;
type Params = NonNullable<KernelSpec['params']>;

/**
 * A kernel tree `{type, dims, params, parts}`. Its shape is checked here; names, counts and ranges of the parameters
 * are checked by `buildKernel`, which knows them.
 */
export function readKernel(root: Field): KernelSpec {
  let nodes = 0;
  const read = (field: Field, depth: number): KernelSpec => {
    nodes += 1;
    if (nodes > MAX_NODES || depth > MAX_DEPTH) {
      throw new ModelFileError(`The kernel has more than ${MAX_NODES} parts or ${MAX_DEPTH} levels.`);
    }
    const members = field.members(['type', 'dims', 'params', 'parts']);
    const type = readKernelType(members.required('type', 'the name of a kernel'));
    const dims = members.optional('dims')?.list('a list of input columns');
    const params = members.optional('params');
    const parts = members.optional('parts')?.list('a list of kernels');
    return {
      type,
      ...(dims && { dims: dims.map((dim) => dim.wholeNumber(0)) }),
      ...(params && { params: readParams(params) }),
      ...(parts && { parts: parts.map((part) => read(part, depth + 1)) }),
    };
  };
  return read(root, 1);
}

export function readKernelType(field: Field): string {
  const type = field.text('the name of a kernel');
  if (!KERNEL_TYPES.includes(type)) field.refuse(`one of ${KERNEL_TYPES.join(', ')}`);
  return type;
}

/** Numbers, lists and lists of rows, by name. */
export function readParams(field: Field): Params {
  const params = field.entries().map(([name, value]) => {
    if (!value.isList) return [name, value.number()] as const;
    const items = value.list();
    if (!items.some((item) => item.isList)) return [name, items.map((item) => item.number())] as const;
    return [name, items.map((row) => row.numbers())] as const;
  });
  if (params.length > MAX_NODES)
    field.refuse(`an object of ${listNames(['variance', 'lengthscale', '...'])}`);
  return Object.fromEntries(params) as Params;
}
