import type { GivenParameter, KernelLeaf, KernelNode } from './kernel-node.js';
import { EXPRESSION_KERNELS } from './kernel-parameters.js';

/**
 * The canonical text of a kernel expression: what `parseKernel` reads as the same kernel. Arguments are in a fixed
 * order, brackets only where they are needed.
 */
export function printKernel(node: KernelNode, inputs: readonly string[]): string {
  if (node.kind === 'leaf') return printLeaf(node, inputs);
  const parts = node.parts.map((part) => {
    const text = printKernel(part, inputs);
    return node.kind === 'product' && part.kind === 'sum' ? `(${text})` : text;
  });
  return parts.join(node.kind === 'sum' ? ' + ' : ' * ');
}

function printLeaf({ type, dims = [], ard, params }: KernelLeaf, inputs: readonly string[]): string {
  const given = Object.keys(EXPRESSION_KERNELS[type] ?? {}).flatMap((name) => {
    const parameter = params.get(name);
    return parameter ? [`${name}=${printValue(parameter)}`] : [];
  });
  const saysArd = ard && ![...params.values()].some(({ value }) => typeof value !== 'number');
  const list = [...dims.map((dim) => printName(inputs[dim])), ...(saysArd ? ['ard'] : []), ...given];
  return list.length === 0 ? type : `${type}(${list.join(', ')})`;
}

function printValue({ value, fixed }: GivenParameter): string {
  const numbers = typeof value === 'number' ? String(value) : `[${value.join(', ')}]`;
  return fixed ? `fixed(${numbers})` : numbers;
}

function printName(name: string): string {
  return /^[\p{L}_][\p{L}\p{N}_]*$/u.test(name) && name !== 'ard' ? name : JSON.stringify(name);
}
