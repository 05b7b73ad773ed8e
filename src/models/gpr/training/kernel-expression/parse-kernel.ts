import { closestName } from '../../../../common/media/closest-name.js';
import { count, listNames, quote } from '../../../../common/media/describe.js';
import type { GivenParameter, KernelLeaf, KernelNode } from './kernel-node.js';
import {
  EXPRESSION_KERNEL_NAMES,
  EXPRESSION_KERNELS,
  type KernelParameter,
  type KernelParameters,
  WITHOUT_INPUTS,
} from './kernel-parameters.js';
import { KernelExpressionError, type Token, tokensOf } from './kernel-text.js';

const MAX_LEAVES = 50;
const MAX_DEPTH = 16;

/**
 * Reads a kernel expression over the named inputs; it is never evaluated.
 *
 *     sum       = product { "+" product }
 *     product   = factor { "*" factor }
 *     factor    = kernel | "(" sum ")"
 *     kernel    = name [ "(" [ argument { "," argument } ] ")" ]
 *     argument  = "ard" | input | parameter "=" value
 *     input     = name | string                    an input's name; without any, the kernel sees all inputs
 *     value     = numbers | "fixed" "(" numbers ")"
 *     numbers   = number | "[" number { "," number } "]"
 *
 * Throws KernelExpressionError with the place of what is wrong.
 */
export function parseKernel(text: string, inputs: readonly string[]): KernelNode {
  return new KernelParser(tokensOf(text), inputs).whole();
}

class KernelParser {
  #next = 0;
  #depth = 0;
  #leaves = 0;

  constructor(
    private readonly tokens: readonly Token[],
    private readonly inputs: readonly string[],
  ) {}

  whole(): KernelNode {
    const node = this.#sum();
    if (this.#token.kind !== 'end') this.#refuse('"+", "*" or the end of the expression');
    return node;
  }

  #sum(): KernelNode {
    return this.#joined('sum', '+', () => this.#joined('product', '*', () => this.#factor()));
  }

  /** One part, or several with the sign between; parts of the same kind are merged. */
  #joined(kind: 'sum' | 'product', sign: string, part: () => KernelNode): KernelNode {
    const parts: KernelNode[] = [];
    do {
      const node = part();
      if (node.kind === kind) parts.push(...node.parts);
      else parts.push(node);
    } while (this.#take(sign));
    return parts.length === 1 ? parts[0] : { kind, parts };
  }

  #factor(): KernelNode {
    if (!this.#take('(')) return this.#leaf();
    if (++this.#depth > MAX_DEPTH) this.#fail(`brackets are nested more than ${MAX_DEPTH} deep`);
    const node = this.#sum();
    this.#expect(')');
    this.#depth--;
    return node;
  }

  #leaf(): KernelLeaf {
    const token = this.#token;
    if (token.kind !== 'name') this.#refuse('the name of a kernel');
    if (!Object.hasOwn(EXPRESSION_KERNELS, token.text))
      this.#unknown('kernel', token, EXPRESSION_KERNEL_NAMES);
    if (++this.#leaves > MAX_LEAVES) this.#fail(`the expression has more than ${MAX_LEAVES} kernels`);
    this.#next++;
    const leaf = new LeafArguments(token.text, this.inputs);
    if (this.#take('(') && !this.#take(')')) {
      do this.#argument(leaf);
      while (this.#take(','));
      this.#expect(')');
    }
    return leaf.finish(token.at);
  }

  #argument(leaf: LeafArguments): void {
    const token = this.#token;
    if (token.kind !== 'name' && token.kind !== 'string') {
      this.#refuse(`"ard", the name of an input, or a parameter (${listNames(Object.keys(leaf.known))})`);
    }
    this.#next++;
    if (token.kind === 'name' && this.#take('=')) {
      if (!Object.hasOwn(leaf.known, token.text))
        this.#unknown(`parameter of ${leaf.type}`, token, Object.keys(leaf.known));
      leaf.set(token, this.#value());
    } else if (token.kind === 'name' && token.text === 'ard') {
      leaf.useArd(token);
    } else {
      const column = this.inputs.indexOf(token.text);
      if (column < 0) this.#unknown('input', token, [...this.inputs, ...Object.keys(leaf.known)]);
      leaf.see(column, token);
    }
  }

  #value(): GivenParameter {
    const token = this.#token;
    if (token.kind !== 'name') return { value: this.#numbers(), fixed: false };
    if (token.text !== 'fixed') this.#refuse('a number, a list of numbers, or fixed(...)');
    this.#next++;
    this.#expect('(');
    const value = this.#numbers();
    this.#expect(')');
    return { value, fixed: true };
  }

  #numbers(): number | number[] {
    if (!this.#take('[')) return this.#number();
    const list: number[] = [];
    do list.push(this.#number());
    while (this.#take(','));
    this.#expect(']');
    return list;
  }

  #number(): number {
    const token = this.#token;
    if (token.kind !== 'number') this.#refuse('a number');
    const value = Number(token.text);
    if (!Number.isFinite(value)) this.#fail(`${token.text} is too large for a double`);
    this.#next++;
    return value;
  }

  get #token(): Token {
    return this.tokens[this.#next];
  }

  #take(sign: string): boolean {
    const { kind, text } = this.#token;
    const found = kind === 'sign' && text === sign;
    if (found) this.#next++;
    return found;
  }

  #expect(sign: string): void {
    if (!this.#take(sign)) this.#refuse(quote(sign));
  }

  #refuse(expected: string): never {
    const { kind, text } = this.#token;
    this.#fail(`expected ${expected}, found ${kind === 'end' ? 'the end' : quote(text)}`);
  }

  #unknown(what: string, token: Token, known: readonly string[]): never {
    const near = closestName(token.text, known);
    const advice = near === undefined ? '' : `; ${near} is`;
    throw new KernelExpressionError(
      `${quote(token.text)} is no ${what}${advice}: expected one of ${listNames(known)}`,
      token.at,
    );
  }

