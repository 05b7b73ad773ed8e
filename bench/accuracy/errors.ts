import type { Quantity, Reference } from './study-file.ts';

/**
 * The error of a whole answer: the largest difference from the reference, relative to the reference itself for
 * variances (how many digits a user can trust), and to the largest reference value for what may cross zero.
 */
export function answerError(quantity: Quantity, got: readonly number[], reference: Reference): number {
  const largest = Math.max(...reference.map(([high]) => Math.abs(high)));
  const errors = got.map((value, i) => {
    const scale = quantity === 'variance' ? Math.abs(reference[i][0]) : largest;
    return difference(value, reference[i]) / scale;
  });
  return Math.max(...errors);
}

/** The largest error of kernel values, each relative to its own scale. */
export function valueError(got: readonly number[], reference: Reference, scale: readonly number[]): number {
  return Math.max(...got.map((value, i) => difference(value, reference[i]) / scale[i]));
}

function difference(value: number, [high, low]: readonly [number, number]): number {
  const error = Math.abs(value - high - low);
  return Number.isNaN(error) ? Number.POSITIVE_INFINITY : error;
}
