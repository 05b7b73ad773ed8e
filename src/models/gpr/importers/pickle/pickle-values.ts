import { LazyText, PickleBytes } from './lazy-values.js';
import { PickleError, quoted } from './pickle-error.js';

/**
 * What a pickle becomes. Lists are arrays; integers beyond 2^53 are bigint; everything else that is no plain value has
 * a class below. The graph may contain cycles and may be very deep: never walk it by recursion.
 */
export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | PickleValue[]
  | LazyText
  | PickleBytes
  | PickleTuple
  | PickleDict
  | PickleSet
  | GlobalRef
  | PickleInstance;

/** A Python integer: a number where that is exact, else a bigint. */
export function exactInteger(value: bigint): number | bigint {
  const asNumber = Number(value);
  return Number.isSafeInteger(asNumber) ? asNumber : value;
}

/** The name of a Python class or function. A name only: there is nothing behind it. */
export class GlobalRef {
  constructor(
    readonly module: string,
    readonly name: string,
  ) {}

  /** `module.name`, fit for messages. */
  toString(): string {
    return `${this.module}.${this.name}`;
  }
}

export class PickleTuple {
  constructor(readonly items: readonly PickleValue[]) {}
}

/**
 * A dict (also an OrderedDict or defaultdict). Keys may be any value; strings and numbers are found by value, all others
 * by identity. `__proto__` is a key like any other.
 */
export class PickleDict extends Map<PickleValue, PickleValue> {}

/** A set or frozenset. */
export class PickleSet extends Set<PickleValue> {}

/** A value that belongs to a class and may receive a state (the BUILD opcode) exactly once. */
export abstract class PickleInstance {
  private built = false;

  constructor(readonly class_: GlobalRef) {}

  /** The instance's attributes, as far as it has any. */
  abstract attribute(name: string): PickleValue | undefined;

  protected abstract restore(state: PickleValue): void;

  /** @throws PickleError `bad-call` if the state has no meaning for the class, or is the second one. */
  build(state: PickleValue): void {
    if (this.built) throw new PickleError('bad-call', `a second state for one ${this.class_.name}`);
    this.built = true;
    this.restore(state);
  }
}

/** An instance of a known class, taken apart: nothing of the class has been run. */
export class PickledObject extends PickleInstance {
  /** As given to BUILD: mostly a dict. */
  state: PickleValue | undefined;
  /** What a subclass of list contains. */
  readonly items: PickleValue[] = [];
  private table: PickleDict | undefined;

  constructor(
    class_: GlobalRef,
    readonly args: readonly PickleValue[] = [],
  ) {
    super(class_);
  }

  /** What a subclass of dict contains. Made on demand, since few objects have any. */
  get entries(): PickleDict {
    this.table ??= new PickleDict();
    return this.table;
  }

  /** Looks into the state: a dict, or (dict, dict of slots) with None for a missing one. */
  override attribute(name: string): PickleValue | undefined {
    const parts = this.state instanceof PickleTuple ? this.state.items : [this.state];
    for (const part of parts) {
      const value = part instanceof PickleDict ? part.get(name) : undefined;
      if (value !== undefined) return value;
    }
    return undefined;
  }

  protected override restore(state: PickleValue): void {
    this.state = state;
  }
}

/** What a value is, in words for a message: never its content, which may be secret, endless or both. */
export function describe(value: PickleValue | undefined): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'None';
  if (typeof value === 'boolean') return 'a boolean';
  if (typeof value === 'number') return Number.isInteger(value) ? 'an integer' : 'a number';
  if (typeof value === 'bigint') return 'an integer beyond 2^53';
  if (typeof value === 'string') return `the string ${quoted(value)}`;
  if (Array.isArray(value)) return 'a list';
  if (value instanceof LazyText) return 'a long string';
  if (value instanceof PickleBytes) return 'bytes';
  if (value instanceof PickleTuple) return 'a tuple';
  if (value instanceof PickleDict) return 'a dict';
  if (value instanceof PickleSet) return 'a set';
  if (value instanceof GlobalRef) return `the name ${value.toString()}`;
  return `an instance of ${value.class_.toString()}`;
}
