import { MalformedBodyError } from './issue.js';
import { quote } from './describe.js';
import { placeIn } from './text-body.js';

export interface JsonTextOptions {
  /** Stands in for a number that a double cannot hold (`1e400`), given as it was written. Default: Infinity. */
  overflowing?: (source: string) => unknown;
  /** Refuse an object that has the same key twice, where JSON.parse quietly takes the last. */
  uniqueKeys?: boolean;
}

/**
 * JSON that may hold the bare tokens NaN, Infinity and -Infinity, as Python's `json` module writes them: they become
 * numbers. As fast as JSON.parse where none occurs. Throws MalformedBodyError with line and column.
 */
export function parseJsonWithNonFinite(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return parseJsonText(text);
  }
}

/**
 * Parses JSON slowly and carefully, for when JSON.parse refused a text or hid what it said: takes NaN, Infinity and
 * -Infinity, and says in its own words where the text breaks. Depth is bounded by memory, not by the call stack.
 */
export function parseJsonText(text: string, options: JsonTextOptions = {}): unknown {
  return new JsonText(text, options).document();
}

type Json = Record<string, unknown>;

/** A container that is still open. `key` is the member being read, undefined in an array. */
interface Open {
  readonly value: unknown[] | Json;
  key: string | undefined;
}

const WORDS = new Map<string, unknown>([
  ['true', true],
  ['false', false],
  ['null', null],
  ['NaN', NaN],
  ['Infinity', Infinity],
  ['-Infinity', -Infinity],
]);

const SPELLINGS: Record<string, string> = {
  True: 'JSON writes true',
  False: 'JSON writes false',
  None: 'JSON writes null',
  undefined: 'JSON has no undefined',
};

class JsonText {
  private at = 0;

  constructor(
    private readonly text: string,
    private readonly options: JsonTextOptions,
  ) {}

  document(): unknown {
    const open: Open[] = [];
    for (;;) {
      const opened = this.opening();
      if (opened !== undefined) {
        open.push(opened);
        continue;
      }
      const { done, value } = this.close(open, this.value());
      if (done) return value;
    }
  }

  /** Enters a container that is not empty. */
  private opening(): Open | undefined {
    const first = this.peek();
    if (first !== '[' && first !== '{') return undefined;
    const start = this.at++;
    if (this.peek() === (first === '[' ? ']' : '}')) {
      this.at = start;
      return undefined;
    }
    if (first === '[') return { value: [], key: undefined };
    const value: Json = {};
    return { value, key: this.key(value) };
  }

  /** A scalar, or an empty container. */
  private value(): unknown {
    const first = this.peek();
    if (first === '"') return this.string();
    if (first === '[' || first === '{') {
      this.at++;
      this.peek();
      this.at++;
      return first === '[' ? [] : {};
    }
    if ((first >= '0' && first <= '9') || (first === '-' && this.text[this.at + 1] !== 'I'))
      return this.number();
    return this.word();
  }

  /** Puts the value into the innermost open container, and closes the containers that end after it. */
  private close(open: Open[], value: unknown): { done: boolean; value: unknown } {
    for (;;) {
      const container = open.at(-1);
      const next = this.peek();
      if (container === undefined) {
        if (next !== '') this.fail(`the text goes on after the value, with ${this.found()}.`);
        return { done: true, value };
      }
      put(container, value);
      const end = container.key === undefined ? ']' : '}';
      if (next === ',') {
        this.at++;
        if (this.peek() === end) this.fail(`a comma before "${end}": remove it.`);
        if (container.key !== undefined) container.key = this.key(container.value as Json);
        return { done: false, value };
      }
      if (next !== end) this.fail(`expected "," or "${end}", found ${this.found()}.`);
      this.at++;
      value = container.value;
      open.pop();
    }
  }

  private key(object: Json): string {
    if (this.peek() !== '"') this.fail(`expected a name in double quotes, found ${this.found()}.`);
    const start = this.at;
    const key = this.string();
    if (this.options.uniqueKeys === true && Object.hasOwn(object, key)) {
      this.at = start;
      this.fail(`${quote(key)} appears twice in one object: keep one.`);
    }
    if (this.peek() !== ':') this.fail(`expected ":" after ${quote(key)}, found ${this.found()}.`);
    this.at++;
    return key;
  }

  private string(): string {
    const { text } = this;
    const start = this.at;
    let end = start + 1;
    for (; text[end] !== '"'; end++) {
      if (end >= text.length) this.fail('a string without its closing quote.');
      if (text[end] === '\\') end++;
      else if (text.charCodeAt(end) < 0x20) {
        this.at = end;
        this.fail(`${this.found()} inside a string: write it as an escape.`);
      }
    }
    this.at = end + 1;
    try {
      return JSON.parse(text.slice(start, this.at)) as string;
    } catch {
      this.at = start;
      return this.fail('a string with an unknown escape after "\\".');
    }
  }

  private number(): unknown {
    const start = this.at;
    if (this.text[this.at] === '-') this.at++;
    if (this.text[this.at] === '0') this.at++;
    else this.digits();
    if (this.text[this.at] === '.') {
      this.at++;
      this.digits();
    }
    if (this.text[this.at] === 'e' || this.text[this.at] === 'E') {
      this.at++;
      if (this.text[this.at] === '+' || this.text[this.at] === '-') this.at++;
      this.digits();
    }
    const source = this.text.slice(start, this.at);
    const value = Number(source);
    return Number.isFinite(value) ? value : (this.options.overflowing?.(source) ?? value);
  }

  private digits(): void {
    const start = this.at;
    while (isDigit(this.text.charCodeAt(this.at))) this.at++;
    if (this.at === start) this.fail(`expected a digit, found ${this.found()}.`);
  }

  private word(): unknown {
    const word = /^-?[\p{L}\p{N}_]+/u.exec(this.text.slice(this.at, this.at + 24))?.[0] ?? '';
    if (!WORDS.has(word)) {
      const spelling = Object.hasOwn(SPELLINGS, word) ? SPELLINGS[word] : undefined;
      const advice = this.peek() === "'" ? 'strings take double quotes' : spelling;
      const found = word === '' ? this.found() : quote(word);
      this.fail(`expected a value, found ${found}${advice === undefined ? '' : `: ${advice}`}.`);
    }
    this.at += word.length;
    return WORDS.get(word);
  }

  /** The next character that is no blank, or '' at the end. */
  private peek(): string {
    for (;;) {
      const char = this.text[this.at] ?? '';
      if (char !== ' ' && char !== '\n' && char !== '\r' && char !== '\t') return char;
      this.at++;
    }
  }

  private found(): string {
    const code = this.text.codePointAt(this.at);
    if (code === undefined) return 'the end of the text';
    return code < 0x20 ? `the control character ${code}` : quote(String.fromCodePoint(code));
  }

  private fail(problem: string): never {
    throw new MalformedBodyError('JSON', problem, placeIn(this.text, this.at));
  }
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

function put({ value, key }: Open, member: unknown): void {
  if (Array.isArray(value)) value.push(member);
  // `object.__proto__ = ...` would set the prototype; JSON.parse makes a plain member of it, and so does this.
  else if (key === '__proto__') Object.defineProperty(value, key, { value: member, ...PLAIN });
  else if (key !== undefined) value[key] = member;
}

const PLAIN = { enumerable: true, configurable: true, writable: true };
