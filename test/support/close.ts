import { expect } from 'vitest';

export interface Tolerance {
  readonly absolute: number;
  readonly relative: number;
}

/** Fails with the worst entry where `actual` (flat) is further from `expected` than either tolerance allows. */
export function expectClose(
  what: string,
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: Tolerance,
): void {
  expect(actual.length, `${what}: number of values`).toBe(expected.length);
  for (let i = 0; i < expected.length; i++) {
    const allowed = Math.max(tolerance.absolute, tolerance.relative * Math.abs(expected[i]));
    const error = Math.abs(actual[i] - expected[i]);
    // Not `error > allowed`, which NaN would pass.
    if (!(error <= allowed)) {
      expect.fail(
        `${what}[${i}] is ${actual[i]}, expected ${expected[i]}: off by ${error}, allowed ${allowed}`,
      );
    }
  }
}
