import { type GlobalTable, namesOf, type TrailingReader } from '../pickle/global-table.js';
import { NdArray, payloadLength } from '../pickle/numpy-array.js';
import { DType } from '../pickle/numpy-dtype.js';
import { PickleBytes } from '../pickle/lazy-values.js';
import { PickleError } from '../pickle/pickle-error.js';
import { COST } from '../pickle/pickle-limits.js';
import { describe, GlobalRef, type PickleValue } from '../pickle/pickle-values.js';

const NDARRAY = new GlobalRef('numpy', 'ndarray');
/** joblib itself, and the copy that scikit-learn had up to version 0.22. */
const MODULES = ['joblib.numpy_pickle', 'sklearn.externals.joblib.numpy_pickle'];

/**
 * joblib (0.10 and later) writes a pickle in which a NumpyArrayWrapper stands for each array: shape, element type and
 * order as its state, and behind that the elements themselves. Since 1.2 the elements are aligned: a byte that counts the
 * padding, the padding, then the elements. An array of objects follows as a pickle of its own.
 */
const readArray: TrailingReader = (wrapper, stream) => {
  const { input, payloads, budget } = stream;
  const shape = wrapper.attribute('shape') ?? null;
  const dtype = wrapper.attribute('dtype');
  const order = wrapper.attribute('order');
  if (!(dtype instanceof DType))
    throw new PickleError('bad-array', `an array's type must be a dtype, got ${describe(dtype)}`);
  if (order !== 'C' && order !== 'F')
    throw new PickleError('bad-array', `the order of an array must be C or F, got ${describe(order)}`);
  if (dtype.kind === 'O') return nestedArray(stream.nested());
  skipPadding(wrapper.attribute('numpy_array_alignment_bytes'), input);
  const length = payloadLength(shape, dtype);
  const { offset } = input;
  input.skip(length);
  budget.spend(COST.container);
  const payload = new PickleBytes({ source: payloads, offset, length, encoding: 'bytes' });
  return NdArray.of(NDARRAY, shape, dtype, order, payload);
};

function nestedArray(value: PickleValue): NdArray {
  if (value instanceof NdArray) return value;
  throw new PickleError('bad-array', `an array of objects expected, got ${describe(value)}`);
}

function skipPadding(
  alignment: PickleValue | undefined,
  input: { uint8(): number; skip(length: number): void },
): void {
  if (alignment === undefined || alignment === null) return;
  input.skip(input.uint8());
}

/** What pickles written by joblib name beside their content. Calls `found` for each array. */
export function joblibGlobals(found: () => void): GlobalTable {
  const wrappers = MODULES.flatMap((module) => namesOf(module, 'NumpyArrayWrapper'));
  const read: TrailingReader = (wrapper, stream) => {
    found();
    return readArray(wrapper, stream);
  };
  const refuse: TrailingReader = () => {
    throw new PickleError(
      'bad-array',
      'the arrays lie in files of their own beside this one, as joblib before 0.10 wrote them: save the model again with a newer joblib',
    );
  };
  const outside = MODULES.flatMap((module) => namesOf(module, 'NDArrayWrapper ZNDArrayWrapper'));
  return {
    classes: new Set([...wrappers, ...outside]),
    functions: new Map(),
    references: new Set(),
    trailing: new Map([
      ...wrappers.map((name) => [name, read] as const),
      ...outside.map((name) => [name, refuse] as const),
    ]),
  };
}
