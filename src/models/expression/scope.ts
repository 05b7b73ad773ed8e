import { closestName } from '../../common/media/closest-name.js';
import { ModelFileError } from '../model-errors.js';
import type { Formula } from './formula.js';
import { CONSTANTS, FUNCTIONS } from './functions.js';
import type { InstructionList, Value } from './instruction-list.js';

const NAME = /^[A-Za-z_]\w*$/;
/** Words of mathjs's syntax, which a formula could not refer to. */
const WORDS = new Set(
  ['true', 'false', 'null', 'undefined', 'NaN', 'Infinity', 'end', 'to', 'in', 'number', 'unit'].concat(
    Object.keys(FUNCTIONS),
  ),
);

/** What the names in a model's formulas stand for. */
export class Scope {
  readonly #values = new Map<string, Value>();

  constructor(private readonly list: InstructionList) {}

  /** Throws ModelFileError for what is no name, or is taken. A name may hide a constant, such as `e`. */
  define(name: string, value: Value, place: string): void {
    requireName(name, place);
    if (this.#values.has(name)) {
      throw new ModelFileError(`${place}: the name ${JSON.stringify(name)} is given twice.`);
    }
    this.#values.set(name, value);
  }

  /** Adds a formula to the list. Throws ModelFileError for a name that is not known. */
  translate(formula: Formula, place: string): Value {
    switch (formula.kind) {
      case 'number':
        return this.list.number(formula.value);
      case 'symbol':
        return this.#lookUp(formula.name, place);
      case 'call':
        return this.list.call(formula.name, ...formula.args.map((arg) => this.translate(arg, place)));
      case 'choice': {
        const { condition, whenTrue, whenFalse } = formula;
        return this.list.choice(
          this.translate(condition, place),
          this.translate(whenTrue, place),
          this.translate(whenFalse, place),
        );
      }
    }
  }

  #lookUp(name: string, place: string): Value {
    const value = this.#values.get(name);
    if (value !== undefined) return value;
    const constant = CONSTANTS.get(name);
    if (constant !== undefined) return this.list.number(constant);
    const known = [...this.#values.keys(), ...CONSTANTS.keys()];
    const near = closestName(name, known);
    const hint =
      near === undefined ? ` Known here: ${known.slice(0, 30).join(', ')}.` : ` Did you mean ${near}?`;
    throw new ModelFileError(`${place} uses ${JSON.stringify(name)}, which is not defined above it.${hint}`);
  }
}

export function requireName(name: string, place: string): void {
  if (WORDS.has(name)) {
    throw new ModelFileError(
      `${place}: ${JSON.stringify(name)} means something else in a formula: take another name.`,
    );
  }
  if (!NAME.test(name) || name.length > 100) {
    throw new ModelFileError(
      `${place}: ${JSON.stringify(name.slice(0, 100))} is not a name: expected a letter or _, then letters, digits and _.`,
    );
  }
}
