import * as mathjs from 'mathjs/number';
import { describe, expect, it } from 'vitest';
import { Random } from '../../numeric/random/random.js';
import { CONSTANTS, type FunctionName, functionOf, FUNCTIONS } from './functions.js';
import { partialsOf } from './gradient.js';
import { InstructionList } from './instruction-list.js';
import { makeProgram, runProgram } from './program.js';
import { Scope } from './scope.js';
import { Matrix } from '../../numeric/linalg/matrix.js';

/** mathjs's functions and constants by name. */
const MATHJS = new Map(Object.entries(mathjs));
const NAMES = Object.keys(FUNCTIONS) as FunctionName[];
const LARGEST: Partial<Record<FunctionName, number>> = { asin: 1, acos: 1, atanh: 1 };
const SMALLEST: Partial<Record<FunctionName, number>> = {
  sqrt: 0,
  log: 0,
  log10: 0,
  log2: 0,
  log1p: -1,
  acosh: 1,
  pow: 0,
};

/** Pairs in the domain of a function, on both sides of 0 where it has two. */
function points(name: FunctionName): [number, number][] {
  const random = new Random(1);
  const [from, to] = [SMALLEST[name] ?? -(LARGEST[name] ?? 4), LARGEST[name] ?? 4];
  const next = (): number => {
    const value = from + (to - from) * random.uniform();
    // Not next to 0, where some functions have a pole or a kink.
    return Math.abs(value) < 0.02 ? from + (to - from) * 0.7 : value;
  };
  return Array.from({ length: 40 }, () => [next(), next()]);
}

/** A derivative as a function of its arguments. */
async function slopes(name: FunctionName): Promise<((a: number, b: number) => number)[]> {
  const partials = (await partialsOf(name)) ?? [];
  return partials.map((partial) => {
    const list = new InstructionList(1000);
    const scope = new Scope(list);
    scope.define('a', list.input(0), 'a');
    scope.define('b', list.input(1), 'b');
    const program = makeProgram(list.instructions, [scope.translate(partial, name)]);
    return (a, b) => {
      const table = Matrix.zeros(1, 1);
      runProgram(program, Matrix.fromRows([[a, b]]), [table], 0, 1);
      return table.data[0];
    };
  });
}

function expectClose(actual: number, expected: number, tolerance: number, where: string): void {
  const error = Math.abs(actual - expected);
  if (!(error <= tolerance * Math.max(1, Math.abs(expected)))) {
    expect.fail(`${where} is ${actual}, expected ${expected}`);
  }
}

describe.each(NAMES)('%s', (name) => {
  const { evaluate, arity } = functionOf(name);
  const oracle = MATHJS.get(name) as (...args: number[]) => number | boolean;

  it("has mathjs's values", () => {
    for (const args of points(name)) {
      const expected = Number(oracle(...args.slice(0, arity)));
      expectClose(evaluate(...args), expected, 1e-14, `${name}(${args.slice(0, arity).join(', ')})`);
    }
  });

  it('has the derivatives of its values, or none', async () => {
    const partials = await slopes(name);
    expect([0, arity]).toContain(partials.length);
    const h = 1e-4;
    for (const [k, partial] of partials.entries()) {
      for (const args of points(name)) {
        const at = (steps: number): number =>
          evaluate(...(args.with(k, args[k] + steps * h) as [number, number]));
        const difference = (8 * (at(1) - at(-1)) - (at(2) - at(-2))) / (12 * h);
        // Next to a pole or to the end of the domain a difference says nothing.
        if (!Number.isFinite(difference) || Math.abs(difference) > 100) continue;
        expectClose(partial(...args), difference, 1e-6, `d ${name} / d ${'ab'[k]} at ${args.join(', ')}`);
      }
    }
  });
});

it('knows what mathjs knows of equal and of rounding numbers', () => {
  for (const value of [-2.5, -0.5, -0.2, 0, 0.5, 1.5, 2.5, 0.49999999999999994, 1e20]) {
    expect(FUNCTIONS.round.evaluate(value, 0), `round(${value})`).toBeCloseTo(mathjs.round(value), 12);
  }
  expect(FUNCTIONS.equal.evaluate(3, 3)).toBe(1);
  expect(FUNCTIONS.mod.evaluate(-1, 3)).toBe(2);
  expect(FUNCTIONS.mod.evaluate(5, 0)).toBe(5);
});

it.each([...CONSTANTS])('%s is what mathjs has under the name', (name, value) => {
  expect(value).toBeCloseTo(MATHJS.get(name) as number, 15);
});
