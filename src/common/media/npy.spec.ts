import { describe, expect, it } from 'vitest';
import { npyToRows } from './array-rows.js';
import { BodyTooLargeError, InvalidInputError, MalformedBodyError } from './issue.js';
import { type NpyArray, readNpy, writeNpy } from './npy.js';

/** Files as numpy 1.26.4 writes them, in base64; above each, the call that made it. */
const NUMPY = {
  // np.save(f, np.array([[1.5, -2], [0.25, 4], [5, 6]]))
  f8: 'k05VTVBZAQB2AHsnZGVzY3InOiAnPGY4JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDMsIDIpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAAAAAD4PwAAAAAAAADAAAAAAAAA0D8AAAAAAAAQQAAAAAAAABRAAAAAAAAAGEA=',
  // np.save(f, np.asfortranarray([[1.5, -2], [0.25, 4], [5, 6]]))
  fortran:
    'k05VTVBZAQB2AHsnZGVzY3InOiAnPGY4JywgJ2ZvcnRyYW5fb3JkZXInOiBUcnVlLCAnc2hhcGUnOiAoMywgMiksIH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAAAAAD4PwAAAAAAANA/AAAAAAAAFEAAAAAAAAAAwAAAAAAAABBAAAAAAAAAGEA=',
  // np.save(f, np.array([[1.5, -2], [0.25, 4], [5, 6]], dtype='>f4'))
  f4: 'k05VTVBZAQB2AHsnZGVzY3InOiAnPmY0JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDMsIDIpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAo/wAAAwAAAAD6AAABAgAAAQKAAAEDAAAA=',
  // np.save(f, np.array([1.5, -2, 6.1e-5, 6e-8, 65504, np.inf, np.nan], dtype='<f2'))
  f2: 'k05VTVBZAQB2AHsnZGVzY3InOiAnPGYyJywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDcsKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAPgDA/wMBAP97AHwAfg==',
  // np.save(f, np.array([-1, 2**40, -2**63], dtype='<i8'))
  i8: 'k05VTVBZAQB2AHsnZGVzY3InOiAnPGk4JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDMsKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAr//////////wAAAAAAAQAAAAAAAAAAAIA=',
  // np.save(f, np.array([1, 2**63], dtype='>u8'))
  u8: 'k05VTVBZAQB2AHsnZGVzY3InOiAnPnU4JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAAAAAAAAYAAAAAAAAAA',
  // np.save(f, np.array([-3, 300], dtype='>i2'))
  i2: 'k05VTVBZAQB2AHsnZGVzY3InOiAnPmkyJywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAr//QEs',
  // np.save(f, np.array([True, False]))
  b1: 'k05VTVBZAQB2AHsnZGVzY3InOiAnfGIxJywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoBAA==',
  // np.save(f, np.array([255, 0], dtype='u1'))
  u1: 'k05VTVBZAQB2AHsnZGVzY3InOiAnfHUxJywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAr/AA==',
  // np.save(f, np.float64(3.5))
  scalar:
    'k05VTVBZAQB2AHsnZGVzY3InOiAnPGY4JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKCksIH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAAAAAAMQA==',
  // np.lib.format.write_array(f, np.array([1., 2.]), version=(2, 0))
  v2: 'k05VTVBZAgB0AAAAeydkZXNjcic6ICc8ZjgnLCAnZm9ydHJhbl9vcmRlcic6IEZhbHNlLCAnc2hhcGUnOiAoMiwpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAAAAADwPwAAAAAAAABA',
  // np.lib.format.write_array(f, np.array([1., 2.]), version=(3, 0))
  v3: 'k05VTVBZAwB0AAAAeydkZXNjcic6ICc8ZjgnLCAnZm9ydHJhbl9vcmRlcic6IEZhbHNlLCAnc2hhcGUnOiAoMiwpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAAAAADwPwAAAAAAAABA',
  // np.save(f, np.asfortranarray(np.arange(12.).reshape(2, 3, 2)))
  fortran3d:
    'k05VTVBZAQB2AHsnZGVzY3InOiAnPGY4JywgJ2ZvcnRyYW5fb3JkZXInOiBUcnVlLCAnc2hhcGUnOiAoMiwgMywgMiksIH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAAAAAAAAAAAAAAAABhAAAAAAAAAAEAAAAAAAAAgQAAAAAAAABBAAAAAAAAAJEAAAAAAAADwPwAAAAAAABxAAAAAAAAACEAAAAAAAAAiQAAAAAAAABRAAAAAAAAAJkA=',
  // np.save(f, np.array([{'a': 1}], dtype=object), allow_pickle=True)
  objects:
    'k05VTVBZAQB2AHsnZGVzY3InOiAnfE8nLCAnZm9ydHJhbl9vcmRlcic6IEZhbHNlLCAnc2hhcGUnOiAoMSwpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAqAA2NudW1weS5jb3JlLm11bHRpYXJyYXkKX3JlY29uc3RydWN0CnEAY251bXB5Cm5kYXJyYXkKcQFLAIVxAkMBYnEDh3EEUnEFKEsBSwGFcQZjbnVtcHkKZHR5cGUKcQdYAgAAAE84cQiJiIdxCVJxCihLA1gBAAAAfHELTk5OSv////9K/////0s/dHEMYoldcQ19cQ5YAQAAAGFxD0sBc2F0cRBiLg==',
  // np.save(f, np.array([(1., 2)], dtype=[('a', 'f8'), ('b', 'i4')]))
  structured:
    'k05VTVBZAQB2AHsnZGVzY3InOiBbKCdhJywgJzxmOCcpLCAoJ2InLCAnPGk0JyldLCAnZm9ydHJhbl9vcmRlcic6IEZhbHNlLCAnc2hhcGUnOiAoMSwpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAAAAADwPwIAAAA=',
  // np.save(f, np.array([1j]))
  complex:
    'k05VTVBZAQB2AHsnZGVzY3InOiAnPGMxNicsICdmb3J0cmFuX29yZGVyJzogRmFsc2UsICdzaGFwZSc6ICgxLCksIH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAAAAAAAAAAAAAAAAPA/',
};

