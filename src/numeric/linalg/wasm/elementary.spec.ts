import { describe, expect, it } from 'vitest';
import fixture from './elementary.fixture.json' with { type: 'json' };
import { WasmHeap } from './wasm-heap.js';
import { instantiate, plainModule, wasmModule } from './wasm-module.js';

const NAMES = ['exp', 'log1p', 'sin', 'cos'] as const;

/** Arguments and results to 50 digits, rounded to the nearest double (mpmath). */
const REFERENCE = fixture as unknown as Record<
  (typeof NAMES)[number],
  readonly (readonly [number, number])[]
>;

describe.each([
  ['fused', wasmModule()],
  ['plain', plainModule()],
])('elementary functions, %s', (_, module) => {
  const heap = WasmHeap.create();
  const wasm = instantiate(module, heap.memory);
  const evaluate = (name: (typeof NAMES)[number], x: readonly number[]): Float64Array => {
    const values = heap.allocate(Math.ceil(x.length / 4) * 4).fill(0);
    values.set(x);
    wasm.evaluate(NAMES.indexOf(name), values.byteOffset, values.length);
    const result = values.slice(0, x.length);
    heap.free(values);
    return result;
  };

  it.each(NAMES)('%s is right to one unit in the last place', (name) => {
    const cases = REFERENCE[name];
    const found = evaluate(
      name,
      cases.map(([x]) => x),
    );
    // The reference is itself rounded: at most one step between neighbours.
    cases.forEach(([x, value], k) => {
      expect(
        Math.abs(found[k] - value),
        `${name}(${x}) = ${found[k]}, expected ${value}`,
      ).toBeLessThanOrEqual(ulp(value));
    });
  });

  it('exp knows its limits', () => {
    expect([...evaluate('exp', [0, -Infinity, NaN, -1e308, -745.2, -0])]).toEqual([1, 0, NaN, 0, 0, 1]);
  });

  it('gives a value the same bits, whatever stands beside it', () => {
    const x = [-0.3, -20, -700, -710, -744, -1e9];
    const together = evaluate('exp', x);
    x.forEach((value, k) => expect(evaluate('exp', [value])[0]).toBe(together[k]));
  });

  it('log1p, sin and cos stay finite or NaN where they have no value', () => {
    expect(evaluate('log1p', [Infinity])[0]).toBeCloseTo(Math.log(1e300), 10);
    expect([...evaluate('sin', [NaN, Infinity]), ...evaluate('cos', [NaN, Infinity])]).toEqual([
      NaN,
      NaN,
      NaN,
      NaN,
    ]);
  });
});

/** The distance of a double to its next neighbour away from 0. */
function ulp(value: number): number {
  const bits = new BigInt64Array([0n]);
  const double = new Float64Array(bits.buffer);
  double[0] = Math.abs(value);
  bits[0] += 1n;
  return double[0] - Math.abs(value);
}
