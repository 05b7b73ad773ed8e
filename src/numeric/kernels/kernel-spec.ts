/**
 * A kernel as data: what an importer reads from a file, what `GET /models/<name>` shows, and what `buildKernel`
 * turns into code. A leaf works on the input columns `dims`; a sum or product has `parts` instead.
 */
export interface KernelSpec {
  readonly type: string;
  /** Input columns the leaf sees, in its own order. Absent on `sum` and `product`. */
  readonly dims?: readonly number[];
  /** Hyperparameters in natural (constrained) values; an array holds one value an active dimension (ARD). */
  readonly params?: Readonly<Record<string, number | readonly number[] | readonly (readonly number[])[]>>;
  readonly parts?: readonly KernelSpec[];
}