const numpy = (name: keyof typeof NUMPY): Buffer => Buffer.from(NUMPY[name], 'base64');

/** An npy file with the given header text, padded as numpy does, and bytes of data. */
function file(header: string, dataBytes = 0): Buffer {
  const padded = `${header.padEnd(117)}\n`;
  const start = Buffer.from('\x93NUMPY\x01\x00\x00\x00', 'latin1');
  start.writeUInt16LE(padded.length, 8);
  return Buffer.concat([start, Buffer.from(padded, 'latin1'), Buffer.alloc(dataBytes)]);
}

const header = (shape: string, descr = "'<f8'"): string =>
  `{'descr': ${descr}, 'fortran_order': False, 'shape': ${shape}, }`;

describe('readNpy reads what numpy writes:', () => {
  it.each([
    ['f8', [3, 2], [1.5, -2, 0.25, 4, 5, 6]],
    ['fortran', [3, 2], [1.5, -2, 0.25, 4, 5, 6]],
    ['f4', [3, 2], [1.5, -2, 0.25, 4, 5, 6]],
    ['f2', [7], [1.5, -2, 6.097555160522461e-5, 5.960464477539063e-8, 65504, Infinity, NaN]],
    ['i8', [3], [-1, 2 ** 40, -(2 ** 63)]],
    ['u8', [2], [1, 2 ** 63]],
    ['i2', [2], [-3, 300]],
    ['b1', [2], [1, 0]],
    ['u1', [2], [255, 0]],
    ['scalar', [], [3.5]],
    ['v2', [2], [1, 2]],
    ['v3', [2], [1, 2]],
    ['fortran3d', [2, 3, 2], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]],
  ] as const)('%s', (name, shape, data) => {
    const array = readNpy(numpy(name));
    expect(array.shape).toEqual(shape);
    expect(Array.from(array.data)).toEqual(data);
  });

  it('at any address', () => {
    for (let shift = 0; shift < 8; shift++) {
      const bytes = Buffer.concat([Buffer.alloc(shift), numpy('f8')]).subarray(shift);
      expect(Array.from(readNpy(bytes).data)).toEqual([1.5, -2, 0.25, 4, 5, 6]);
    }
  });

  it('leaves the bytes of another byte order as they were', () => {
    const bytes = numpy('f4');
    const before = Buffer.from(bytes);
    readNpy(bytes);
    expect(bytes.equals(before)).toBe(true);
  });
});

