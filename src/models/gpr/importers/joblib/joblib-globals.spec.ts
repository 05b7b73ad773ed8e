import { describe, expect, it } from 'vitest';
import {
  array,
  call,
  dtype,
  global,
  int,
  pickle,
  text,
  tuple,
} from '../../../../../test/hostile/pickle-assembler.js';
import { BufferSource } from '../pickle/byte-source.js';
import { mergeTables } from '../pickle/global-table.js';
import { NdArray } from '../pickle/numpy-array.js';
import { NUMPY_GLOBALS } from '../pickle/numpy-globals.js';
import { PickleError } from '../pickle/pickle-error.js';
import { parsePickle } from '../pickle/pickle-reader.js';
import type { PickleValue } from '../pickle/pickle-values.js';
import { PYTHON_GLOBALS } from '../pickle/python-globals.js';
import { joblibGlobals } from './joblib-globals.js';

const MODULE = 'joblib.numpy_pickle';
const F8 = dtype('f8');
const OBJECTS = dtype('O8', '|');
const NONE = 'N';

interface Attributes {
  readonly shape?: string;
  readonly order?: string;
  readonly type?: string;
  readonly alignment?: string;
  readonly name?: string;
}

/** `NumpyArrayWrapper` with its state, behind which the elements follow. */
function wrapper({
  shape = tuple(int(2)),
  order = text('C'),
  type = F8,
  alignment = NONE,
  name = 'NumpyArrayWrapper',
}: Attributes = {}): string {
  const state = [
    text('subclass') + global('numpy', 'ndarray'),
    text('shape') + shape,
    text('order') + order,
    text('dtype') + type,
    text('allow_mmap') + '\x88',
    text('numpy_array_alignment_bytes') + alignment,
  ];
  return `${global(MODULE, name)})\x81}(${state.join('')}ub`;
}

function doubles(...values: number[]): string {
  return Buffer.from(Float64Array.from(values).buffer).toString('latin1');
}

function parse(...parts: string[]): PickleValue {
  const table = mergeTables(
    PYTHON_GLOBALS,
    NUMPY_GLOBALS,
    joblibGlobals(() => {}),
  );
  return parsePickle(new BufferSource(pickle('\x80\x04', ...parts)), table, { memory: 2 ** 22 });
}

function numbers(...parts: string[]): number[] {
  const value = parse(...parts);
  if (!(value instanceof NdArray)) throw new Error('an array was expected');
  return [...value.toFloat64()];
}

/** Why it is refused, as "code: message". */
function refusal(...parts: string[]): string {
  try {
    const value = parse(...parts);
    if (value instanceof NdArray) value.toFloat64(2 ** 20);
  } catch (error) {
    if (error instanceof PickleError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return 'it was read';
}

describe("joblib's arrays", () => {
  it('follow their wrapper', () => {
    expect(numbers(wrapper(), doubles(1.5, -2), '.')).toEqual([1.5, -2]);
  });

  it('may be padded, by any number of bytes', () => {
    for (const padding of [0, 1, 16, 255]) {
      const pad = String.fromCharCode(padding) + '\xff'.repeat(padding);
      expect(numbers(wrapper({ alignment: int(16) }), pad, doubles(3, 4), '.')).toEqual([3, 4]);
    }
  });

  it('are turned row-major from Fortran order', () => {
    const order = text('F');
    const shape = tuple(int(2), int(3));
    expect(numbers(wrapper({ shape, order }), doubles(1, 4, 2, 5, 3, 6), '.')).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('may be empty, and several', () => {
    const empty = wrapper({ shape: tuple(int(0), int(5)) });
    const list = parse(
      '](',
      empty,
      wrapper(),
      doubles(1, 2),
      wrapper(),
      doubles(3, 4),
      'e.',
    ) as PickleValue[];
    expect(list.map((item) => [...(item as NdArray).toFloat64()])).toEqual([[], [1, 2], [3, 4]]);
  });

  it('of objects are a pickle of their own', () => {
    const nested = `\x80\x02${global('numpy', 'ndarray')}`;
    const items = `](${text('a')}${text('b')}e`;
    const nestedArray = array(tuple(int(2)), OBJECTS, items);
    const value = parse(wrapper({ type: OBJECTS }), `\x80\x02${nestedArray}.`, '.') as NdArray;
    expect(value.objects).toEqual(['a', 'b']);
    expect(refusal(wrapper({ type: OBJECTS }), `${nested}.`, '.')).toMatch(/^bad-array: an array of objects/);
  });
});

describe('hostile joblib files', () => {
  const huge = int(0x7fffffff);
  it.each([
    ['a negative length', wrapper({ shape: tuple(int(-1)) }) + doubles(1, 2), /^bad-array: .*counts/],
    ['a length that is no number', wrapper({ shape: tuple(text('2')) }) + doubles(1, 2), /^bad-array/],
    ['more elements than there are', wrapper({ shape: tuple(int(3)) }) + doubles(1, 2), /^truncated/],
    ['2^31 elements', wrapper({ shape: tuple(huge) }) + doubles(1, 2), /^truncated/],
    ['2^62 elements', wrapper({ shape: tuple(huge, huge) }) + doubles(1, 2), /^bad-array/],
    ['more than 2^62 elements', wrapper({ shape: tuple(huge, huge, huge) }), /^bad-array/],
    ['65 dimensions', wrapper({ shape: tuple(...Array<string>(65).fill(int(1))) }), /^bad-array/],
    ['no shape', wrapper({ shape: NONE }) + doubles(1), /^bad-array/],
    ['no element type', wrapper({ type: NONE }) + doubles(1, 2), /^bad-array: .*dtype/],
    ['an order that is none', wrapper({ order: text('K') }) + doubles(1, 2), /^bad-array: .*order/],
    ['padding beyond the end', `${wrapper({ alignment: int(16) })}\xff`, /^truncated/],
    ['nothing behind the wrapper', wrapper({ alignment: int(16) }), /^truncated/],
    ['a nested pickle that is none', `${wrapper({ type: OBJECTS })}\x00`, /^refused-opcode/],
    ['a nested pickle that leaves something over', `${wrapper({ type: OBJECTS })}\x80\x02](`, /^bad-stack/],
    [
      'a nested pickle that calls something',
      `${wrapper({ type: OBJECTS })}\x80\x02${call(global('posix', 'system'), text('id'))}.`,
      /^unknown-global: .*posix.system/,
    ],
    [
      'nested pickles in nested pickles',
      wrapper({ type: OBJECTS }).repeat(2000),
      /^bad-array: an array of objects|^truncated|^limit|^bad-stack/,
    ],
    ['a wrapper that is called', call(global(MODULE, 'NumpyArrayWrapper'), NONE), /^bad-call/],
    ['arrays in other files', wrapper({ name: 'NDArrayWrapper' }), /^bad-array: .*joblib before 0.10/],
    ['compressed arrays in other files', wrapper({ name: 'ZNDArrayWrapper' }), /^bad-array/],
    ['a class of joblib beside these', global(MODULE, 'NumpyUnpickler'), /^unknown-global/],
    ['a second state', `${wrapper()}${doubles(1, 2)}}b`, /^bad-array|^bad-call/],
  ])('%s: refused', (_, content, reason) => {
    expect(refusal(content, '.')).toMatch(reason);
  });

  it('40,000 arrays in a file of little else are refused by the budget', () => {
    const empty = wrapper({ shape: tuple(int(0)) });
    expect(refusal(`](${empty.repeat(40_000)}e.`)).toMatch(/^limit/);
  });
});
