import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { minimise } from './lbfgsb.js';
import type { Objective } from './objective.js';

interface Case {
  readonly name: keyof typeof FUNCTIONS;
  readonly start: number[];
  readonly lower: number[];
  readonly upper: number[];
  readonly evaluations: number;
  readonly value: number;
  readonly x: number[];
  readonly minimum: number;
}

/** As in the fixture's script, with their gradients. */
const FUNCTIONS = {
  rosenbrock: (x, g) => {
    let sum = 0;
    g.fill(0);
    for (let i = 0; i + 1 < x.length; i += 1) {
      const a = x[i + 1] - x[i] ** 2;
      sum += 100 * a * a + (1 - x[i]) ** 2;
      g[i] += -400 * a * x[i] - 2 * (1 - x[i]);
      g[i + 1] += 200 * a;
    }
    return sum;
  },
  beale: (x, g) => {
    let sum = 0;
    g.fill(0);
    [1.5, 2.25, 2.625].forEach((c, k) => {
      const rest = c - x[0] * (1 - x[1] ** (k + 1));
      sum += rest * rest;
      g[0] -= 2 * rest * (1 - x[1] ** (k + 1));
      g[1] += 2 * rest * x[0] * (k + 1) * x[1] ** k;
    });
    return sum;
  },
  quadratic: (x, g) => {
    let sum = 0;
    for (let i = 0; i < x.length; i += 1) {
      const weight = 10 ** ((4 * i) / (x.length - 1));
      sum += (weight * (x[i] - 1) ** 2) / 2;
      g[i] = weight * (x[i] - 1);
    }
    return sum;
  },
  booth: ([x, y], g) => {
    const [a, b] = [x + 2 * y - 7, 2 * x + y - 5];
    g[0] = 2 * a + 4 * b;
    g[1] = 4 * a + 2 * b;
    return a * a + b * b;
  },
  powell: ([x, y, z, w], g) => {
    const [a, b, c, d] = [x + 10 * y, z - w, y - 2 * z, x - w];
    g[0] = 2 * a + 40 * d ** 3;
    g[1] = 20 * a + 4 * c ** 3;
    g[2] = 10 * b - 8 * c ** 3;
    g[3] = -10 * b - 40 * d ** 3;
    return a * a + 5 * b * b + c ** 4 + 10 * d ** 4;
  },
  logarithms: (x, g) => {
    let sum = 0;
    for (let i = 0; i < x.length; i += 1) {
      sum += x[i] - (i + 1) * Math.log(x[i]);
      g[i] = 1 - (i + 1) / x[i];
    }
    return sum;
  },
} satisfies Record<string, Objective>;

const fixture = JSON.parse(readFileSync(new URL('lbfgsb.fixture.json', import.meta.url), 'utf8')) as {
  cases: Case[];
};
const HUGE = 1e300;
const bounds = (values: readonly number[]): Float64Array =>
  Float64Array.from(values, (value) => (Math.abs(value) === HUGE ? Math.sign(value) * Infinity : value));

describe('minimise', () => {
  it.each(fixture.cases.map((one, k) => ({ ...one, label: `${k} ${one.name} of ${one.start.length}` })))(
    '$label: the minimum of scipy, in about as many evaluations',
    ({ name, start, lower, upper, evaluations, minimum, value, x }) => {
      const f: Objective = FUNCTIONS[name];
      const limits = { lower: bounds(lower), upper: bounds(upper) };
      const found = minimise(f, Float64Array.from(start), limits);
      expect(['gradient', 'value']).toContain(found.reason);
      expect(found.value).toBeLessThanOrEqual(
        Math.max(value, minimum) + 1e-6 * Math.max(1, Math.abs(minimum)),
      );
      expect(found.evaluations).toBeLessThanOrEqual(Math.ceil(1.4 * evaluations) + 3);
      const exact = minimise(f, Float64Array.from(start), {
        ...limits,
        valueTolerance: 0,
        gradientTolerance: 1e-9,
      });
      expect(Math.abs(exact.value - minimum)).toBeLessThan(1e-10 * Math.max(1, Math.abs(minimum)));
      // Powell's function is flat around its minimum.
      exact.x.forEach((xi, i) => expect(Math.abs(xi - x[i])).toBeLessThan(name === 'powell' ? 1e-2 : 1e-5));
      exact.x.forEach((xi, i) => expect(xi >= limits.lower[i] && xi <= limits.upper[i]).toBe(true));
    },
  );

  it('takes a value that is not finite for a step too far', () => {
    const cliff: Objective = ([x], g) => {
      g[0] = 2 * (x - 1);
      return x > 1.5 ? NaN : (x - 1) ** 2;
    };
    const free = { lower: Float64Array.of(-Infinity), upper: Float64Array.of(Infinity) };
    const found = minimise(cliff, Float64Array.of(-20), free);
    expect(found.x[0]).toBeCloseTo(1, 5);
  });

  it('says that it cannot begin where there is no value', () => {
    const free = { lower: Float64Array.of(-1), upper: Float64Array.of(1) };
    expect(minimise(() => NaN, Float64Array.of(0), free).reason).toBe('failed');
  });

  it('begins within the bounds, and ends where all variables are at them', () => {
    const limits = { lower: Float64Array.of(2, -3), upper: Float64Array.of(4, -2) };
    const found = minimise(FUNCTIONS.quadratic, Float64Array.of(9, 9), limits);
    expect([...found.x]).toEqual([2, -2]);
    expect(found.reason).toBe('gradient');
  });

  it('ends after the iterations it was given, and when its listener throws', () => {
    const free = { lower: bounds([-HUGE, -HUGE]), upper: bounds([HUGE, HUGE]) };
    const start = Float64Array.of(-1.2, 1);
    expect(minimise(FUNCTIONS.rosenbrock, start, { ...free, mostIterations: 3 })).toMatchObject({
      reason: 'iterations',
      iterations: 3,
    });
    const stop = (): never => {
      throw new Error('enough');
    };
    expect(() => minimise(FUNCTIONS.rosenbrock, start, { ...free, onIteration: stop })).toThrow('enough');
  });

  it('gives the same bits each time', () => {
    const free = { lower: bounds([-HUGE, -HUGE]), upper: bounds([HUGE, HUGE]) };
    const run = (): unknown => minimise(FUNCTIONS.beale, Float64Array.of(1, 1), free);
    expect(run()).toEqual(run());
  });
});
