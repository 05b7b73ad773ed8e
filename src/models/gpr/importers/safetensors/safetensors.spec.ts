import { afterAll, describe, expect, it } from 'vitest';
import { ModelFiles } from '../../../../../test/support/model-files.js';
import { Matrix } from '../../../../numeric/linalg/matrix.js';
import { ModelFileError } from '../../../model-errors.js';
import { canonicalJson } from './canonical-json.js';
import { looksLikeSafetensors, readSafetensors } from './read-safetensors.js';
import { packTensor, writeSafetensors } from './write-safetensors.js';

const files = new ModelFiles();
afterAll(() => files.remove());

const A = new Matrix(2, 3, Float64Array.of(1, -0, 5e-324, 1.7976931348623157e308, 0.1, -2.5));
const b = new Matrix(2, 1, Float64Array.of(3, 4));
const tensors = new Map([['A', packTensor(A)], ['b', packTensor(b)]]); // prettier-ignore
const good = writeSafetensors({ note: 'é' }, tensors);

/** A file of any header, whatever it says, and so many bytes of data. */
function file(header: unknown, dataBytes: number, padding = ''): Buffer {
  const text = Buffer.from((typeof header === 'string' ? header : JSON.stringify(header)) + padding);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([length, text, Buffer.alloc(dataBytes)]);
}

const read = (bytes: Uint8Array, maxBytes = 1e6): ReturnType<typeof readSafetensors> =>
  readSafetensors(files.write('file.safetensors', bytes), maxBytes);
const tensor = (shape: unknown, from: unknown, to: unknown, dtype = 'F64'): Record<string, unknown> => ({
  dtype,
  shape,
  data_offsets: [from, to],
});

