/** An affine map of each column: x -> (x - offset) / scale. */
export interface Affine {
  readonly offset: readonly number[];
  readonly scale: readonly number[];
}

/** First `inner`, then `outer`: ((x - a) / s - b) / t = (x - (a + s b)) / (s t). */
export function compose(inner: Affine | undefined, outer: Affine | undefined): Affine | undefined {
  if (!inner || !outer) return inner ?? outer;
  return {
    offset: inner.offset.map((a, q) => a + inner.scale[q] * outer.offset[q]),
    scale: inner.scale.map((s, q) => s * outer.scale[q]),
  };
}
