import type { FunctionName } from './functions.js';

/** A formula after reading: nothing but numbers, names, elementary functions and choices. */
export type Formula =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'symbol'; readonly name: string }
  | { readonly kind: 'call'; readonly name: FunctionName; readonly args: readonly Formula[] }
  /** `condition ? whenTrue : whenFalse` */
  | {
      readonly kind: 'choice';
      readonly condition: Formula;
      readonly whenTrue: Formula;
      readonly whenFalse: Formula;
    };

export function number(value: number): Formula {
  return { kind: 'number', value };
}

export function call(name: FunctionName, ...args: Formula[]): Formula {
  return { kind: 'call', name, args };
}

export function choice(condition: Formula, whenTrue: Formula, whenFalse: Formula): Formula {
  return { kind: 'choice', condition, whenTrue, whenFalse };
}
