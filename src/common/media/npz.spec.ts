import { crc32, deflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { npzToRows } from './array-rows.js';
import { BodyTooLargeError, InvalidInputError, MalformedBodyError } from './issue.js';
import { type NpyArray, writeNpy } from './npy.js';
import { readNpz, writeNpz } from './npz.js';

/** Files as numpy 1.26.4 writes them, in base64; above each, the call that made it. */
const NUMPY = {
  // np.savez(f, X=np.array([[1.5, -2], [0.25, 4], [5, 6]]))
  stored:
    'UEsDBC0AAAAAAAAAIQCR3bsB//////////8FABQAWC5ucHkBABAAsAAAAAAAAACwAAAAAAAAAJNOVU1QWQEAdgB7J2Rlc2NyJzogJzxmOCcsICdmb3J0cmFuX29yZGVyJzogRmFsc2UsICdzaGFwZSc6ICgzLCAyKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAKAAAAAAAA+D8AAAAAAAAAwAAAAAAAANA/AAAAAAAAEEAAAAAAAAAUQAAAAAAAABhAUEsBAi0DLQAAAAAAAAAhAJHduwGwAAAAsAAAAAUAAAAAAAAAAAAAAIABAAAAAFgubnB5UEsFBgAAAAABAAEAMwAAAOcAAAAAAA==',
  // x1, x2 = np.meshgrid(np.arange(2.), np.arange(3.)); np.savez_compressed(f, x1=x1, x2=x2)
  compressed:
    'UEsDBC0AAAAIAAAAIQC+cQle//////////8GABQAeDEubnB5AQAQALAAAAAAAAAATQAAAAAAAACb7BfqGxDJyFDGUK2eklqcXKRupaBuk2ahrqOgnpZfVFKUmBefX5SSChJ3S8wpTgWKF2ckFqQC+RrGOgpGmjoKtQpkAy4GFPDBnhAfAFBLAwQtAAAACAAAACEATkuwvv//////////BgAUAHgyLm5weQEAEACwAAAAAAAAAFAAAAAAAAAAm+wX6hsQychQxlCtnpJanFykbqWgbpNmoa6joJ6WX1RSlJgXn1+UkgoSd0vMKU4FihdnJBakAvkaxjoKRpo6CrUKZAMuBqzggz0qzeAAowFQSwECLQMtAAAACAAAACEAvnEJXk0AAACwAAAABgAAAAAAAAAAAAAAgAEAAAAAeDEubnB5UEsBAi0DLQAAAAgAAAAhAE5LsL5QAAAAsAAAAAYAAAAAAAAAAAAAAIABhQAAAHgyLm5weVBLBQYAAAAAAgACAGgAAAANAQAAAAA=',
  // zipfile.ZIP64_LIMIT = 10; np.savez(f, X=np.array([[1., 2.]]))
  zip64:
    'UEsDBC0AAAAAAAAAIQChG96A//////////8FABQAWC5ucHkBABAAkAAAAAAAAACQAAAAAAAAAJNOVU1QWQEAdgB7J2Rlc2NyJzogJzxmOCcsICdmb3J0cmFuX29yZGVyJzogRmFsc2UsICdzaGFwZSc6ICgxLCAyKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAKAAAAAAAA8D8AAAAAAAAAQFBLAQItAy0AAAAAAAAAIQChG96A//////////8FABQAAAAAAAAAAACAAQAAAABYLm5weQEAEACQAAAAAAAAAJAAAAAAAAAAUEsGBiwAAAAAAAAALQAtAAAAAAAAAAAAAQAAAAAAAAABAAAAAAAAAEcAAAAAAAAAxwAAAAAAAABQSwYHAAAAAA4BAAAAAAAAAQAAAFBLBQYAAAAAAQABAEcAAADHAAAAAAA=',
};
const numpy = (name: keyof typeof NUMPY): Buffer => Buffer.from(NUMPY[name], 'base64');

const INPUTS = ['x1', 'x2'];
const array = (shape: number[], ...data: number[]): NpyArray => ({ shape, data: Float64Array.from(data) });

/** A ZIP archive of one entry whose directory may lie. */
function zip(
  content: Buffer,
  lies: { name?: string; size?: number; method?: number; flags?: number; crc?: number } = {},
) {
  const { name = 'X.npy', method = 8, flags = 0, size = content.length, crc = crc32(content) } = lies;
  const packed = method === 8 ? deflateRawSync(content) : content;
  const head = Buffer.alloc(26);
  head.writeUInt16LE(20, 0);
  head.writeUInt16LE(flags, 2);
  head.writeUInt16LE(method, 4);
  head.writeUInt32LE(crc, 10);
  head.writeUInt32LE(packed.length, 14);
  head.writeUInt32LE(size, 18);
  head.writeUInt16LE(name.length, 22);
  const local = Buffer.concat([Buffer.from('PK\x03\x04'), head, Buffer.from(name), packed]);
  const central = Buffer.concat([
    Buffer.from('PK\x01\x02\x14\x00'),
    head,
    Buffer.alloc(14),
    Buffer.from(name),
  ]);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06');
  end.writeUInt16LE(1, 8);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(local.length, 16);
  return Buffer.concat([local, central, end]);
}

const npy = writeNpy([1, 2], Float64Array.of(1, 2));

describe('readNpz', () => {
  it('reads what numpy.savez writes', () => {
    const arrays = readNpz(numpy('stored'));
    expect([...arrays.keys()]).toEqual(['X']);
    expect(arrays.get('X')).toEqual(array([3, 2], 1.5, -2, 0.25, 4, 5, 6));
  });

  it('reads what numpy.savez_compressed writes', () => {
    const arrays = readNpz(numpy('compressed'));
    expect(arrays.get('x1')).toEqual(array([3, 2], 0, 1, 0, 1, 0, 1));
    expect(arrays.get('x2')).toEqual(array([3, 2], 0, 0, 1, 1, 2, 2));
  });

  it('reads zip64 sizes and the zip64 end, which Python writes for large files', () => {
    expect(readNpz(numpy('zip64')).get('X')).toEqual(array([1, 2], 1, 2));
    const whole = numpy('zip64');
    for (let at = 0; at < whole.length; at++) {
      const damaged = Buffer.from(whole);
      damaged[at] ^= 0xff;
      try {
        readNpz(damaged);
      } catch (error) {
        expect(error).toBeInstanceOf(MalformedBodyError);
      }
    }
  });

  it('reads what writeNpz writes, whatever the names', () => {
    const arrays = { mean: array([2], 1, 2), 'grö/ße': array([1, 1], 3), constructor: array([0]) };
    expect(readNpz(writeNpz(arrays))).toEqual(new Map(Object.entries(arrays)));
    expect(readNpz(writeNpz({}))).toEqual(new Map());
  });

  it('reads names as keys, never as paths', () => {
    expect([...readNpz(zip(npy, { name: '../../etc/__proto__.npy' })).keys()]).toEqual([
      '../../etc/__proto__',
    ]);
  });

  it('stops before unpacking more than it may', () => {
    const bomb = zip(Buffer.alloc(50_000_000));
    expect(bomb.length).toBeLessThan(60_000);
    expect(() => readNpz(bomb, { maxBytes: 1_000_000 })).toThrow(BodyTooLargeError);
    // An archive that says it is small is not believed.
    expect(() => readNpz(zip(Buffer.alloc(50_000_000), { size: 1000 }), { maxBytes: 1_000_000 })).toThrow(
      'is larger than the directory says',
    );
    expect(() => readNpz(zip(Buffer.alloc(10), { size: 0 }))).toThrow(MalformedBodyError);
  });

  it('counts the doubles that bytes become', () => {
    const ones = writeNpy([1], Float64Array.of(1))
      .toString('latin1')
      .replace("'<f8'", "'|u1'")
      .replace('(1,), }  ', '(800,), }');
    const bytes = Buffer.concat([Buffer.from(ones.slice(0, 128), 'latin1'), Buffer.alloc(800)]);
    expect(readNpz(zip(bytes), { maxBytes: 6400 }).get('X')?.data).toHaveLength(800);
    expect(() => readNpz(zip(bytes), { maxBytes: 6399 })).toThrow(BodyTooLargeError);
  });

  it('bounds the number of arrays', () => {
    expect(() => readNpz(writeNpz({ a: array([0]), b: array([0]) }), { maxEntries: 1 })).toThrow(
      BodyTooLargeError,
    );
  });

  it.each([
    ['an encrypted entry', zip(npy, { flags: 1 }), 'is encrypted'],
    ['an unknown method', zip(npy, { method: 12 }), 'packed by method 12'],
    ['a wrong checksum', zip(npy, { crc: 1 }), 'its checksum differs'],
    ['a wrong size of a stored entry', zip(npy, { method: 0, size: 10 }), 'has not the size'],
    ['a wrong size of a packed entry', zip(npy, { size: npy.length + 1 }), 'has not the size'],
    ['a file that is no array', zip(npy, { name: 'X.txt' }), '"X.txt" is no array'],
    ['an array that is none', zip(Buffer.from('abc')), 'in the array "X", the bytes do not start with'],
    ['two entries of one name', Buffer.from(writeNpz({ a: array([0]), b: array([0]) }).toString('latin1').replaceAll('b.npy', 'a.npy'), 'latin1'), 'two entries are called "a.npy"'], // prettier-ignore
    ['bytes before the archive', Buffer.concat([Buffer.alloc(1), zip(npy)]), 'the directory is not where'],
    ['bytes after it', Buffer.concat([zip(npy), Buffer.alloc(1)]), 'the archive has no end'],
    ['nothing', Buffer.alloc(0), 'the archive has no end'],
  ])('refuses %s', (_, bytes, problem) => {
    expect(() => readNpz(bytes)).toThrow(MalformedBodyError);
    expect(() => readNpz(bytes)).toThrow(problem);
  });

  it('refuses every archive that is cut short', () => {
    const whole = numpy('compressed');
    for (let length = 0; length < whole.length; length++) {
      expect(() => readNpz(whole.subarray(0, length))).toThrow(MalformedBodyError);
    }
  });
});

describe('npzToRows takes', () => {
  const rows = (arrays: Record<string, NpyArray>, inputs = INPUTS): number[][] => {
    const X = npzToRows(new Map(Object.entries(arrays)), inputs);
    return Array.from({ length: X.rows }, (_, i) => Array.from(X.row(i)));
  };
  const whole = array([2, 2], 1, 2, 3, 4);

  it('the only array, whatever its name', () => {
    expect(rows({ arr_0: whole })).toEqual([[1, 2], [3, 4]]); // prettier-ignore
  });

  it('X among several', () => {
    expect(rows({ y: array([2], 0, 0), X: whole })).toEqual([[1, 2], [3, 4]]); // prettier-ignore
  });

  it('one mesh an input, as numpy.meshgrid makes them', () => {
    expect(npzToRows(readNpz(numpy('compressed')), INPUTS).data).toEqual(
      Float64Array.of(0, 0, 1, 0, 0, 1, 1, 1, 0, 2, 1, 2),
    );
    expect(rows({ x2: array([1, 1, 2], 3, 4), x1: array([1, 1, 2], 1, 2) })).toEqual([[1, 3], [2, 4]]); // prettier-ignore
    expect(rows({ x: array([2], 1, 2), X: array([2], 3, 4) }, ['X', 'x'])).toEqual([[3, 1], [4, 2]]); // prettier-ignore
  });

  it.each([
    [
      'a missing input',
      { x1: array([1], 1), z: array([1], 1) },
      ['x2: nothing', 'z: an array of shape (1,)'],
    ],
    ['unequal shapes', { x1: array([2], 1, 2), x2: array([2, 1], 1, 2) }, ['x2: shape (2, 1)']],
    ['NaN', { x1: array([1, 2], 1, NaN), x2: array([1, 2], 1, 2) }, ['x1[0, 1]: NaN']],
    ['NaN in the whole', { X: array([1, 2], 1, NaN) }, ['X[0, 1]: NaN']],
    ['another width', { X: array([1, 3], 1, 2, 3) }, ['X: shape (1, 3)']],
    ['no rows', { x1: array([0]), x2: array([0]) }, ['x1: shape (0,)']],
    ['no arrays', {}, ['x1: nothing', 'x2: nothing']],
  ] as [string, Record<string, NpyArray>, string[]][])('but not %s', (_, arrays, issues) => {
    let error: unknown;
    try {
      rows(arrays);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(InvalidInputError);
    expect((error as InvalidInputError).issues.map(({ path, received }) => `${path}: ${received}`)).toEqual(
      issues,
    );
  });
});
