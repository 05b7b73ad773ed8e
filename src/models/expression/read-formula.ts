import type {
  ConditionalNode,
  ConstantNode,
  FunctionNode,
  MathNode,
  OperatorNode,
  ParenthesisNode,
  RelationalNode,
  SymbolNode,
} from 'mathjs';
import { closestName } from '../../common/media/closest-name.js';
import { ModelFileError } from '../model-errors.js';
import { call, choice, type Formula, number } from './formula.js';
import { FOLDED, type FunctionName, functionOf, FUNCTIONS } from './functions.js';
import { type UnitFactory, unitConversion } from './unit-conversion.js';

/** What a person writes by hand is shorter, and what a program writes may be split into definitions. */
const MAX_LENGTH = 10_000;

/** What mathjs would accept and a formula must not hold, in words. */
const REFUSED_NODES: Readonly<Record<string, string>> = {
  AccessorNode: 'a property or an index (a.b, a[1])',
  ArrayNode: 'an array',
  AssignmentNode: 'an assignment (=); compare with ==, and name intermediate results in "definitions"',
  BlockNode: 'several statements',
  FunctionAssignmentNode: 'the definition of a function',
  IndexNode: 'an index',
  ObjectNode: 'an object',
  RangeNode: 'a range',
};

/**
 * Reads a formula in mathjs's syntax, of which it allows numbers, names, and the functions and operators of
 * `FUNCTIONS`. mathjs parses the text and never evaluates it. Throws ModelFileError, whose message begins with `place`.
 */
export async function readFormula(text: string, place: string): Promise<Formula> {
  if (text.length > MAX_LENGTH) {
    throw new ModelFileError(
      `${place} has ${text.length} characters, more than the ${MAX_LENGTH} a formula may have: split it with "definitions".`,
    );
  }
  // Loading mathjs takes half a second, and its units another: only a process that needs them does.
  const { parse } = await import('mathjs/number');
  const units = /\bunit\b/.test(text) ? (await import('mathjs')).unit : undefined;
  try {
    return new FormulaReader(place, units).read(parse(text));
  } catch (error) {
    if (error instanceof ModelFileError) throw error;
    // The parser and what follows it go down into a formula by recursion.
    if (error instanceof RangeError) throw new ModelFileError(`${place} is nested too deeply.`);
    // mathjs throws errors of several classes for what it cannot parse.
    throw new ModelFileError(`${place} cannot be read: ${(error as Error).message}.`);
  }
}

/** Turns what mathjs has parsed into a Formula, or refuses it. */
class FormulaReader {
  /** `units`: mathjs's, where the text names them. */
  constructor(
    private readonly place: string,
    private readonly units: UnitFactory | undefined,
  ) {}

  read(node: MathNode): Formula {
    switch (node.type) {
      case 'ConstantNode':
        return this.#constant((node as ConstantNode).value);
      case 'SymbolNode':
        return { kind: 'symbol', name: (node as SymbolNode).name };
      case 'ParenthesisNode':
        return this.read((node as ParenthesisNode).content);
      case 'ConditionalNode': {
        const { condition, trueExpr, falseExpr } = node as ConditionalNode;
        return choice(this.read(condition), this.read(trueExpr), this.read(falseExpr));
      }
      case 'RelationalNode':
        return this.#relations(node as RelationalNode);
      case 'OperatorNode': {
        const { fn, op, args }: { fn: string; op: string; args: MathNode[] } = node as OperatorNode;
        if (isFunction(fn)) return this.#apply(fn, this.#all(args));
        throw this.#refused(`the operator ${op}`);
      }
      case 'FunctionNode':
        return this.#call(node as FunctionNode);
      default:
        throw this.#refused(REFUSED_NODES[node.type] ?? `a ${node.type}`);
    }
  }

  #all(nodes: readonly MathNode[]): Formula[] {
    return nodes.map((node) => this.read(node));
  }

  #constant(value: unknown): Formula {
    if (typeof value === 'boolean') return number(value ? 1 : 0);
    if (typeof value === 'number' && Number.isFinite(value)) return number(value);
    if (value === undefined) throw this.#error('is empty: expected a formula');
    if (typeof value === 'number') throw this.#error(`holds ${value}, which is not a finite number`);
    throw this.#refused(value === null ? 'null' : `a ${typeof value}`);
  }

  #call({ fn, args }: FunctionNode): Formula {
    // What is called may itself be an expression, such as an index.
    if ((fn as MathNode).type !== 'SymbolNode') throw this.#refused('a call of something that has no name');
    const { name } = fn;
    if (name === 'number') return this.#conversion(args);
    if (!isFunction(name)) {
      const near = closestName(name, Object.keys(FUNCTIONS));
      const hint = near === undefined ? '' : ` (did you mean ${near}?)`;
      throw this.#error(
        `calls ${JSON.stringify(name)}, which is not a function that a formula may use${hint}`,
      );
    }
    const operands = this.#all(args);
    if (name === 'log' && operands.length === 2) {
      return call('divide', call('log', operands[0]), call('log', operands[1]));
    }
    return this.#apply(name, operands);
  }

  /** `number(unit(value, "from"), "to")`: mathjs's way to write a conversion whose result is a number. */
  #conversion([quantity, target, ...more]: readonly MathNode[]): Formula {
    const { type, fn, args: [value, source, ...rest] = [] } = (quantity ?? {}) as Partial<FunctionNode>;
    const from = (source as Partial<ConstantNode> | undefined)?.value as unknown;
    const to = (target as Partial<ConstantNode> | undefined)?.value as unknown;
    const isQuantity = type === 'FunctionNode' && fn?.name === 'unit' && rest.length + more.length === 0;
    if (!isQuantity || typeof from !== 'string' || typeof to !== 'string' || !this.units) {
      throw this.#error('converts units in a way that is not known: expected number(unit(x, "degC"), "K")');
    }
    try {
      const { slope, offset } = unitConversion(this.units, from, to);
      const scaled = call('multiply', this.read(value), number(slope));
      return offset === 0 ? scaled : call('add', scaled, number(offset));
    } catch (error) {
      if (error instanceof ModelFileError) throw error;
      throw this.#error(`cannot convert ${JSON.stringify(from)} to ${JSON.stringify(to)}`);
    }
  }

  /** `a < b <= c` is `a < b and b <= c`. */
  #relations({ conditionals, params }: RelationalNode): Formula {
    const operands = this.#all(params);
    const pairs = conditionals.map((name, i) => this.#apply(name as FunctionName, operands.slice(i, i + 2)));
    return pairs.reduce((before, pair) => call('and', before, pair));
  }

  #apply(name: FunctionName, args: readonly Formula[]): Formula {
    const { arity } = functionOf(name);
    const folded = FOLDED.has(name);
    if (folded ? args.length < 2 : args.length !== arity) {
      const expected = folded ? '2 or more arguments' : arity === 1 ? '1 argument' : '2 arguments';
      throw this.#error(`gives ${name} ${args.length}: it takes ${expected}`);
    }
    return folded ? args.reduce((before, arg) => call(name, before, arg)) : call(name, ...args);
  }

  #refused(what: string): ModelFileError {
    return this.#error(`holds ${what}: a formula is made of numbers, names, functions and operators`);
  }

  #error(what: string): ModelFileError {
    return new ModelFileError(`${this.place} ${what}.`);
  }
}

function isFunction(name: string): name is FunctionName {
  return Object.hasOwn(FUNCTIONS, name);
}
