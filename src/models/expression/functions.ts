/** One elementary function of real numbers. */
interface ElementaryFunction {
  readonly evaluate: (a: number, b: number) => number;
  readonly arity: 1 | 2;
  /**
   * Partial derivatives as formulas of `a` and `b`: where mathjs does not know them, or where its rule is undefined at
   * points at which the function is smooth. `null`: there is none to speak of (a step).
   */
  readonly partials?: readonly string[] | null;
}

function unary(evaluate: (a: number) => number, partials?: readonly string[] | null): ElementaryFunction {
  return { evaluate, arity: 1, ...(partials !== undefined && { partials }) };
}

function binary(
  evaluate: (a: number, b: number) => number,
  partials?: readonly string[] | null,
): ElementaryFunction {
  return { evaluate, arity: 2, ...(partials !== undefined && { partials }) };
}

/** Comparisons and logic: 1 for true, 0 for false. */
function relation(holds: (a: number, b: number) => boolean): ElementaryFunction {
  return binary((a, b) => (holds(a, b) ? 1 : 0), null);
}

export function isTrue(value: number): boolean {
  return value !== 0 && !Number.isNaN(value);
}

/** Half goes away from zero, as in mathjs (and unlike Math.round). */
function round(a: number): number {
  return Math.sign(a) * Math.round(Math.abs(a));
}

/** The remainder with the sign of the divisor, as in mathjs: mod(-1, 3) = 2. */
function mod(a: number, b: number): number {
  return b === 0 ? a : a - b * Math.floor(a / b);
}

/**
 * Everything that a formula can compute, under mathjs's names. All are functions of numbers that take constant time
 * and reach nothing else. Operators are functions as well: `a + b` is add(a, b).
 */
export const FUNCTIONS = {
  add: binary((a, b) => a + b, ['1', '1']),
  subtract: binary((a, b) => a - b, ['1', '-1']),
  multiply: binary((a, b) => a * b, ['b', 'a']),
  divide: binary((a, b) => a / b, ['1 / b', '-(a / b) / b']),
  pow: binary((a, b) => (b === 2 ? a * a : a ** b)),
  mod: binary(mod, null),
  unaryMinus: unary((a) => -a, ['-1']),
  unaryPlus: unary((a) => a, ['1']),

  larger: relation((a, b) => a > b),
  largerEq: relation((a, b) => a >= b),
  smaller: relation((a, b) => a < b),
  smallerEq: relation((a, b) => a <= b),
  equal: relation((a, b) => a === b),
  unequal: relation((a, b) => a !== b),
  and: relation((a, b) => isTrue(a) && isTrue(b)),
  or: relation((a, b) => isTrue(a) || isTrue(b)),
  xor: relation((a, b) => isTrue(a) !== isTrue(b)),
  not: unary((a) => (isTrue(a) ? 0 : 1), null),

  sqrt: unary(Math.sqrt),
  cbrt: unary(Math.cbrt, ['1 / (3 * cbrt(a)^2)']),
  square: unary((a) => a * a, ['2 * a']),
  cube: unary((a) => a * a * a, ['3 * a^2']),
  exp: unary(Math.exp),
  expm1: unary(Math.expm1, ['exp(a)']),
  log: unary(Math.log),
  log10: unary(Math.log10),
  log2: unary(Math.log2, ['1 / (a * LN2)']),
  log1p: unary(Math.log1p, ['1 / (1 + a)']),

  sin: unary(Math.sin),
  cos: unary(Math.cos),
  tan: unary(Math.tan),
  sec: unary((a) => 1 / Math.cos(a)),
  csc: unary((a) => 1 / Math.sin(a)),
  cot: unary((a) => 1 / Math.tan(a)),
  asin: unary(Math.asin),
  acos: unary(Math.acos),
  atan: unary(Math.atan),
  atan2: binary(Math.atan2, ['b / (a^2 + b^2)', '-a / (a^2 + b^2)']),
  sinh: unary(Math.sinh),
  cosh: unary(Math.cosh),
  tanh: unary(Math.tanh),
  sech: unary((a) => 1 / Math.cosh(a)),
  csch: unary((a) => 1 / Math.sinh(a)),
  coth: unary((a) => 1 / Math.tanh(a)),
  asinh: unary(Math.asinh),
  acosh: unary(Math.acosh),
  atanh: unary(Math.atanh),
  hypot: binary(Math.hypot, ['a / hypot(a, b)', 'b / hypot(a, b)']),

  // At the kink one of the one-sided slopes, or 0: finite, and between the two.
  abs: unary(Math.abs, ['sign(a)']),
  min: binary(Math.min, ['a <= b', 'a > b']),
  max: binary(Math.max, ['a >= b', 'a < b']),
  sign: unary(Math.sign, null),
  floor: unary(Math.floor, null),
  ceil: unary(Math.ceil, null),
  fix: unary(Math.trunc, null),
  round: unary(round, null),
} as const satisfies Record<string, ElementaryFunction>;

export type FunctionName = keyof typeof FUNCTIONS;

export function functionOf(name: FunctionName): ElementaryFunction {
  return FUNCTIONS[name];
}

/** Functions that take any number of arguments: f(a, b, c) = f(f(a, b), c). */
export const FOLDED: ReadonlySet<string> = new Set(['add', 'multiply', 'min', 'max', 'hypot']);

/** Names that stand for a number everywhere. */
export const CONSTANTS: ReadonlyMap<string, number> = new Map([
  ['pi', Math.PI],
  ['tau', 2 * Math.PI],
  ['e', Math.E],
  ['phi', (1 + Math.sqrt(5)) / 2],
  ['LN2', Math.LN2],
  ['LN10', Math.LN10],
  ['LOG2E', Math.LOG2E],
  ['LOG10E', Math.LOG10E],
  ['SQRT2', Math.SQRT2],
  ['SQRT1_2', Math.SQRT1_2],
]);
