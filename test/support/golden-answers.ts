import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { ROOT } from './test-app.js';

/** The parts of a golden answer that requests are compared with; arrays are N x p, gradients N x d x p. */
export interface GoldenAnswer {
  readonly X_test: number[][];
  readonly mean: number[][];
  readonly variance_observed: number[][] | null;
  readonly variance_latent: number[][];
  readonly quantiles: Record<string, number[][]> | null;
  readonly covariance_latent: number[][];
  readonly mean_gradient: number[][][];
  readonly variance_gradient: number[][];
}

/** What GPy answered for a golden model, such as `gpy/rbf-iso`. */
export function goldenAnswer(name: string): GoldenAnswer {
  return JSON.parse(readFileSync(join(ROOT, 'test/golden', `${name}.expected.json`), 'utf8')) as GoldenAnswer;
}

/** A body of numbers, arrays and objects that equals `expected`, each number within 1e-9 (relative above 1). */
export function expectNumbers(actual: unknown, expected: unknown, path = 'body', tolerance = 1e-9): void {
  if (typeof expected === 'number') {
    expect(actual, path).toBeTypeOf('number');
    const allowed = tolerance * Math.max(1, Math.abs(expected));
    if (!(Math.abs((actual as number) - expected) <= allowed)) expect(actual, path).toBe(expected);
  } else if (typeof expected === 'object' && expected !== null) {
    const keys = Object.keys(expected);
    expect(Object.keys(actual ?? {}).sort(), path).toEqual(keys.sort());
    expect(Array.isArray(actual), path).toBe(Array.isArray(expected));
    for (const key of keys)
      expectNumbers((actual as Json)[key], (expected as Json)[key], `${path}.${key}`, tolerance);
  } else {
    expect(actual, path).toEqual(expected);
  }
}
type Json = Record<string, unknown>;
