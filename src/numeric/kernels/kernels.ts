import { KernelSpecError } from '../errors.js';
import { defaultLinearAlgebra } from '../linalg/default-linear-algebra.js';
import type { PanelMath } from '../linalg/panel-math.js';
import { AdditiveChi2Kernel, Chi2Kernel } from './chi2.js';
import { BiasKernel } from './bias.js';
import { BrownianKernel } from './brownian.js';
import { CoregionalizeKernel } from './coregionalize.js';
import { CosineKernel } from './cosine.js';
import { CosineSimilarityKernel } from './cosine-similarity.js';
import { ExpQuadCosineKernel } from './exp-quad-cosine.js';
import { ExpSineSquaredKernel } from './exp-sine-squared.js';
import { ExponentialKernel } from './exponential.js';
import type { KernelSpec } from './kernel-spec.js';
import type { Kernel } from './kernel.js';
import { describe, LeafSpec } from './leaf-spec.js';
import { LinearKernel } from './linear.js';
import { GeneralMaternKernel } from './general-matern.js';
import { Matern32Kernel, Matern52Kernel } from './matern.js';
import { MlpKernel } from './mlp.js';
import { PeriodicKernel } from './periodic.js';
import { PolyKernel } from './poly.js';
import { PowerKernel } from './power.js';
import { ProductKernel } from './product.js';
import { RatQuadKernel } from './ratquad.js';
import { RbfKernel } from './rbf.js';
import { SigmoidKernel } from './sigmoid.js';
import { SumKernel } from './sum.js';
import { WhiteKernel } from './white.js';

/** Kernels that work on input columns. To add one: a file beside this one, a line here, a spec with the contract. */
const LEAVES: ReadonlyMap<string, new (leaf: LeafSpec) => Kernel> = new Map<
  string,
  new (leaf: LeafSpec) => Kernel
>([
  ['rbf', RbfKernel],
  ['exponential', ExponentialKernel],
  ['matern32', Matern32Kernel],
  ['matern52', Matern52Kernel],
  ['ratquad', RatQuadKernel],
  ['cosine', CosineKernel],
  ['exp-quad-cosine', ExpQuadCosineKernel],
  ['linear', LinearKernel],
  ['bias', BiasKernel],
  ['white', WhiteKernel],
  ['poly', PolyKernel],
  ['periodic', PeriodicKernel],
  ['mlp', MlpKernel],
  ['brownian', BrownianKernel],
  ['coregionalize', CoregionalizeKernel],
  ['matern', GeneralMaternKernel],
  ['exp-sine-squared', ExpSineSquaredKernel],
  ['cosine-similarity', CosineSimilarityKernel],
  ['sigmoid', SigmoidKernel],
  ['chi2', Chi2Kernel],
  ['additive-chi2', AdditiveChi2Kernel],
]);

type Combination = new (spec: KernelSpec, parts: readonly Kernel[], math: PanelMath) => Kernel;

/** Kernels that combine others. */
const COMBINATIONS: ReadonlyMap<string, Combination> = new Map<string, Combination>([
  ['sum', SumKernel],
  ['product', ProductKernel],
  ['power', PowerKernel],
]);

export const KERNEL_TYPES: readonly string[] = [...LEAVES.keys(), ...COMBINATIONS.keys()];

const MAX_NODES = 1000;
const MAX_DEPTH = 64;

/**
 * The kernel that `spec` describes, over points of `inputDim` columns; `math` computes its panels.
 *
 * Throws KernelSpecError for an unknown type, wrong names, counts, signs or non-finite values of parameters, columns
 * out of range, or a tree of more than 1000 nodes or a depth of more than 64. A part that appears in several places
 * counts in each, so that shared and cyclic specifications end here as well.
 */
export function buildKernel(
  spec: KernelSpec,
  inputDim: number,
  math: PanelMath = defaultLinearAlgebra(),
): Kernel {
  checkTree(spec);
  return build(spec, inputDim, 'kernel', math);
}

/** Walks the tree without recursion and without trusting its shape. */
function checkTree(root: unknown): void {
  const pending: { node: unknown; path: string; depth: number }[] = [
    { node: root, path: 'kernel', depth: 1 },
  ];
  let nodes = 1;
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { node, path, depth } = next;
    const parts = partsOf(node, path);
    nodes += parts.length;
    if (nodes > MAX_NODES) throw new KernelSpecError(`The kernel has more than ${MAX_NODES} nodes.`);
    if (depth > MAX_DEPTH)
      throw new KernelSpecError(`The kernel is nested more than ${MAX_DEPTH} levels deep.`);
    for (const [i, part] of parts.entries()) {
      pending.push({ node: part, path: `${path}.parts[${i}]`, depth: depth + 1 });
    }
  }
}

/** The parts of one node, after a check that the node is a leaf or a combination and not a mixture. */
function partsOf(node: unknown, path: string): readonly unknown[] {
  if (typeof node !== 'object' || node === null) {
    throw new KernelSpecError(`${path} must be an object with a "type", got ${describe(node)}.`);
  }
  const { type, parts, dims, params } = node as Partial<Record<keyof KernelSpec, unknown>>;
  if (typeof type !== 'string' || !(LEAVES.has(type) || COMBINATIONS.has(type))) {
    throw new KernelSpecError(
      `${path}: unknown kernel type ${describe(type)}, expected one of ${KERNEL_TYPES.join(', ')}.`,
    );
  }
  if (LEAVES.has(type)) {
    if (parts !== undefined)
      throw new KernelSpecError(`${path} (${type}): has "parts", which only sum, product and power have.`);
    return [];
  }
  if (dims !== undefined || (params !== undefined && type !== 'power')) {
    throw new KernelSpecError(
      `${path} (${type}): "dims" and "params" belong to its parts, expected neither here.`,
    );
  }
  if (!Array.isArray(parts) || parts.length === 0 || parts.length > MAX_NODES) {
    throw new KernelSpecError(
      `${path} (${type}): "parts" must list 1 to ${MAX_NODES} kernels, got ${describe(parts)}.`,
    );
  }
  return parts;
}

/** Recursion is safe here: `checkTree` bounded the depth and the number of nodes. */
function build(spec: KernelSpec, inputDim: number, path: string, math: PanelMath): Kernel {
  const CombinationOfParts = COMBINATIONS.get(spec.type);
  if (CombinationOfParts !== undefined) {
    const parts = (spec.parts ?? []).map((part, i) => build(part, inputDim, `${path}.parts[${i}]`, math));
    return new CombinationOfParts(spec, parts, math);
  }
  const Leaf = LEAVES.get(spec.type);
  if (Leaf === undefined) throw new KernelSpecError(`${path}: unknown kernel type ${describe(spec.type)}.`);
  const leaf = new LeafSpec(spec, inputDim, path, math);
  const kernel = new Leaf(leaf);
  leaf.done();
  return kernel;
}
