import { describe, expect, it } from 'vitest';
import { NumericInputError } from '../errors.js';
import { Random } from './random.js';

describe('Random', () => {
  it('gives the sequence of its algorithm', () => {
    // From the same algorithm written in Python.
    const first = new Random(1);
    expect([first.uniform(), first.uniform(), first.uniform(), first.uniform()]).toEqual([
      0.8868539602524864, 0.14129029507249047, 0.5082883773633254, 0.5531515890754545,
    ]);
    const last = new Random(2 ** 53 - 1);
    expect([last.uniform(), last.uniform(), last.uniform()]).toEqual([
      0.7089677605943093, 0.5697954763319996, 0.8646741754799624,
    ]);
  });

  it('differs between seeds, also in their high bits', () => {
    const firsts = [0, 1, 2, 2 ** 32, 2 ** 32 + 1, 2 ** 40].map((seed) => new Random(seed).uniform());
    expect(new Set(firsts).size).toBe(firsts.length);
  });

  it('gives normal numbers with the moments of a normal distribution', () => {
    const z = new Float64Array(100_000);
    new Random(3).fillNormal(z);
    const moment = (power: number): number => z.reduce((sum, value) => sum + value ** power, 0) / z.length;
    // Five standard errors each.
    expect(Math.abs(moment(1))).toBeLessThan(5 * Math.sqrt(1 / z.length));
    expect(Math.abs(moment(2) - 1)).toBeLessThan(5 * Math.sqrt(2 / z.length));
    expect(Math.abs(moment(3))).toBeLessThan(5 * Math.sqrt(15 / z.length));
    expect(Math.abs(moment(4) - 3)).toBeLessThan(5 * Math.sqrt(96 / z.length));
  });

  it.each([-1, 0.5, 2 ** 53, NaN])('refuses the seed %d', (seed) => {
    expect(() => new Random(seed)).toThrow(NumericInputError);
  });
});
