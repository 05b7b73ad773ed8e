import { describe, expect, it } from 'vitest';
import {
  array,
  bytes,
  dtype,
  int,
  pickle,
  tuple,
  uint64,
} from '../../../../../test/hostile/pickle-assembler.js';
import { fixture, PROTOCOLS } from '../../../../../test/hostile/pickle-fixtures.js';
import { BufferSource } from './byte-source.js';
import { NdArray } from './numpy-array.js';
import { NUMPY_GLOBALS } from './numpy-globals.js';
import { NumpyScalar } from './numpy-scalar.js';
import {
  arrayOf,
  attributeOf,
  booleanOf,
  dictOf,
  instanceOf,
  integerOf,
  listOf,
  numberOf,
  stringOf,
} from './pickle-access.js';
import { mergeTables } from './global-table.js';
import { GPY_GLOBALS } from './gpy-globals.js';
import { parsePickle } from './pickle-reader.js';
import { PickledObject, type PickleDict, type PickleValue } from './pickle-values.js';
import { PYTHON_GLOBALS } from './python-globals.js';

const TABLE = mergeTables(PYTHON_GLOBALS, NUMPY_GLOBALS);

function parse(content: Buffer): PickleValue {
  return parsePickle(new BufferSource(content), TABLE);
}

/** Written by numpy: see fixtures/make-fixtures.py. */
const EXPECTED = JSON.parse(fixture('expected.json').toString()) as Record<
  string,
  { shape: number[]; values: number[] }
>;

describe.each(PROTOCOLS)('arrays written by numpy with protocol %i', (protocol) => {
  const [arrays, opaque, scalars] = parse(fixture(`arrays.${protocol}.pkl`)) as [
    PickleDict,
    PickleDict,
    PickleDict,
  ];

  it.each([...arrays.keys()].map(String))('%s', (name) => {
    const read = arrays.get(name) as NdArray;
    expect(read.shape).toEqual(EXPECTED[name].shape);
    expect(read.size).toBe(EXPECTED[name].values.length);
    expect([...read.toFloat64()]).toEqual(EXPECTED[name].values);
  });

  it('keeps the order in memory', () => {
    expect((arrays.get('fortran') as NdArray).fortranOrder).toBe(true);
    expect((arrays.get('<f8') as NdArray).fortranOrder).toBe(false);
  });

  it.each(['objects', 'texts', 'bytes', 'complex', 'long double', 'dates', 'records'])(
    'parses %s and refuses their numbers',
    (name) => {
      const read = opaque.get(name) as NdArray;
      expect(() => read.toFloat64()).toThrow(/holds no 64-bit floats/);
      expect(read.dtype.isNumeric).toBe(false);
    },
  );

  it('keeps objects', () => {
    expect((opaque.get('objects') as NdArray).objects).toEqual([null, 'a', 3, [4]]);
  });

  it('reads scalars', () => {
    const numbers = ['f8', 'f4', 'f2', 'i8', 'large', 'bool'].map((name) => scalars.get(name));
    expect(numbers).toEqual([0.1, 0.5, 0.25, -3, 2n ** 64n - 1n, true]);
    expect(scalars.get('date')).toBeInstanceOf(NumpyScalar);
    expect((scalars.get('generator') as PickledObject).state).toBeDefined();
  });
});

it.each(PROTOCOLS)('the Cholesky factor of a GPy model of protocol %i', (protocol) => {
  const model = parsePickle(new BufferSource(fixture(`gpy.${protocol}.pkl`)), GPY_GLOBALS);
  const factor = arrayOf(attributeOf(attributeOf(model, 'posterior'), '_woodbury_chol'), 'the factor');
  expect(factor.shape).toEqual(EXPECTED['gpy'].shape);
  expect(factor.fortranOrder).toBe(true);
  expect([...factor.toFloat64()]).toEqual(EXPECTED['gpy'].values);
});

