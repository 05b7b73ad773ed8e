/** A hyperparameter as an expression gives it: where a search begins, or, fixed, what it leaves alone. */
export interface GivenParameter {
  readonly value: number | readonly number[];
  readonly fixed: boolean;
}

/** A kernel that works on input columns. */
export interface KernelLeaf {
  readonly kind: 'leaf';
  readonly type: string;
  /** Input columns it sees, ascending; undefined: all of them. */
  readonly dims?: readonly number[];
  /** One lengthscale (or other scale) an input, instead of one for all. */
  readonly ard: boolean;
  readonly params: ReadonlyMap<string, GivenParameter>;
}

/** What a kernel expression says: its leaves, and how they are combined. A sum has no sum among its parts, nor a product a product. */
export type KernelNode =
  KernelLeaf | { readonly kind: 'sum' | 'product'; readonly parts: readonly KernelNode[] };
