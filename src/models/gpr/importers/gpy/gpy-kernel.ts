import type { KernelSpec } from '../../../../numeric/kernels/kernel-spec.js';
import { ModelFileError } from '../../../model-errors.js';

/** A GPy kernel as its file holds it, pickle or JSON. Parameter values are natural: no transform applies. */
export interface GpyKernelSource {
  /** Last part of the Python class: `RBF`, `Add`, ... */
  readonly className: string;
  /** Input columns, `_all_dims_active`. */
  dims(): number[];
  /** The children of a sum or product, in order. */
  parts(): GpyKernelSource[];
  /** A parameter, flattened row by row; throws ModelFileError where it is missing. */
  values(parameter: string): number[];
}

type Reader = (kernel: GpyKernelSource) => number | number[] | number[][];

interface LeafKind {
  readonly type: string;
  readonly params: Readonly<Record<string, Reader>>;
}

/** One number whatever the number of inputs. */
const scalar =
  (parameter: string): Reader =>
  (kernel) => {
    const values = kernel.values(parameter);
    if (values.length !== 1) {
      throw new ModelFileError(`${kernel.className}.${parameter} has ${values.length} values, expected 1.`);
    }
    return values[0];
  };

/** One number, or one an input (ARD). */
const perInput =
  (parameter: string): Reader =>
  (kernel) => {
    const values = kernel.values(parameter);
    return values.length === 1 ? values[0] : values;
  };

const list =
  (parameter: string): Reader =>
  (kernel) =>
    kernel.values(parameter);

/** W is p x r; kappa has p values. */
const coregionalizationW: Reader = (kernel) => {
  const outputs = kernel.values('kappa').length;
  const W = kernel.values('W');
  const rank = W.length / outputs;
  if (!Number.isInteger(rank)) {
    throw new ModelFileError(`Coregionalize.W has ${W.length} values, expected a multiple of ${outputs}.`);
  }
  return Array.from({ length: outputs }, (_, i) => W.slice(i * rank, (i + 1) * rank));
};

const variance = scalar('variance');
const stationary = { variance, lengthscale: perInput('lengthscale') };

const LEAVES: ReadonlyMap<string, LeafKind> = new Map([
  ['RBF', { type: 'rbf', params: stationary }],
  ['ExpQuad', { type: 'rbf', params: stationary }],
  ['Exponential', { type: 'exponential', params: stationary }],
  ['OU', { type: 'exponential', params: stationary }],
  ['Matern32', { type: 'matern32', params: stationary }],
  ['Matern52', { type: 'matern52', params: stationary }],
  ['RatQuad', { type: 'ratquad', params: { ...stationary, power: scalar('power') } }],
  ['Cosine', { type: 'cosine', params: stationary }],
  ['ExpQuadCosine', { type: 'exp-quad-cosine', params: { ...stationary, period: scalar('period') } }],
  ['Linear', { type: 'linear', params: { variances: perInput('variances') } }],
  ['Bias', { type: 'bias', params: { variance } }],
  ['White', { type: 'white', params: { variance } }],
  [
    'Poly',
    {
      type: 'poly',
      params: { variance, scale: scalar('scale'), bias: scalar('bias'), order: scalar('order') },
    },
  ],
  [
    'StdPeriodic',
    {
      type: 'periodic',
      params: { variance, period: perInput('period'), lengthscale: perInput('lengthscale') },
    },
  ],
  [
    'MLP',
    {
      type: 'mlp',
      params: {
        variance,
        weight_variance: perInput('weight_variance'),
        bias_variance: scalar('bias_variance'),
      },
    },
  ],
  ['Brownian', { type: 'brownian', params: { variance } }],
  ['Coregionalize', { type: 'coregionalize', params: { W: coregionalizationW, kappa: list('kappa') } }],
]);

const COMBINATIONS: ReadonlyMap<string, string> = new Map([
  ['Add', 'sum'],
  ['Prod', 'product'],
]);

/** A file of a few bytes can hold a kernel that contains itself twice at each level: count while building. */
const MAX_NODES = 1000;
const MAX_DEPTH = 64;

/** Reads a tree of GPy kernels. Throws ModelFileError for a kernel that is not supported, or a tree without end. */
export function readGpyKernel(root: GpyKernelSource): KernelSpec {
  let nodes = 0;
  const read = (kernel: GpyKernelSource, depth: number): KernelSpec => {
    if (++nodes > MAX_NODES || depth > MAX_DEPTH) {
      throw new ModelFileError(`The kernel has more than ${MAX_NODES} parts or ${MAX_DEPTH} levels.`);
    }
    const combination = COMBINATIONS.get(kernel.className);
    if (combination !== undefined) {
      return { type: combination, parts: kernel.parts().map((part) => read(part, depth + 1)) };
    }
    const leaf = LEAVES.get(kernel.className);
    if (!leaf) {
      const known = [...LEAVES.keys(), ...COMBINATIONS.keys()].join(', ');
      throw new ModelFileError(`The GPy kernel ${kernel.className} is not supported, only ${known}.`);
    }
    const params = Object.entries(leaf.params).map(([name, from]) => [name, from(kernel)] as const);
    return { type: leaf.type, dims: kernel.dims(), params: Object.fromEntries(params) };
  };
  return read(root, 0);
}

/** The input column that holds the output index. Throws ModelFileError where no kernel uses one. */
export function outputIndexDim(kernel: KernelSpec): number {
  const dim = coregionalizeLeaf(kernel)?.dims?.[0];
  if (dim === undefined) throw new ModelFileError('The noise differs by output, but no kernel (Coregionalize) names one.');
  return dim;
}

/** The first leaf that works on output indices; its tree was bounded when it was read. */
export function coregionalizeLeaf(kernel: KernelSpec): KernelSpec | undefined {
  if (kernel.type === 'coregionalize') return kernel;
  for (const part of kernel.parts ?? []) {
    const found = coregionalizeLeaf(part);
    if (found) return found;
  }
  return undefined;
}
