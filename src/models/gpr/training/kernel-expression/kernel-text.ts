import { quote } from '../../../../common/media/describe.js';

/** A kernel expression is wrong, at a place of its text. */
export class KernelExpressionError extends Error {
  constructor(
    readonly problem: string,
    /** Index of the character in the text. */
    readonly at: number,
  ) {
    super(`At character ${at + 1}: ${problem}.`);
  }
}

export interface Token {
  readonly kind: 'name' | 'string' | 'number' | 'sign' | 'end';
  /** A name or sign as it stands, the content of a string. */
  readonly text: string;
  readonly at: number;
}

/** Longest expression that is read. */
const MAX_TEXT = 4000;
const TOKEN =
  /\s*(?:([\p{L}_][\p{L}\p{N}_]*(?:-\p{L}[\p{L}\p{N}_]*)*)|("(?:[^"\\]|\\.)*")|([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)(?![\p{L}\p{N}_.])|(\*\*|[()+*,=[\]]))/uy;

/** Cuts an expression into tokens, the last of which is `end`. Throws KernelExpressionError. */
export function tokensOf(text: string): Token[] {
  if (text.length > MAX_TEXT) {
    throw new KernelExpressionError(
      `the expression has ${text.length} characters, expected at most ${MAX_TEXT}`,
      MAX_TEXT,
    );
  }
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.trimEnd().length) {
    const token = tokenAt(text, at, tokens.at(-1));
    tokens.push(token.token);
    at = token.next;
  }
  return [...tokens, { kind: 'end', text: '', at: text.trimEnd().length }];
}

function tokenAt(text: string, from: number, before: Token | undefined): { token: Token; next: number } {
  TOKEN.lastIndex = from;
  const match = TOKEN.exec(text);
  const at = from + (/^\s*/.exec(text.slice(from))?.[0].length ?? 0);
  if (!match) {
    const found = String.fromCodePoint(text.codePointAt(at) ?? 0);
    throw new KernelExpressionError(
      found === '"' ? 'a name without its closing quote' : `${quote(found)} cannot stand here`,
      at,
    );
  }
  const [, name, string, number, sign] = match;
  const next = TOKEN.lastIndex;
  if (name !== undefined) return { token: { kind: 'name', text: name, at }, next };
  if (string !== undefined) return { token: { kind: 'string', text: unquote(string, at), at }, next };
  if (sign !== undefined) return { token: { kind: 'sign', text: sign, at }, next };
  // Between kernels, a sign is no part of a number: `white +3` is a mistake that the parser names.
  const afterKernel = before !== undefined && (before.kind === 'name' || before.text === ')');
  if (afterKernel && number.startsWith('+')) return { token: { kind: 'sign', text: '+', at }, next: at + 1 };
  return { token: { kind: 'number', text: number, at }, next };
}

function unquote(string: string, at: number): string {
  try {
    return JSON.parse(string) as string;
  } catch {
    throw new KernelExpressionError(`${quote(string)} has an unknown escape after "\\"`, at);
  }
}
