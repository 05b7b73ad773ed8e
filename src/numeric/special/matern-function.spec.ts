import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { besselKPair } from './bessel-k.js';
import { MaternFunction } from './matern-function.js';

/** nu, t, value, slope: from mpmath, with the script beside it. */
const rows = JSON.parse(readFileSync(new URL('matern.fixture.json', import.meta.url), 'utf8')) as [
  number,
  number,
  number,
  number,
][];
const TOLERANCE = 2e-14;

function relativeError(actual: number, expected: number): number {
  return expected === actual ? 0 : Math.abs(actual - expected) / Math.abs(expected);
}

describe('the Matern function', () => {
  it.each([...new Set(rows.map(([nu]) => nu))])('has the values and slopes of mpmath for nu = %d', (nu) => {
    const matern = new MaternFunction(nu);
    for (const [, t, value, slope] of rows.filter((row) => row[0] === nu)) {
      expect(relativeError(matern.value(t), value), `value at ${t}`).toBeLessThan(TOLERANCE);
      expect(relativeError(matern.slope(t), slope), `slope at ${t}`).toBeLessThan(TOLERANCE);
    }
  });

  it('is 1 at 0, and falls to 0', () => {
    for (const nu of [0.1, 0.5, 1, 3.7, 80]) {
      const matern = new MaternFunction(nu);
      expect(matern.value(0)).toBe(1);
      for (const far of [1e3, 1e9, 1e200, Infinity]) {
        expect(matern.value(far)).toBe(0);
        expect(Math.abs(matern.slope(far))).toBe(0);
      }
    }
  });

  it('has the limits of its slope at 0', () => {
    expect(new MaternFunction(3.5).slope(0)).toBe(-0.2);
    expect(new MaternFunction(1.2).slope(0)).toBeCloseTo(-2.5, 12);
    expect(new MaternFunction(0.9).slope(0)).toBe(-Infinity);
  });
});

describe('the modified Bessel functions of the second kind', () => {
  it('have the closed forms of orders 1/2 and 3/2', () => {
    for (const x of [1e-3, 0.7, 2, 2.5, 30]) {
      const half = Math.sqrt(Math.PI / (2 * x)) * Math.exp(-x);
      const [lower, upper] = besselKPair(0.5, x);
      expect(relativeError(lower, half)).toBeLessThan(TOLERANCE);
      expect(relativeError(upper, half * (1 + 1 / x))).toBeLessThan(TOLERANCE);
    }
  });
});
