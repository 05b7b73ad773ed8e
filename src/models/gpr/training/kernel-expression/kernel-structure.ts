import type { KernelSpec } from '../../../../numeric/kernels/kernel-spec.js';
import type { KernelLeaf, KernelNode } from './kernel-node.js';
import { EXPRESSION_KERNELS, WITHOUT_INPUTS } from './kernel-parameters.js';

/** A kernel as training takes it. */
export interface KernelStructure {
  readonly spec: KernelSpec;
  /** Paths of hyperparameters that keep their values: `kernel.parts[0].variance`. */
  readonly fixed: readonly string[];
  /** Whether the expression says where the search begins. */
  readonly given: boolean;
}

/** Typical distances along each of the d inputs. */
export type Scales = readonly number[];

/**
 * What an expression stands for. Hyperparameters it does not give have the initial values of the table, those in units of
 * an input times that input's scale.
 */
export function structureOf(node: KernelNode, scales: Scales): KernelStructure {
  const fixed: string[] = [];
  let given = false;
  const build = (part: KernelNode, path: string): KernelSpec => {
    if (part.kind !== 'leaf') {
      const parts = part.parts.map((child, i) => build(child, `${path}.parts[${i}]`));
      return { type: part.kind, parts };
    }
    for (const [name, parameter] of Object.entries(EXPRESSION_KERNELS[part.type])) {
      const own = part.params.get(name);
      if (own?.fixed === true || parameter.structural) fixed.push(`${path}.${name}`);
      else given ||= own !== undefined;
    }
    return leafSpec(part, scales);
  };
  return { spec: build(node, 'kernel'), fixed, given };
}

function leafSpec({ type, dims, ard, params }: KernelLeaf, scales: Scales): KernelSpec {
  const columns = dims ?? scales.map((_, column) => column);
  const values = Object.entries(EXPRESSION_KERNELS[type]).map(([name, { perInput, initial, unit }]) => {
    const lists = perInput === true && ard;
    const own = params.get(name)?.value;
    if (own !== undefined) {
      return [name, lists && typeof own === 'number' ? columns.map(() => own) : own] as const;
    }
    const inUnits = columns.map((column) => (unit === 'input' ? initial * scales[column] : initial));
    return [name, lists ? inUnits : inUnits.reduce((sum, value) => sum + value, 0) / inUnits.length] as const;
  });
  return {
    type,
    dims: WITHOUT_INPUTS.has(type) ? scales.map((_, column) => column) : columns,
    params: Object.fromEntries(values),
  };
}

/** The expression of a kernel with all its values, or undefined for one that no expression can name. */
export function expressionOf(spec: KernelSpec, inputDim: number): KernelNode | undefined {
  const { type, parts, dims = [], params = {} } = spec;
  if (type === 'sum' || type === 'product') {
    const nodes = (parts ?? []).map((part) => expressionOf(part, inputDim));
    if (nodes.length === 0 || nodes.includes(undefined)) return undefined;
    const flat = (nodes as KernelNode[]).flatMap((node) => (node.kind === type ? node.parts : [node]));
    return flat.length === 1 ? flat[0] : { kind: type, parts: flat };
  }
  if (!Object.hasOwn(EXPRESSION_KERNELS, type)) return undefined;
  const all = dims.length === 0 || (dims.length === inputDim && dims.every((dim, i) => dim === i));
  const values = Object.entries(params);
  if (!values.every(([, value]) => isNumbers(value))) return undefined;
  return {
    kind: 'leaf',
    type,
    ...(!all && !WITHOUT_INPUTS.has(type) && { dims }),
    ard: values.some(([, value]) => typeof value !== 'number'),
    params: new Map(
      values.map(([name, value]) => [name, { value: value as number | readonly number[], fixed: false }]),
    ),
  };
}

function isNumbers(value: unknown): boolean {
  return (
    typeof value === 'number' || (Array.isArray(value) && value.every((item) => typeof item === 'number'))
  );
}

/**
 * A sum without the `white` kernels that stand in it, which are noise of the observations, and their variance. Undefined
 * where there is none, or nothing else.
 */
export function takeNoise(
  node: KernelNode,
): { kernel: KernelNode; variance: number | undefined; fixed: boolean } | undefined {
  if (node.kind !== 'sum') return undefined;
  const isWhite = (part: KernelNode): part is KernelLeaf => part.kind === 'leaf' && part.type === 'white';
  const white = node.parts.filter(isWhite);
  const others = node.parts.filter((part) => !isWhite(part));
  if (white.length === 0 || others.length === 0) return undefined;
  const given = white.map(({ params }) => params.get('variance'));
  const values = given.map((parameter) => parameter?.value).filter((value) => typeof value === 'number');
  return {
    kernel: others.length === 1 ? others[0] : { kind: 'sum', parts: others },
    variance: values.length > 0 ? values.reduce((sum, value) => sum + value, 0) : undefined,
    fixed: given.every((parameter) => parameter?.fixed === true),
  };
}
