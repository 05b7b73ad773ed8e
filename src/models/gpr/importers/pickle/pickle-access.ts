import { LazyText } from './lazy-values.js';
import { NdArray } from './numpy-array.js';
import { PickleError } from './pickle-error.js';
import {
  describe,
  PickleDict,
  PickledObject,
  PickleInstance,
  PickleTuple,
  type PickleValue,
} from './pickle-values.js';

/*
 * What importers ask of a value. Each function that ends in `Of` takes the value and what it is in the model's words,
 * for the message: `numberOf(value, "the kernel's variance")`.
 */

/** The longest text an importer wants: names, not data. */
const MAX_TEXT_BYTES = 64 * 1024;

type Value = PickleValue | undefined;

/** Whether the value is an instance of exactly this class; subclasses have names of their own. */
export function isInstance(value: Value, module: string, name: string): value is PickleInstance {
  return value instanceof PickleInstance && value.class_.module === module && value.class_.name === name;
}

/** An attribute of an instance; undefined where the value has none, or is no instance. */
export function attributeOf(value: Value, name: string): PickleValue | undefined {
  return value instanceof PickleInstance ? value.attribute(name) : undefined;
}

/** A number, a boolean excepted; also an array of one element, as GPy keeps its parameters. */
export function numberOf(value: Value, what: string): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint') return Number(value);
  if (value instanceof NdArray && value.size === 1) return value.toFloat64()[0];
  throw unexpected(what, 'a number', value);
}

/** A whole number within ±2^53. */
export function integerOf(value: Value, what: string): number {
  const number = numberOf(value, what);
  if (Number.isSafeInteger(number)) return number;
  throw unexpected(what, 'an integer', value);
}

/** True or False; also 1 and 0, as older writers have it. */
export function booleanOf(value: Value, what: string): boolean {
  if (typeof value === 'boolean') return value;
  if (value === 0 || value === 1) return value === 1;
  throw unexpected(what, 'True or False', value);
}

export function stringOf(value: Value, what: string): string {
  if (typeof value === 'string') return value;
  if (value instanceof LazyText) return value.decode(MAX_TEXT_BYTES);
  throw unexpected(what, 'a string', value);
}

/** The items of a list, a tuple or an instance of a list's subclass (GPy's ArrayList). */
export function listOf(value: Value, what: string): readonly PickleValue[] {
  if (Array.isArray(value)) return value;
  if (value instanceof PickleTuple || value instanceof PickledObject) return value.items;
  throw unexpected(what, 'a list', value);
}

/** A dict, or the entries of an instance of a dict's subclass. */
export function dictOf(value: Value, what: string): PickleDict {
  if (value instanceof PickleDict) return value;
  if (value instanceof PickledObject) return value.entries;
  throw unexpected(what, 'a dict', value);
}

export function arrayOf(value: Value, what: string): NdArray {
  if (value instanceof NdArray) return value;
  throw unexpected(what, 'an array', value);
}

export function instanceOf(value: Value, what: string): PickleInstance {
  if (value instanceof PickleInstance) return value;
  throw unexpected(what, 'an object', value);
}

function unexpected(what: string, expected: string, got: Value): PickleError {
  return new PickleError('unexpected-type', `${what}: ${expected} expected, got ${describe(got)}`);
}
