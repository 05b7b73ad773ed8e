import type { FunctionName } from './functions.js';

/** A formula after reading: nothing but numbers, names, elementary functions and choices. */
export type Formula =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'symbol'; readonly name: string }
  | { readonly kind: 'call'; readonly name: FunctionName; readonly args: readonly Formula[] }
  /** `condition ? then : otherwise` */
  | {
      readonly kind: 'choice';
      readonly condition: Formula;
      readonly then: Formula;
      readonly otherwise: Formula;
    };

export function number(value: number): Formula {
  return { kind: 'number', value };
}

export function call(name: FunctionName, ...args: Formula[]): Formula {
  return { kind: 'call', name, args };
}

export function choice(condition: Formula, then: Formula, otherwise: Formula): Formula {
  return { kind: 'choice', condition, then, otherwise };
}
