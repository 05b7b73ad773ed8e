import type { Formula } from './formula.js';
import { type FunctionName, functionOf } from './functions.js';
import { type InstructionList, TooManyInstructionsError, type Value } from './instruction-list.js';
import { readFormula } from './read-formula.js';
import { Scope } from './scope.js';

const ARGUMENTS = ['a', 'b'];

/** Partial derivatives of one elementary function, as formulas of its arguments `a` and `b`. */
export type Partials = readonly Formula[];

/** So many take some hundred megabytes while a model is loaded: a long sum of many inputs has one an input and term. */
const MOST_SLOPES = 2_000_000;

/** Why there is no gradient, in words. */
export class NoGradientError extends Error {}

/** mathjs's derivative of f(a) or f(a, b) with respect to each argument, or ours; undefined where f has steps. */
export async function partialsOf(name: FunctionName): Promise<Partials | undefined> {
  const { arity, partials } = functionOf(name);
  if (partials === null) return undefined;
  const place = `the derivative of ${name}`;
  if (partials) return Promise.all(partials.map((text) => readFormula(text, place)));
  const { derivative } = await import('mathjs/number');
  const variables = ARGUMENTS.slice(0, arity);
  return Promise.all(
    variables.map((variable) =>
      readFormula(derivative(`${name}(${variables.join(', ')})`, variable).toString(), place),
    ),
  );
}

/** Derivatives with respect to inputs, by their index; what is not listed is 0. */
type Slopes = ReadonlyMap<number, Value>;

/**
 * Differentiates the values of an instruction list by the chain rule, forward: each derivative is made of values that
 * are there already, so that a gradient grows with the number of instructions and not with the size of the formula
 * written out.
 */
export class Differentiator {
  readonly #slopes = new Map<Value, Slopes>();
  #kept = 0;

  /** `partials`: of every function that the list calls. */
  constructor(
    private readonly list: InstructionList,
    private readonly partials: ReadonlyMap<FunctionName, Partials | undefined>,
  ) {}

  /** d value / d input, one for each of `inputs` inputs. Throws NoGradientError, or TooManyInstructionsError. */
  gradient(value: Value, inputs: number): Value[] {
    // In order of the list, each after its arguments: formulas are too deep to recurse.
    for (const at of this.#needed(value)) {
      if (!this.#slopes.has(at)) this.#keep(at, this.#slopesOf(at));
    }
    const slopes = this.#slopes.get(value) as Slopes;
    return Array.from({ length: inputs }, (_, input) => slopes.get(input) ?? this.list.number(0));
  }

  #keep(value: Value, slopes: Slopes): void {
    this.#kept += slopes.size;
    if (this.#kept > MOST_SLOPES) throw new TooManyInstructionsError();
    this.#slopes.set(value, slopes);
  }

  /** The values whose slopes make up that of `value`, in order. A condition is no part of it: it only picks. */
  #needed(value: Value): Value[] {
    const needed = new Set([value]);
    for (let at = value; at >= 0; at--) {
      const instruction = this.list.instructions[at];
      if (!needed.has(at) || instruction.kind === 'number' || instruction.kind === 'input') continue;
      const { args } = instruction;
      (instruction.kind === 'choice' ? args.slice(1) : args).forEach((arg) => needed.add(arg));
    }
    return [...needed].sort((a, b) => a - b);
  }

  #slopesOf(value: Value): Slopes {
    const instruction = this.list.instructions[value];
    if (instruction.kind === 'number') return new Map();
    if (instruction.kind === 'input') return new Map([[instruction.index, this.list.number(1)]]);
    const [condition, ...branches] = instruction.args;
    if (instruction.kind === 'choice') return this.#choose(condition, this.#of(branches));
    return this.#chain(instruction.name, instruction.args, this.#of(instruction.args));
  }

  #of(values: readonly Value[]): Slopes[] {
    return values.map((value) => this.#slopes.get(value) as Slopes);
  }

  /** Sum over the arguments of partial derivative times slope. */
  #chain(name: FunctionName, args: readonly Value[], slopes: readonly Slopes[]): Slopes {
    const sum = new Map<number, Value>();
    slopes.forEach((slope, k) => {
      if (slope.size === 0) return;
      const partials = this.partials.get(name);
      if (!partials) throw new NoGradientError(`${name} has no derivative`);
      const partial = this.#partial(name, partials[k], args);
      for (const [input, inner] of slope) {
        const term = this.list.call('multiply', partial, inner);
        const before = sum.get(input);
        sum.set(input, before === undefined ? term : this.list.call('add', before, term));
      }
    });
    return sum;
  }

  #partial(name: FunctionName, formula: Formula, args: readonly Value[]): Value {
    const scope = new Scope(this.list);
    args.forEach((arg, k) => scope.define(ARGUMENTS[k], arg, name));
    return scope.translate(formula, `the derivative of ${name}`);
  }

  #choose(condition: Value, [whenTrue, whenFalse]: readonly Slopes[]): Slopes {
    const zero = this.list.number(0);
    const inputs = new Set([...whenTrue.keys(), ...whenFalse.keys()]);
    return new Map(
      [...inputs].map((input) => [
        input,
        this.list.choice(condition, whenTrue.get(input) ?? zero, whenFalse.get(input) ?? zero),
      ]),
    );
  }
}
