import { describe, expect, it } from 'vitest';
import { normalQuantile } from './normal.js';

describe('normalQuantile', () => {
  // From scipy.stats.norm.ppf.
  it.each([
    [1e-300, -37.0470962993612],
    [1e-50, -14.933337534788487],
    [1e-12, -7.034483825301131],
    [1e-6, -4.753424308822899],
    [0.001, -3.090232306167813],
    [0.025, -1.9599639845400545],
    [0.05, -1.6448536269514729],
    [0.075, -1.4395314709384563],
    [0.1, -1.2815515655446004],
    [0.25, -0.6744897501960817],
    [0.4, -0.2533471031357997],
    [0.499999, -2.5066282745665593e-6],
    [0.5000001, 2.506628273311648e-7],
    [0.6, 0.2533471031357997],
    [0.8, 0.8416212335729143],
    [0.925, 1.4395314709384563],
    [0.95, 1.6448536269514722],
    [0.975, 1.959963984540054],
    [0.99, 2.3263478740408408],
    [0.9999, 3.719016485455709],
    [0.999999999, 5.997807019601637],
  ])('is right to the last digits at %d', (probability, z) => {
    expect(Math.abs(normalQuantile(probability) - z)).toBeLessThanOrEqual(8e-16 * Math.abs(z));
  });

  it('is odd about one half', () => {
    for (const p of [0.5 + 2 ** -40, 0.6, 0.75, 0.9375, 1 - 2 ** -20, 1 - 2 ** -50]) {
      expect(normalQuantile(1 - p)).toBe(-normalQuantile(p));
    }
    expect(normalQuantile(0.5)).toBe(0);
  });

  it('grows over the seams of its three approximations', () => {
    for (const seam of [0.075, 0.925, Math.exp(-25)]) {
      const below = normalQuantile(seam * (1 - 1e-12));
      const above = normalQuantile(seam * (1 + 1e-12));
      expect(above).toBeGreaterThan(below);
      expect(above - below).toBeLessThan(1e-10);
    }
  });

  it('ends in infinities, and refuses what is no probability', () => {
    expect(normalQuantile(0)).toBe(-Infinity);
    expect(normalQuantile(1)).toBe(Infinity);
    for (const wrong of [-0.1, 1.1, NaN]) expect(() => normalQuantile(wrong)).toThrow(RangeError);
  });
});
