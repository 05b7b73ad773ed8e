import { describe, expect, it } from 'vitest';
import { planParts } from './plan-parts.js';
import { partRange } from './prediction-result.js';

const MANY = 1e9;

describe('planParts', () => {
  it.each([
    ['a fast model: by memory', 10_000_000, { seconds: 10, valuesPerRow: 2, rowsTogether: 264 }],
    ['a slow model: by time', 100_000, { seconds: 600, valuesPerRow: 2, rowsTogether: 208 }],
    [
      'a very slow one: no part is less than a panel',
      1000,
      { seconds: 1e5, valuesPerRow: 2, rowsTogether: 64 },
    ],
    ['an unknown one', 12_345, { seconds: undefined, valuesPerRow: 1, rowsTogether: 1 }],
    ['few rows', 3, { seconds: 0.001, valuesPerRow: 2, rowsTogether: 264 }],
  ])('%s', (_what, rows, cost) => {
    const plan = planParts(rows, 4, cost, MANY);
    let next = 0;
    for (let part = 0; part < plan.parts; part++) {
      const { start, end } = partRange(plan, part);
      expect(start).toBe(next);
      expect(start % cost.rowsTogether).toBe(0);
      expect(end - start).toBeGreaterThanOrEqual(Math.min(rows, cost.rowsTogether));
      expect((end - start) * (cost.valuesPerRow + 4)).toBeLessThan(2 ** 21 + 300 * 6);
      next = end;
    }
    expect(next).toBe(rows);
  });

  it('makes parts of about three seconds', () => {
    const { parts } = planParts(100_000, 4, { seconds: 600, valuesPerRow: 2, rowsTogether: 1 }, MANY);
    expect(parts).toBe(200);
  });

  it('makes parts that the server may answer', () => {
    const plan = planParts(1000, 4, { seconds: 0.1, valuesPerRow: 2, rowsTogether: 8 }, 200);
    expect(2 * (plan.rowsPerPart + 7)).toBeLessThanOrEqual(200);
  });

  it('makes no more than a thousand parts of rows that cost nobody knows what', () => {
    const cost = { seconds: undefined, valuesPerRow: 1, rowsTogether: 1 };
    expect(planParts(1_000_000, 4, cost, MANY)).toEqual({ rows: 1_000_000, rowsPerPart: 1000, parts: 1000 });
    expect(planParts(160, 4, cost, MANY)).toEqual({ rows: 160, rowsPerPart: 16, parts: 10 });
  });
});
