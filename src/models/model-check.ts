/** A prediction that a model must reproduce before it is served. */
export interface ModelCheck {
  /** One point, in the order of the model's inputs. */
  readonly x: readonly number[];
  /** One number an output. */
  readonly mean: readonly number[];
  /** What the model calls its variance, one number an output. */
  readonly variance?: readonly number[];
  /** Largest absolute difference: of both, or of each, in units of the output and of its square. */
  readonly tolerance?: number | { readonly mean?: number; readonly variance?: number };
}
