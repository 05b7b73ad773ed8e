// Multiply-add on two doubles. Compiled twice from one source: with relaxed SIMD it is one fused instruction with one
// rounding where the processor has it, else a product and a sum.

/** a b + c */
// @ts-ignore: AssemblyScript decorates functions
@inline
export function madd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f64x2.relaxed_madd(a, b, c);
  return f64x2.add(f64x2.mul(a, b), c);
}

/** c - a b */
// @ts-ignore: AssemblyScript decorates functions
@inline
export function nmadd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f64x2.relaxed_nmadd(a, b, c);
  return f64x2.sub(c, f64x2.mul(a, b));
}
