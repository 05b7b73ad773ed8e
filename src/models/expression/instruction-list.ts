import { type FunctionName, functionOf, isTrue } from './functions.js';

/** A value that a program computes: the index of the instruction that makes it. */
export type Value = number;

export type Instruction =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'input'; readonly index: number }
  | { readonly kind: 'call'; readonly name: FunctionName; readonly args: readonly Value[] }
  | {
      readonly kind: 'choice';
      readonly args: readonly [condition: Value, whenTrue: Value, whenFalse: Value];
    };

/** The formulas are too long together. */
export class TooManyInstructionsError extends Error {}

/**
 * Collects instructions, each after those that it needs. What is asked for twice is computed once, and what depends
 * on numbers alone is computed at once.
 */
export class InstructionList {
  readonly #instructions: Instruction[] = [];
  readonly #known = new Map<string, Value>();

  /** `limit`: how many instructions there may be; throws TooManyInstructionsError for one more. */
  constructor(public limit: number) {}

  get instructions(): readonly Instruction[] {
    return this.#instructions;
  }

  number(value: number): Value {
    return this.#add({ kind: 'number', value }, Object.is(value, -0) ? '-0' : String(value));
  }

  input(index: number): Value {
    return this.#add({ kind: 'input', index }, `x${index}`);
  }

  /** `args`: one or two, as many as the function takes. */
  call(name: FunctionName, ...args: Value[]): Value {
    const [a, b] = args.map((arg) => this.numberAt(arg));
    const isNumber = a !== undefined && (b !== undefined || args.length === 1);
    if (isNumber) return this.number(functionOf(name).evaluate(a, b ?? Number.NaN));
    if (name === 'multiply' && a === 1) return args[1];
    if (name === 'multiply' && b === 1) return args[0];
    if (name === 'pow' && b === 1) return args[0];
    return this.#add({ kind: 'call', name, args }, `${name} ${args.join(' ')}`);
  }

  choice(condition: Value, whenTrue: Value, whenFalse: Value): Value {
    const known = this.numberAt(condition);
    if (known !== undefined) return isTrue(known) ? whenTrue : whenFalse;
    if (whenTrue === whenFalse) return whenTrue;
    return this.#add(
      { kind: 'choice', args: [condition, whenTrue, whenFalse] },
      `? ${condition} ${whenTrue} ${whenFalse}`,
    );
  }

  /** The number that a value is, if it depends on nothing. */
  numberAt(value: Value): number | undefined {
    const instruction = this.#instructions[value];
    return instruction.kind === 'number' ? instruction.value : undefined;
  }

  #add(instruction: Instruction, key: string): Value {
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    if (this.#instructions.length >= this.limit) throw new TooManyInstructionsError();
    const value = this.#instructions.push(instruction) - 1;
    this.#known.set(key, value);
    return value;
  }
}
