import type { KernelSpec } from '../../../../numeric/kernels/kernel-spec.js';

/**
 * A kernel with its white noise set apart: k(x, z) = smooth(x, z) + white where x and z are one point of one set. What is
 * white is noise, so that it belongs to the observed variance and not to the latent one.
 */
export class KernelTerm {
  constructor(
    /** Undefined where there is nothing but noise. */
    readonly smooth: KernelSpec | undefined,
    /** smooth(x, x), where that is the same for all x. */
    readonly diagonal: number | undefined,
    readonly white: number,
  ) {}
}

export function constant(value: number, dims: readonly number[]): KernelSpec {
  return { type: 'bias', dims, params: { variance: value } };
}

export function sum(a: KernelTerm, b: KernelTerm): KernelTerm {
  const diagonal = a.diagonal === undefined || b.diagonal === undefined ? undefined : a.diagonal + b.diagonal;
  const parts = [...termsOf('sum', a.smooth), ...termsOf('sum', b.smooth)];
  return new KernelTerm(combined('sum', parts), diagonal, a.white + b.white);
}

/** (A + a d)(B + b d) = A B + (a B + b A + a b) d, and the bracket is a number where A(x, x) and B(x, x) are. */
export function product(a: KernelTerm, b: KernelTerm): KernelTerm {
  const white = weighted(a.white, b.diagonal) + weighted(b.white, a.diagonal) + a.white * b.white;
  if (Number.isNaN(white)) {
    const parts = [...termsOf('product', together(a)), ...termsOf('product', together(b))];
    return new KernelTerm(combined('product', parts), undefined, 0);
  }
  const diagonal = a.diagonal === undefined || b.diagonal === undefined ? undefined : a.diagonal * b.diagonal;
  if (!a.smooth || !b.smooth) return new KernelTerm(undefined, 0, white);
  const parts = [...termsOf('product', a.smooth), ...termsOf('product', b.smooth)];
  return new KernelTerm(combined('product', parts), diagonal, white);
}

/** A^e; where A is only noise, nothing but noise is left, since e is positive. */
export function power(a: KernelTerm, exponent: number): KernelTerm {
  if (a.white > 0 && a.diagonal === undefined) {
    return new KernelTerm(powerOf(together(a)!, exponent), undefined, 0);
  }
  const diagonal = a.diagonal === undefined ? undefined : a.diagonal ** exponent;
  const white =
    a.white > 0 && a.diagonal !== undefined ? (a.diagonal + a.white) ** exponent - a.diagonal ** exponent : 0;
  return new KernelTerm(a.smooth && powerOf(a.smooth, exponent), diagonal, white);
}

/** A constant times a kernel that has a variance is that kernel with another variance: one panel instead of two. */
export function foldConstants(kernel: KernelSpec): KernelSpec {
  const parts = kernel.parts?.map(foldConstants);
  if (!parts) return kernel;
  if (kernel.type !== 'product') return { ...kernel, parts };
  const factor = parts
    .filter(({ type }) => type === 'bias')
    .reduce((result, part) => result * Number(part.params?.variance), 1);
  const others = parts.filter(({ type }) => type !== 'bias');
  const target = others.findIndex(({ params }) => typeof params?.variance === 'number');
  if (target < 0 || others.length === parts.length) return { ...kernel, parts };
  const { params } = others[target];
  const scaled = { ...others[target], params: { ...params, variance: factor * Number(params?.variance) } };
  return combined('product', others.with(target, scaled))!;
}

/** Noise times a diagonal; NaN where that is not one number for all points. */
function weighted(white: number, diagonal: number | undefined): number {
  return white === 0 ? 0 : white * (diagonal ?? Number.NaN);
}

/** The kernel with its noise inside. */
function together({ smooth, white }: KernelTerm): KernelSpec | undefined {
  if (white === 0) return smooth;
  const noise: KernelSpec = { type: 'white', params: { variance: white } };
  return smooth ? { type: 'sum', parts: [smooth, noise] } : noise;
}

function termsOf(type: string, kernel: KernelSpec | undefined): readonly KernelSpec[] {
  if (!kernel) return [];
  return kernel.type === type ? (kernel.parts ?? []) : [kernel];
}

function combined(type: string, parts: readonly KernelSpec[]): KernelSpec | undefined {
  return parts.length > 1 ? { type, parts } : parts[0];
}

function powerOf(kernel: KernelSpec, exponent: number): KernelSpec {
  return exponent === 1 ? kernel : { type: 'power', params: { exponent }, parts: [kernel] };
}