describe('readNpy refuses', () => {
  it.each([
    ['objects', numpy('objects'), 'Python objects (pickles), which are never loaded'],
    ['structured arrays', numpy('structured'), 'a structured array'],
    ['complex numbers', numpy('complex'), '"<c16"'],
    ['texts', file(header('(1,)', "'<U8'"), 32), '"<U8"'],
    ['half a float', file(header('(1,)', "'<f3'"), 3), '"<f3"'],
  ])('%s', (_, bytes, problem) => {
    expect(() => readNpy(bytes)).toThrow(MalformedBodyError);
    expect(() => readNpy(bytes)).toThrow(problem);
  });

  it.each([
    ['missing bytes', file(header('(3,)'), 23)],
    ['bytes too many', file(header('(3,)'), 25)],
    ['half an element', file(header('(3,)'), 20)],
    ['data that the shape does not have', file(header('(0,)'), 8)],
    [
      'a product that overflows a double',
      file(header(`(${'9007199254740991, '.repeat(30)})`).padEnd(700), 8),
    ],
    ['a product that wraps around 2^64', file(header('(4294967296, 4294967296, 4294967296)'), 0)],
    ['more than there is memory', file(header('(1000000000000,)'), 8)],
  ])('a length that lies: %s', (_, bytes) => {
    expect(() => readNpy(bytes)).toThrow(
      /a shape of \(.*\) and a type of <f8 do not fit the \d+ bytes? of data/,
    );
  });

  it('takes a zero for what it is, however large the rest', () => {
    expect(readNpy(file(header('(0, 9007199254740991, 9007199254740991)'))).data).toHaveLength(0);
  });

  it.each([
    ['negative dimensions', header('(-1,)')],
    ['fractions', header('(1.0,)')],
    ['expressions', header('(1+1,)')],
    ['dimensions of twenty digits', header('(99999999999999999999,)')],
    ['a shape that is no tuple', header('(1)')],
    ['a shape that is a list', header('[1]')],
    ['sixty-five dimensions', header(`(${'1, '.repeat(65)})`)],
    ['calls', "{'descr': __import__('os').system('true'), 'fortran_order': False, 'shape': (1,)}"],
    ['a second key', "{'descr': '<f8', 'descr': '<f8', 'fortran_order': False, 'shape': (1,)}"],
    ['an unknown key', "{'descr': '<f8', 'fortran_order': False, 'shape': (1,), '__proto__': 1}"],
    ['a missing key', "{'descr': '<f8', 'shape': (1,)}"],
    ['another truth', "{'descr': '<f8', 'fortran_order': 0, 'shape': (1,)}"],
    ['escapes', "{'descr': '\\x3cf8', 'fortran_order': False, 'shape': (1,)}"],
    ['text after the dict', `${header('(1,)')} # more`],
    ['no comma', "{'descr': '<f8' 'fortran_order': False, 'shape': (1,)}"],
    ['nothing', ''],
    ['an open end', "{'descr': '<f8'"],
  ])('a header with %s', (_, text) => {
    expect(() => readNpy(file(text, 8))).toThrow(/^Malformed npy at byte \d+: /);
  });

  it('every file that is cut short', () => {
    const whole = numpy('f8');
    for (let length = 0; length < whole.length; length++) {
      expect(() => readNpy(whole.subarray(0, length))).toThrow(MalformedBodyError);
    }
  });

  it('another version, and a header that says it is huge', () => {
    const version = numpy('f8');
    version[6] = 4;
    expect(() => readNpy(version)).toThrow('Malformed npy at byte 6: unknown version 4');
    const huge = numpy('v2');
    huge.writeUInt32LE(0xffffffff, 8);
    expect(() => readNpy(huge)).toThrow('a header of 4294967295 bytes');
  });

  it('more elements than it may make doubles of', () => {
    expect(() => readNpy(file(header('(1000,)', "'|u1'"), 1000), 999)).toThrow(BodyTooLargeError);
    expect(readNpy(file(header('(1000,)', "'|u1'"), 1000), 1000).data).toHaveLength(1000);
  });
});

describe('writeNpy', () => {
  it.each(['f8', 'scalar', 'v2'] as const)('writes byte for byte what numpy does: %s', (name) => {
    const array = readNpy(numpy(name));
    const expected = name === 'v2' ? Buffer.from(numpy('v2')) : numpy(name);
    const written = writeNpy(array.shape, array.data);
    if (name === 'v2') expect(readNpy(written)).toEqual(array);
    else expect(written.equals(expected)).toBe(true);
  });

  it('refuses a shape that does not hold the data', () => {
    expect(() => writeNpy([2, 2], new Float64Array(3))).toThrow(RangeError);
  });
});

describe('npyToRows', () => {
  const array = (
    shape: number[],
    data = Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => i),
  ) => ({ shape, data: Float64Array.from(data) }) satisfies NpyArray;

  it.each([
    ['rows', [3, 2], 2, 3],
    ['one row', [2], 2, 1],
    ['rows of one input', [3], 1, 3],
    ['a column', [3, 1], 1, 3],
    ['a mesh of points', [2, 3, 4, 2], 2, 24],
    ['a mesh of one input', [2, 3, 1], 1, 6],
  ])('takes %s', (_, shape, d, rows) => {
    const X = npyToRows(array(shape), INPUTS.slice(0, d));
    expect([X.rows, X.cols]).toEqual([rows, d]);
    expect(X.data[X.data.length - 1]).toBe(rows * d - 1);
  });

  it.each([
    [
      'another width',
      [3, 4],
      'The array must have shape (N, 2), (..., 2) or (2,), got shape (3, 4). The columns are x1, x2.',
    ],
    ['a transpose', [2, 3], 'Send its transpose?'],
    ['another length', [3], 'got shape (3,).'],
    ['a scalar', [], 'got shape ().'],
    ['no rows', [0, 2], 'The array holds no rows (shape (0, 2)): send at least one.'],
  ])('refuses %s', (_, shape, message) => {
    expect(() => npyToRows(array(shape), INPUTS)).toThrow(InvalidInputError);
    expect(() => npyToRows(array(shape), INPUTS)).toThrow(message);
  });

  it('names what is not finite by its index', () => {
    const read = (): unknown => npyToRows(array([2, 1, 2], [0, NaN, -Infinity, 1]), INPUTS);
    expect(read).toThrow(
      expect.objectContaining({
        issues: [
          expect.objectContaining({ path: '[0, 0, 1]', received: 'NaN' }),
          expect.objectContaining({ path: '[1, 0, 0]', received: '-Infinity' }),
        ],
      }),
    );
  });
});

const INPUTS = ['x1', 'x2'];
