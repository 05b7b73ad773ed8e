import { ModelFileError } from '../../../model-errors.js';
import { NdArray } from '../pickle/numpy-array.js';
import { attributeOf, integerOf, listOf, numberOf } from '../pickle/pickle-access.js';
import { describe, PickleInstance, type PickleValue } from '../pickle/pickle-values.js';
import type { GpyKernelSource } from './gpy-kernel.js';

/** More columns or hyperparameters than any kernel has: an array this long is not read. */
const MAX_VALUES = 100_000;

export class GpyPickleKernel implements GpyKernelSource {
  readonly className: string;
  readonly beforeVersion1: boolean;

  constructor(private readonly kernel: PickleValue | undefined) {
    if (!(kernel instanceof PickleInstance)) {
      throw new ModelFileError(`The kernel is ${describe(kernel)}, expected a GPy kernel.`);
    }
    this.className = kernel.class_.name;
    this.beforeVersion1 = kernel.class_.module.startsWith('GPy.kern._src.');
  }

  /** `k1 ** k2` shifts `_all_dims_active` alone; `active_dims` stays as it was. */
  dims(): number[] {
    const active = attributeOf(this.kernel, '_all_dims_active') ?? attributeOf(this.kernel, 'active_dims');
    if (active instanceof NdArray) return [...active.toFloat64(8 * MAX_VALUES)];
    return listOf(active, `${this.className}.active_dims`).map((dim) =>
      integerOf(dim, 'an active dimension'),
    );
  }

  parts(): GpyKernelSource[] {
    const parts = listOf(attributeOf(this.kernel, 'parameters'), `${this.className}.parameters`);
    return parts.map((part) => new GpyPickleKernel(part));
  }

  has(parameter: string): boolean {
    return attributeOf(this.kernel, parameter) !== undefined;
  }

  values(parameter: string): number[] {
    const value = attributeOf(this.kernel, parameter);
    if (value instanceof NdArray) return [...value.toFloat64(8 * MAX_VALUES)];
    return [numberOf(value, `${this.className}.${parameter}`)];
  }
}
