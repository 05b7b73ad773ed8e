import type { KernelSpec } from '../../../../numeric/kernels/kernel-spec.js';
import { ModelFileError } from '../../../model-errors.js';

/** A GPy kernel as its file holds it, pickle or JSON. Parameter values are natural: no transform applies. */
export interface GpyKernelSource {
  /** Last part of the Python class: `RBF`, `Add`, ... */
  readonly className: string;
  /** Whether it was written by a GPy before 1.0, some of whose formulas were others. */
  readonly beforeVersion1: boolean;
  /** The columns it cuts out of what it is given, `_all_dims_active`; undefined where it takes all of them. */
  dims(): number[] | undefined;
  /** The children of a sum or product, in order. */
  parts(): GpyKernelSource[];
  has(parameter: string): boolean;
  /** A parameter, flattened row by row; throws where it is missing. */
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

/** A parameter that later versions added, with the number it stood for before. */
const scalarOr =
  (parameter: string, before: number): Reader =>
  (kernel) =>
    kernel.has(parameter) ? scalar(parameter)(kernel) : before;

/** A parameter that was renamed: the first name that the kernel has counts. */
const perInputNamed =
  (...names: readonly string[]): Reader =>
  (kernel) =>
    perInput(names.find((name) => kernel.has(name)) ?? names[0])(kernel);

/** Exponential was exp(-r/2) before version 1.0, and is exp(-r) since: the same at twice the lengthscale. */
const exponentialLengthscale: Reader = (kernel) => {
  const lengthscale = perInput('lengthscale')(kernel) as number | number[];
  if (!kernel.beforeVersion1) return lengthscale;
  return Array.isArray(lengthscale) ? lengthscale.map((value) => 2 * value) : 2 * lengthscale;
};

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
  ['Exponential', { type: 'exponential', params: { variance, lengthscale: exponentialLengthscale } }],
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
      params: { variance, scale: scalarOr('scale', 1), bias: scalarOr('bias', 1), order: scalar('order') },
    },
  ],
  [
    'StdPeriodic',
    {
      type: 'periodic',
      params: {
        variance,
        period: perInputNamed('period', 'wavelengths'),
        lengthscale: perInputNamed('lengthscale', 'lengthscales'),
      },
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
  const read = (
    kernel: GpyKernelSource,
    depth: number,
    columns: readonly number[] | undefined,
  ): KernelSpec => {
    if (++nodes > MAX_NODES || depth > MAX_DEPTH) {
      throw new ModelFileError(`The kernel has more than ${MAX_NODES} parts or ${MAX_DEPTH} levels.`);
    }
    const combination = COMBINATIONS.get(kernel.className);
    if (combination !== undefined) {
      const passed = cut(columns, kernel.dims(), kernel.className);
      return { type: combination, parts: kernel.parts().map((part) => read(part, depth + 1, passed)) };
    }
    const leaf = LEAVES.get(kernel.className);
    if (!leaf) {
      const known = [...LEAVES.keys(), ...COMBINATIONS.keys()].join(', ');
      throw new ModelFileError(`The GPy kernel ${kernel.className} is not supported, only ${known}.`);
    }
    const params = Object.entries(leaf.params).map(([name, from]) => [name, from(kernel)] as const);
    const dims = cut(columns, kernel.dims(), kernel.className) ?? [];
    return { type: leaf.type, dims, params: Object.fromEntries(params) };
  };
  return read(root, 0, undefined);
}

/**
 * The input columns that are left when a kernel cuts `dims` out of the `columns` it is given. Each level cuts: after
 * `k1 ** (k2 + k3)` the sum's own columns are moved, and its parts count within those.
 */
function cut(
  columns: readonly number[] | undefined,
  dims: readonly number[] | undefined,
  className: string,
): readonly number[] | undefined {
  if (columns === undefined || dims === undefined) return dims ?? columns;
  return dims.map((dim) => {
    if (columns[dim] !== undefined) return columns[dim];
    throw new ModelFileError(
      `${className} works on column ${dim}, but is given only ${columns.length} columns.`,
    );
  });
}

/** The input column that holds the output index. Throws ModelFileError where no kernel uses one. */
export function outputIndexDim(kernel: KernelSpec): number {
  const dim = coregionalizeLeaf(kernel)?.dims?.[0];
  if (dim === undefined)
    throw new ModelFileError('The noise differs by output, but no kernel (Coregionalize) names one.');
  return dim;
}

/** The first leaf that works on output indices; its tree was bounded when it was read. */
function coregionalizeLeaf(kernel: KernelSpec): KernelSpec | undefined {
  if (kernel.type === 'coregionalize') return kernel;
  for (const part of kernel.parts ?? []) {
    const found = coregionalizeLeaf(part);
    if (found) return found;
  }
  return undefined;
}
