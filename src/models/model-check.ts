/** A prediction that a model must reproduce before it is served. */
export interface ModelCheck {
  /** One value an input, in their order. */
  readonly x: readonly number[];
  /** One value an output. */
  readonly mean: readonly number[];
  /** One value an output: as `variance` of an answer. */
  readonly variance?: readonly number[];
  /** Largest difference, as |got - expected| <= absolute + relative |expected|. */
  readonly tolerance?: { readonly absolute?: number; readonly relative?: number };
}