describe('safetensors', () => {
  it('reads what it writes, bit by bit', () => {
    const { metadata, tensors: found } = read(good);
    expect(metadata).toEqual(new Map([['note', 'é']]));
    expect([...found.keys()]).toEqual(['A', 'b']);
    expect(found.get('A')?.matrix).toEqual(A);
    expect(Object.is(found.get('A')?.matrix.data[1], -0)).toBe(true);
    expect(found.get('A')?.sha256).toBe(tensors.get('A')?.sha256);
    expect(found.get('b')?.matrix).toEqual(b);
  });

  it('writes the same bytes each time, the numbers at a multiple of 8', () => {
    expect(writeSafetensors({ note: 'é' }, new Map(tensors)).equals(good)).toBe(true);
    expect(Number(good.readBigUInt64LE()) % 8).toBe(0);
    expect(good.length).toBe(8 + Number(good.readBigUInt64LE()) + 8 * 8);
  });

  it('reads a vector as a column, in any order of names, at any alignment', () => {
    const header = { z: tensor([2], 16, 32), a: tensor([1, 2], 0, 16) };
    for (const padding of ['', ' ', '   ']) {
      const { tensors: found } = read(file(header, 32, padding));
      expect([found.get('z')?.matrix.rows, found.get('z')?.matrix.cols]).toEqual([2, 1]);
    }
  });

  it.each([
    ['no bytes', Buffer.alloc(0), /0 bytes/],
    ['a length alone', Buffer.alloc(8), /begin with "\{"/],
    ['a length past the end', Buffer.concat([Buffer.from([255, 0, 0, 0, 0, 0, 0, 0]), Buffer.from('{}')]), /past the end/],
    ['a length of 2^64 - 1', Buffer.concat([Buffer.alloc(8, 255), Buffer.from('{}')]), /past the end/],
    ['a header of 17 MB', file('{}'.padEnd(17 * 2 ** 20), 0), /at most 16777216/],
    ['blanks before the header', file(' {}', 0), /begin with "\{"/],
    ['broken JSON', file('{"a":', 0), /in the header, Malformed JSON/],
    ['no UTF-8', Buffer.concat([file('{"a":', 0), Buffer.from([0xff])]), /header|past|JSON/],
    ['a key twice', file(`{"a":${JSON.stringify(tensor([1], 0, 8))},"a":${JSON.stringify(tensor([1], 8, 16))}}`, 16), /twice/],
    ['a list', file('[]', 0), /begin with "\{"/],
    ['metadata that is no text', file({ __metadata__: { kriged: 1 } }, 0), /__metadata__.kriged is no text/],
    ['single precision', file({ a: tensor([2], 0, 8, 'F32') }, 8), /a.dtype must be "F64"/],
    ['an unknown member', file({ a: { ...tensor([1], 0, 8), more: 1 } }, 8), /more is not a field/],
    ['three dimensions', file({ a: tensor([1, 1, 1], 0, 8) }, 8), /one or two dimensions/],
    ['no dimension', file({ a: tensor([], 0, 8) }, 8), /one or two dimensions/],
    ['a dimension of 0', file({ a: tensor([0, 3], 0, 0) }, 0), /a whole number from 1/],
    ['a negative dimension', file({ a: tensor([-1, -1], 0, 8) }, 8), /a whole number from 1/],
    ['a fraction', file({ a: tensor([1.5], 0, 12) }, 12), /a whole number from 1/],
    ['a dimension past 2^53', file({ a: tensor([2 ** 60], 0, 8) }, 8), /a whole number from 1/],
    ['dimensions whose product overflows', file({ a: tensor([2 ** 52, 2 ** 52], 0, 8) }, 8), /do not hold/],
    ['offsets that are too short', file({ a: tensor([2], 0, 8) }, 8), /do not hold/],
    ['offsets backwards', file({ a: tensor([1], 8, 0) }, 8), /do not hold/],
    ['three offsets', file({ a: { dtype: 'F64', shape: [1], data_offsets: [0, 8, 8] } }, 8), /do not hold/],
    ['a hole', file({ a: tensor([1], 0, 8), b: tensor([1], 16, 24) }, 24), /starts at byte 16 of the data, expected 8/],
    ['a hole at the start', file({ a: tensor([1], 8, 16) }, 16), /starts at byte 8 of the data, expected 0/],
    ['an overlap', file({ a: tensor([2], 0, 16), b: tensor([1], 8, 16) }, 16), /starts at byte 8 of the data, expected 16/],
    ['bytes after the tensors', Buffer.concat([good, Buffer.alloc(1)]), /but 65 follow/],
    ['bytes that are missing', good.subarray(0, good.length - 1), /but 63 follow/],
    ['65 tensors', file(Object.fromEntries(Array.from({ length: 65 }, (_, i) => [`t${i}`, tensor([1], 8 * i, 8 * i + 8)])), 65 * 8), /65 tensors/],
  ])('refuses %s', (_, bytes, message) => {
    expect(() => read(bytes)).toThrow(ModelFileError);
    expect(() => read(bytes)).toThrow(message);
  }); // prettier-ignore

  it('refuses more than may be in memory, before it reads it', () => {
    expect(() => read(good, 63)).toThrow(/needs 64 bytes/);
  });

  it('is told from other files by its first bytes', () => {
    const looks = (bytes: string | Uint8Array): boolean => looksLikeSafetensors(files.write('file', bytes));
    expect(looks(good)).toBe(true);
    expect(looks('{"kernel": {"type": "rbf"}, "X": []}')).toBe(false);
    expect(looks(Buffer.from('80049500000000000000', 'hex'))).toBe(false);
  });
});

describe('canonicalJson', () => {
  it('writes numbers that are read back bit by bit, and leaves out what is undefined', () => {
    const value = {
      b: [1e21, 5e-324, 0.1 + 0.2, -0, 1.7976931348623157e308],
      a: undefined,
      c: 'é"',
      d: true,
    };
    const text = canonicalJson(value);
    expect(text).toBe(
      '{"b":[1e+21,5e-324,0.30000000000000004,-0,1.7976931348623157e+308],"c":"é\\"","d":true}',
    );
    const back = JSON.parse(text) as { b: number[] };
    back.b.forEach((number, i) => expect(Object.is(number, value.b[i])).toBe(true));
  });

  it.each([NaN, Infinity, -Infinity])('refuses %d', (number) => {
    expect(() => canonicalJson({ a: [number] })).toThrow(RangeError);
  });
});
