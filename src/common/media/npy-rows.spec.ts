import { describe, expect, it } from 'vitest';
import { InvalidInputError, MalformedBodyError } from './issue.js';
import { writeNpy } from './npy.js';
import { NpyRowReader } from './npy-rows.js';

const INPUTS = ['a', 'b'];

/** Reads a file in pieces of so many bytes, taking rows after each. */
function read(file: Buffer, piece: number, inputs = INPUTS): number[] {
  const reader = new NpyRowReader(inputs, file.length);
  const values: number[] = [];
  for (let at = 0; at < file.length; at += piece) {
    reader.push(file.subarray(at, at + piece));
    for (const value of reader.take().data) values.push(value);
  }
  reader.end();
  return values;
}

const numbers = (length: number): Float64Array => Float64Array.from({ length }, (_, i) => i / 7);

describe('NpyRowReader', () => {
  it.each([1, 13, 1000, 1_000_000])('pieces of %d bytes', (piece) => {
    const data = numbers(600);
    expect(read(writeNpy([300, 2], data), piece)).toEqual([...data]);
    expect(read(writeNpy([10, 30, 2], data), piece)).toEqual([...data]);
    expect(read(writeNpy([2], data.slice(0, 2)), piece)).toEqual(Array.from(data.subarray(0, 2)));
    expect(read(writeNpy([600], data), piece, ['a'])).toEqual([...data]);
  });

  it('names what is no number by its place in the whole array', () => {
    const data = numbers(5000);
    data[4321] = Number.NaN;
    const reading = (): unknown => read(writeNpy([2500, 2], data), 999);
    expect(reading).toThrow(InvalidInputError);
    expect(reading).toThrow('[2160, 1]');
  });

  it.each([
    ['another shape', writeNpy([3, 3], numbers(9)), InvalidInputError],
    ['no rows', writeNpy([0, 2], numbers(0)), InvalidInputError],
    ['a file cut short', writeNpy([3, 2], numbers(6)).subarray(0, -1), MalformedBodyError],
    ['no file', Buffer.alloc(0), MalformedBodyError],
  ])('refuses %s', (_what, file, error) => {
    expect(() => read(file, 50)).toThrow(error);
  });
});