  #fail(problem: string): never {
    throw new KernelExpressionError(problem, this.#token.at);
  }
}

/** A kernel while its arguments are read. */
class LeafArguments {
  readonly known: KernelParameters;
  readonly #params = new Map<string, GivenParameter & { at: number }>();
  readonly #dims: number[] = [];
  #ard = false;

  constructor(
    readonly type: string,
    private readonly inputs: readonly string[],
  ) {
    this.known = EXPRESSION_KERNELS[type];
  }

  set({ text: name, at }: Token, given: GivenParameter): void {
    if (this.#params.has(name)) throw new KernelExpressionError(`${name} is given twice: keep one`, at);
    for (const value of [given.value].flat()) requireInRange(name, value, this.known[name], at);
    this.#params.set(name, { ...given, at });
  }

  useArd({ at }: Token): void {
    if (!Object.values(this.known).some(({ perInput }) => perInput === true)) {
      throw new KernelExpressionError(`${this.type} has no parameter for each input: leave "ard" out`, at);
    }
    this.#ard = true;
  }

  see(column: number, { at }: Token): void {
    const name = this.inputs[column];
    if (WITHOUT_INPUTS.has(this.type))
      throw new KernelExpressionError(`${this.type} looks at no input: leave ${name} out`, at);
    if (this.#dims.includes(column)) throw new KernelExpressionError(`${name} is named twice: keep one`, at);
    this.#dims.push(column);
  }

  finish(at: number): KernelLeaf {
    const dims = this.#dims.length > 0 ? this.#dims : this.inputs.map((_, column) => column);
    if (this.type === 'brownian' && dims.length !== 1) {
      const advice = this.#dims.length === 0 ? ', such as brownian(' + this.inputs[0] + ')' : '';
      throw new KernelExpressionError(
        `brownian works on one input, got ${dims.length}: name one${advice}`,
        at,
      );
    }
    for (const [name, { value, at: place }] of this.#params) {
      if (typeof value === 'number') continue;
      if (this.known[name].perInput !== true)
        throw new KernelExpressionError(`${name} of ${this.type} is one number, got a list`, place);
      if (value.length !== dims.length) {
        const expected = `one for each of ${count(dims.length, 'input')}`;
        throw new KernelExpressionError(
          `${name} has ${count(value.length, 'number')}, expected ${expected}`,
          place,
        );
      }
      this.#ard = true;
    }
    return {
      kind: 'leaf',
      type: this.type,
      ...(this.#dims.length > 0 && { dims: this.#dims }),
      ard: this.#ard,
      params: new Map([...this.#params].map(([name, { value, fixed }]) => [name, { value, fixed }])),
    };
  }
}

function requireInRange(name: string, value: number, { range }: KernelParameter, at: number): void {
  const ok = range === 'finite' || (range === 'positive' ? value > 0 : value >= 0);
  if (ok) return;
  const expected = range === 'positive' ? 'a number above 0' : 'a number of at least 0';
  throw new KernelExpressionError(`${name} is ${value}, expected ${expected}`, at);
}
