/**
 * A function to be minimised: returns f(x) and writes its gradient to `gradient`. Where it has no finite value it returns
 * NaN or Infinity: the step there was too long.
 */
export type Objective = (x: Float64Array, gradient: Float64Array) => number;

export function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i += 1) sum += a[i] * b[i];
  return sum;
}