describe('large arrays', () => {
  const [rows, columns] = [700, 130];
  const payload = Buffer.from(
    Float64Array.from({ length: rows * columns }, (_, index) => index).buffer,
  ).toString('latin1');
  const shape = tuple(int(rows), int(columns));

  it('in Fortran order are transposed across chunks', () => {
    const numbers = (
      parse(pickle(array(shape, dtype('f8'), bytes(payload), '\x88'), '.')) as NdArray
    ).toFloat64();
    const wrong = numbers.findIndex(
      (value, index) => value !== (index % columns) * rows + Math.floor(index / columns),
    );
    expect(wrong).toBe(-1);
  });

  it('are refused beyond the size that the caller allows', () => {
    const read = parse(pickle(array(shape, dtype('f8'), bytes(payload)), '.')) as NdArray;
    expect(() => read.toFloat64(rows * columns * 8 - 1)).toThrow(
      /limit|an array of 91000 numbers takes 728000 bytes/,
    );
    expect(read.toFloat64(rows * columns * 8)).toHaveLength(rows * columns);
  });

  it('are not read again and again', () => {
    const read = parse(pickle(array(shape, dtype('f8'), bytes(payload)), '.')) as NdArray;
    expect(() => {
      for (let time = 0; time < 20; time++) read.toFloat64();
    }).toThrow(/the same data is read again and again/);
  });

  it('of Python 2 are read from escaped text', () => {
    const escaped = payload
      .slice(0, 8000)
      .replace(/[^]/g, (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`);
    const read = parse(pickle(array(tuple(int(1000)), dtype('f8'), `S'${escaped}'\n`), '.')) as NdArray;
    expect([...read.toFloat64()]).toEqual(Array.from({ length: 1000 }, (_, index) => index));
    const tooLong = parse(pickle(array(tuple(int(999)), dtype('f8'), `S'${escaped}'\n`), '.')) as NdArray;
    expect(() => tooLong.toFloat64()).toThrow(/does not have the expected 7992 bytes/);
  });

  it('of nothing may have huge dimensions', () => {
    const read = parse(
      pickle(array(tuple(int(0), int(2 ** 30), int(2 ** 30)), dtype('f8'), `\x8e${uint64(0)}`), '.'),
    ) as NdArray;
    expect(read.toFloat64()).toHaveLength(0);
  });
});

describe('accessors', () => {
  const single = parse(pickle(array(tuple(int(1)), dtype('i2', '>'), bytes('\x01\x02')), '.'));

  it('take what they are for', () => {
    expect(numberOf(1.5, 'it')).toBe(1.5);
    expect(numberOf(2n ** 60n, 'it')).toBe(2 ** 60);
    expect(numberOf(single, 'it')).toBe(258);
    expect(integerOf(single, 'it')).toBe(258);
    expect(booleanOf(1, 'it')).toBe(true);
    expect(stringOf('a', 'it')).toBe('a');
    expect(listOf([1], 'it')).toEqual([1]);
    expect(arrayOf(single, 'it')).toBe(single);
    expect(instanceOf(single, 'it')).toBe(single);
  });

  it('name what they got instead', () => {
    expect(() => numberOf('a', 'the variance')).toThrow(
      'the variance: a number expected, got the string "a"',
    );
    expect(() => numberOf(true, 'it')).toThrow('got a boolean');
    expect(() => integerOf(0.5, 'it')).toThrow('an integer expected, got a number');
    expect(() => booleanOf(2, 'it')).toThrow('True or False expected');
    expect(() => stringOf(null, 'it')).toThrow('a string expected, got None');
    expect(() => listOf(undefined, 'it')).toThrow('a list expected, got nothing');
    expect(() => dictOf([], 'it')).toThrow('a dict expected, got a list');
    expect(() => arrayOf(1n, 'it')).toThrow('an array expected, got an integer beyond 2^53');
    expect(() => instanceOf(1, 'it')).toThrow('an object expected, got an integer');
  });
});
