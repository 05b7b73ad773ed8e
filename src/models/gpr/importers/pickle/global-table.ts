import type { ByteCursor } from './byte-cursor.js';
import type { ByteSource } from './byte-source.js';
import { PickleError, quoted } from './pickle-error.js';
import type { MemoryBudget } from './pickle-limits.js';
import { GlobalRef, type PickleInstance, PickledObject, type PickleValue } from './pickle-values.js';

/** What a pure function gets besides its arguments. */
export interface PickleCall {
  readonly callee: GlobalRef;
  /** To be charged for everything that grows with an argument's size. */
  readonly budget: MemoryBudget;
  readonly table: GlobalTable;
}

/** Stands in for a Python function or constructor: turns data into data. */
export type PickleFunction = (args: readonly PickleValue[], call: PickleCall) => PickleValue;

/** The file behind the opcode that was just read. */
export interface PickleStream {
  readonly input: ByteCursor;
  /** The same file, for what is read later. */
  readonly payloads: ByteSource;
  readonly budget: MemoryBudget;
  /** Reads a whole pickle that stands here, and nothing behind it. No raw bytes may follow an object in that one. */
  nested(): PickleValue;
}

/** Reads the raw bytes that follow an instance's state in the file; its result takes the place of the instance. */
export type TrailingReader = (instance: PickleInstance, stream: PickleStream) => PickleValue;

/**
 * Everything that a pickle may name, as exact "module name" pairs: no prefixes, no patterns. (One space separates the
 * two, and no entry has another: a module or name with a space of its own cannot match.)
 */
export interface GlobalTable {
  /** Classes whose instances may be built without a call: NEWOBJ, `copyreg._reconstructor`, subclasses of ndarray. */
  readonly classes: ReadonlySet<string>;
  /** What REDUCE may call. */
  readonly functions: ReadonlyMap<string, PickleFunction>;
  /** Names that may only lie about as data, such as a default factory or a link function. */
  readonly references: ReadonlySet<string>;
  /** Classes (also in `classes`) whose instances have raw bytes behind them in the file: joblib's arrays. */
  readonly trailing?: ReadonlyMap<string, TrailingReader>;
}

/** One table out of several. */
export function mergeTables(...tables: readonly GlobalTable[]): GlobalTable {
  return {
    classes: new Set(tables.flatMap((table) => [...table.classes])),
    functions: new Map(tables.flatMap((table) => [...table.functions])),
    references: new Set(tables.flatMap((table) => [...table.references])),
    trailing: new Map(tables.flatMap((table) => [...(table.trailing ?? [])])),
  };
}

/** The "module name" keys of several names of one module. */
export function namesOf(module: string, names: string): string[] {
  return names.split(/\s+/).map((name) => `${module} ${name}`);
}

export function keyOf(ref: GlobalRef): string {
  return `${ref.module} ${ref.name}`;
}

/** @throws PickleError `unknown-global` unless the pair is in the table. */
export function resolveGlobal(table: GlobalTable, module: string, name: string): GlobalRef {
  const key = `${module} ${name}`;
  if (table.classes.has(key) || table.functions.has(key) || table.references.has(key)) {
    return new GlobalRef(module, name);
  }
  throw new PickleError(
    'unknown-global',
    `the file names ${quoted(`${module}.${name}`)}, which is not among the known classes and functions`,
  );
}

/** The stand-in for a constructor that keeps its arguments: `C(*args)` becomes an instance of C with these `args`. */
export const keepArguments: PickleFunction = (args, { callee, budget }) => {
  budget.spend(args.length * 8);
  return new PickledObject(callee, args);
};
