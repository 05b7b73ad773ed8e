import {
  type GlobalTable,
  keepArguments,
  mergeTables,
  namesOf,
  type PickleFunction,
} from './global-table.js';
import { GPY_CLASSES } from './gpy-classes.js';
import { NUMPY_GLOBALS } from './numpy-globals.js';
import { PickleError } from './pickle-error.js';
import { COST } from './pickle-limits.js';
import { describe, PickledObject } from './pickle-values.js';
import { PYTHON_GLOBALS } from './python-globals.js';

const LIST_MODULES = ['paramz.core.lists_and_dicts', 'GPy.core.parameterization.lists_and_dicts'];

/**
 * A bound method, which some models keep (warped inputs, for one): `getattr(object, 'name')`. It stays a note of the two;
 * nothing is looked up, and the attribute of a class or function is refused, since only exploits ask for one.
 */
const boundMethod: PickleFunction = (args, { callee, budget }) => {
  const [object, name] = args;
  if (args.length !== 2 || !(object instanceof PickledObject) || typeof name !== 'string') {
    throw new PickleError(
      'bad-call',
      `getattr() of ${describe(object)}; only methods of instances are known`,
    );
  }
  budget.spend(COST.container);
  return new PickledObject(callee, args);
};

/**
 * Everything that pickles of GPy models name, from version 0.8.8 to 1.14. Models that cannot be served are in it too, so
 * that the importer can say what they are instead of "unknown name".
 */
export const GPY_GLOBALS: GlobalTable = mergeTables(PYTHON_GLOBALS, NUMPY_GLOBALS, {
  classes: new Set(GPY_CLASSES.flatMap(([module, names]) => namesOf(module, names))),
  functions: new Map([
    ...LIST_MODULES.map((module) => [`${module} IntArrayDict`, keepArguments] as const),
    ['builtins getattr', boundMethod],
    ['__builtin__ getattr', boundMethod],
  ]),
  references: new Set(LIST_MODULES.map((module) => `${module} intarray_default_factory`)),
});
