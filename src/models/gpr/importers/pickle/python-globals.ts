import {
  type GlobalTable,
  keepArguments,
  keyOf,
  namesOf,
  type PickleCall,
  type PickleFunction,
} from './global-table.js';
import { LazyText, PickleBytes } from './lazy-values.js';
import { PickleError } from './pickle-error.js';
import { COST } from './pickle-limits.js';
import {
  describe,
  GlobalRef,
  PickleDict,
  PickledObject,
  PickleSet,
  PickleTuple,
  type PickleValue,
} from './pickle-values.js';

/** `_codecs.encode(text, 'latin1')`: how protocols 0 to 2 of Python 3 write bytes. A long text stays in the file. */
const encode: PickleFunction = ([text, encoding]) => {
  if (encoding !== 'latin1' && encoding !== 'latin-1') {
    throw new PickleError(
      'bad-call',
      `encode(text, 'latin1') is known, got ${describe(encoding)} as encoding`,
    );
  }
  if (text instanceof LazyText) return new PickleBytes(text.range);
  if (typeof text !== 'string') throw new PickleError('bad-call', `encode() of ${describe(text)}`);
  // eslint-disable-next-line no-control-regex -- the range is what Latin-1 is
  if (/[^\x00-\xff]/.test(text)) throw new PickleError('bad-value', 'bytes with a character beyond Latin-1');
  return new PickleBytes(text);
};

/** `bytes()`, `bytes(text, 'latin1')` and the same for bytearray. */
const makeBytes: PickleFunction = (args, call) => {
  if (args.length === 0) return new PickleBytes('');
  if (args.length === 1 && args[0] instanceof PickleBytes) return args[0];
  return encode(args, call);
};

/** The elements of a list or tuple, charged for, because the call copies them. */
function elements(value: PickleValue | undefined, call: PickleCall): readonly PickleValue[] {
  const items = value === undefined ? [] : value instanceof PickleTuple ? value.items : value;
  if (!Array.isArray(items)) throw new PickleError('bad-call', `${call.callee.name}() of ${describe(value)}`);
  call.budget.spend(COST.container + COST.entry * items.length);
  return items as readonly PickleValue[];
}

const makeSet: PickleFunction = ([items], call) => new PickleSet(elements(items, call));

/** `OrderedDict()` or `OrderedDict([[key, value], ...])`, as Python 2 wrote it. */
const makeOrderedDict: PickleFunction = ([pairs], call) => {
  const dict = new PickleDict();
  for (const pair of elements(pairs, call)) {
    const [key, value] = pair instanceof PickleTuple ? pair.items : Array.isArray(pair) ? pair : [];
    if (key === undefined || value === undefined)
      throw new PickleError('bad-call', `OrderedDict() of ${describe(pair)}`);
    dict.set(key, value);
  }
  return dict;
};

/** `defaultdict(factory)`; the factory is forgotten. */
const makeDefaultDict: PickleFunction = ([factory], { budget }) => {
  if (factory !== undefined && factory !== null && !(factory instanceof GlobalRef)) {
    throw new PickleError('bad-call', `defaultdict() of ${describe(factory)}`);
  }
  budget.spend(COST.container);
  return new PickleDict();
};

/**
 * `copyreg._reconstructor(class, base, state)`: protocols 0 and 1 make instances with it. The state is None for plain
 * objects, and the contents for subclasses of list, dict, float ...
 */
const reconstructor: PickleFunction = ([class_, base, state], call) => {
  if (!(class_ instanceof GlobalRef) || !call.table.classes.has(keyOf(class_))) {
    throw new PickleError('bad-call', `_reconstructor() of ${describe(class_)}, which is no known class`);
  }
  if (!(base instanceof GlobalRef))
    throw new PickleError('bad-call', `_reconstructor() with the base ${describe(base)}`);
  call.budget.spend(COST.container);
  if (base.name === 'object') return new PickledObject(class_);
  const object = new PickledObject(class_, [state ?? null]);
  if (base.name === 'list') for (const item of elements(state, call)) object.items.push(item);
  if (base.name === 'dict' && state instanceof PickleDict) {
    call.budget.spend(COST.entry * state.size);
    for (const [key, value] of state) object.entries.set(key, value);
  }
  return object;
};

const FUNCTIONS: readonly (readonly [string, string, PickleFunction])[] = [
  ['_codecs', 'encode', encode],
  ['collections', 'OrderedDict', makeOrderedDict],
  ['collections', 'defaultdict', makeDefaultDict],
  ...['copyreg', 'copy_reg'].map((module) => [module, '_reconstructor', reconstructor] as const),
  ...['builtins', '__builtin__'].flatMap(
    (module) =>
      [
        [module, 'set', makeSet],
        [module, 'frozenset', makeSet],
        [module, 'bytes', makeBytes],
        [module, 'bytearray', makeBytes],
        [module, 'slice', keepArguments],
        [module, 'complex', keepArguments],
        [module, 'range', keepArguments],
        [module, 'xrange', keepArguments],
      ] as const,
  ),
];

const BUILTIN_CLASSES = 'object list dict tuple int float str bool';

/** The part of Python's standard library that pickles of plain data use, under its names of Python 2 and 3. */
export const PYTHON_GLOBALS: GlobalTable = {
  classes: new Set(['builtins', '__builtin__'].flatMap((module) => namesOf(module, BUILTIN_CLASSES))),
  functions: new Map(FUNCTIONS.map(([module, name, run]) => [`${module} ${name}`, run])),
  references: new Set(namesOf('__builtin__', 'long unicode')),
};
