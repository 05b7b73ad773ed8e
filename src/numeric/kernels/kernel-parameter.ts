/** One number of a kernel's tree that training may change. */
export interface KernelParameter {
  /** Where its leaf stands: [1, 0] is parts[1].parts[0] of the tree, [] the kernel itself. */
  readonly parts: readonly number[];
  /** The name in `params`. */
  readonly name: string;
  /** The place in a list, or in a list of lists; absent where the parameter is one number. */
  readonly index?: readonly number[];
  readonly value: number;
  /** Input columns that it measures, for a parameter in the units of the inputs; else those of the leaf. */
  readonly dims: readonly number[];
  /** Of any sign; all others are positive. */
  readonly signed?: boolean;
}

/** `kernel.parts[1].lengthscale[2]` */
export function pathOf({ parts, name, index = [] }: KernelParameter): string {
  const place = parts.map((part) => `.parts[${part}]`).join('');
  return `kernel${place}.${name}${index.map((k) => `[${k}]`).join('')}`;
}
