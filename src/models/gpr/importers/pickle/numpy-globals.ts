import { type GlobalTable, keepArguments, keyOf, namesOf, type PickleFunction } from './global-table.js';
import { PickleBytes } from './lazy-values.js';
import { NdArray } from './numpy-array.js';
import { DType } from './numpy-dtype.js';
import { NumpyScalar } from './numpy-scalar.js';
import { PickleError } from './pickle-error.js';
import { COST } from './pickle-limits.js';
import { describe, GlobalRef } from './pickle-values.js';

const NDARRAY = new GlobalRef('numpy', 'ndarray');

/** `_reconstruct(class, (0,), b'b')`: an array without contents; its state follows. */
const reconstruct: PickleFunction = ([class_], { budget, table }) => {
  if (!(class_ instanceof GlobalRef) || !table.classes.has(keyOf(class_))) {
    throw new PickleError('bad-call', `_reconstruct() of ${describe(class_)}, which is no known class`);
  }
  budget.spend(COST.container);
  return new NdArray(class_);
};

/** `_frombuffer(bytes, dtype, shape, order)`: a whole array, from protocol 5 on. */
const fromBuffer: PickleFunction = ([payload = null, dtype = null, shape = null, order], { budget }) => {
  if (order !== 'C' && order !== 'F' && order !== 'K') {
    throw new PickleError('bad-array', `the order of an array must be C or F, got ${describe(order)}`);
  }
  budget.spend(COST.container);
  return NdArray.of(NDARRAY, shape, dtype, order, payload);
};

/** `scalar(dtype, bytes)`: one number, which becomes a plain one where there is one. */
const scalar: PickleFunction = ([dtype, payload], { budget }) => {
  if (!(dtype instanceof DType))
    throw new PickleError('bad-array', `a scalar's type must be a dtype, got ${describe(dtype)}`);
  if (dtype.kind === 'O') return payload ?? null;
  const bytes = typeof payload === 'string' ? new PickleBytes(payload) : payload;
  if (!(bytes instanceof PickleBytes) || !bytes.canHaveLength(dtype.itemSize)) {
    throw new PickleError('bad-array', `a scalar of type ${dtype.typeCode} needs ${dtype.itemSize} bytes`);
  }
  budget.spend(COST.reference);
  return new NumpyScalar(dtype, bytes).plain();
};

/** `dtype('f8', False, True)`; the byte order follows as a state. */
const dtype: PickleFunction = ([typeCode], { budget }) => {
  if (typeof typeCode !== 'string')
    throw new PickleError('bad-array', `a dtype made of ${describe(typeCode)}`);
  budget.spend(COST.reference);
  return new DType(typeCode);
};

/** numpy 2 renamed `numpy.core` to `numpy._core`. */
const FUNCTIONS: readonly (readonly [string, string, PickleFunction])[] = [
  ['numpy', 'dtype', dtype],
  ...[
    'numpy.core.multiarray',
    'numpy._core.multiarray',
    'numpy.core._multiarray_umath',
    'numpy._core._multiarray_umath',
  ].flatMap(
    (module) =>
      [
        [module, '_reconstruct', reconstruct],
        [module, 'scalar', scalar],
      ] as const,
  ),
  ...['numpy.core.numeric', 'numpy._core.numeric'].map(
    (module) => [module, '_frombuffer', fromBuffer] as const,
  ),
  // Random generators: kept as they are, nobody draws from them.
  ...['__randomstate_ctor', '__generator_ctor', '__bit_generator_ctor'].map(
    (name) => ['numpy.random._pickle', name, keepArguments] as const,
  ),
  ['numpy.random', '__RandomState_ctor', keepArguments],
  ['numpy.random.bit_generator', '__pyx_unpickle_SeedSequence', keepArguments],
  ['numpy.random.bit_generator', '__pyx_unpickle_SeedlessSequence', keepArguments],
];

/** What pickles of arrays, numbers and random generators name, in numpy 1 and 2. */
export const NUMPY_GLOBALS: GlobalTable = {
  classes: new Set([
    'numpy ndarray',
    'numpy matrix',
    'numpy.matrixlib.defmatrix matrix',
    'numpy.core.defmatrix matrix',
  ]),
  functions: new Map(FUNCTIONS.map(([module, name, run]) => [`${module} ${name}`, run])),
  references: new Set([
    ...namesOf(
      'numpy',
      'bool bool_ int8 int16 int32 int64 uint8 uint16 uint32 uint64 float16 float32 float64 float128',
    ),
    ...namesOf(
      'numpy',
      'longdouble complex64 complex128 object_ bytes_ str_ void datetime64 timedelta64 intc longlong',
    ),
    ...namesOf('numpy.random._mt19937', 'MT19937'),
    ...namesOf('numpy.random._pcg64', 'PCG64 PCG64DXSM'),
    ...namesOf('numpy.random._philox', 'Philox'),
    ...namesOf('numpy.random._sfc64', 'SFC64'),
    ...namesOf('numpy.random.bit_generator', 'SeedSequence SeedlessSequence'),
  ]),
};
