import { describe, expect, it } from 'vitest';
import { writeNpy } from '../common/media/npy.js';
import { writeNpz } from '../common/media/npz.js';
import { InvalidInputError } from '../common/media/issue.js';
import type { FileFormat } from '../common/media/detect.js';
import { readTestSet } from './test-set.js';

const inputs = ['a', 'b'];
const outputs = ['y'];
const array = (shape: number[], ...values: number[]) => ({ shape, data: Float64Array.from(values) });

function read(format: FileFormat, body: string | Buffer, of = outputs): { X: number[]; Y: number[] } {
  const { X, Y } = readTestSet({ format, body: Buffer.from(body), inputs, outputs: of, maxBytes: 1e6 });
  expect([X.cols, Y.cols, X.rows]).toEqual([inputs.length, of.length, Y.rows]);
  return { X: [...X.data], Y: [...Y.data] };
}

function issues(body: unknown): { path: string; message: string }[] {
  try {
    read('json', JSON.stringify(body));
  } catch (error) {
    if (error instanceof InvalidInputError)
      return error.issues.map(({ path, message }) => ({ path, message }));
    throw error;
  }
  throw new Error('It was read.');
}

const SAME = { X: [1, 2, 4, 5], Y: [3, 6] };

describe('a test set', () => {
  it.each<[string, FileFormat, string | Buffer]>([
    ['CSV with a header, in any order', 'csv', 'y,b,a\n3,2,1\n6,5,4\n'],
    ['CSV without, inputs first', 'csv', '1,2,3\n4,5,6\n'],
    ['JSON, inputs and outputs apart', 'json', '{"inputs": [[1, 2], [4, 5]], "outputs": [[3], [6]]}'],
    ['JSON, one output as plain numbers', 'json', '{"outputs": [3, 6], "inputs": [[1, 2], [4, 5]]}'],
    ['JSON, apart and by name', 'json', '{"inputs": [{"b": 2, "a": 1}, [4, 5]], "outputs": [{"y": 3}, 6]}'],
    ['JSON, rows by name', 'json', '[{"y": 3, "a": 1, "b": 2}, {"a": 4, "b": 5, "y": 6}]'],
    ['JSON, a matrix', 'json', '{"inputs": [[1, 2, 3], [4, 5, 6]]}'],
    ['npy', 'npy', writeNpy([2, 3], Float64Array.of(1, 2, 3, 4, 5, 6))],
    ['npz, X and y', 'npz', writeNpz({ X: array([2, 2], 1, 2, 4, 5), y: array([2], 3, 6) })],
    ['npz, inputs and outputs', 'npz', writeNpz({ outputs: array([2, 1], 3, 6), inputs: array([2, 2], 1, 2, 4, 5) })],
    ['npz, by name', 'npz', writeNpz({ y: array([2], 3, 6), a: array([2], 1, 4), b: array([2], 2, 5) })],
  ])('is read from %s', (_, format, body) => {
    expect(read(format, body)).toEqual(SAME);
  }); // prettier-ignore

  it('is read for several outputs', () => {
    const body = '{"inputs": [[1, 2]], "outputs": [{"z": 4, "y": 3}]}';
    expect(read('json', body, ['y', 'z'])).toEqual({ X: [1, 2], Y: [3, 4] });
  });

  it('must have as many outputs as inputs', () => {
    expect(issues({ inputs: [[1, 2], [4, 5]], outputs: [3] })).toEqual([
      { path: 'outputs', message: 'outputs must be 2 rows, as inputs, got 1 row.' },
    ]); // prettier-ignore
  });

  it('names what is wrong, in both', () => {
    expect(issues({ inputs: [[1, null], [4]], outputs: ['x', 3], weights: [1] }).map(({ path }) => path)).toEqual(
      ['weights', 'inputs[0][1]', 'inputs[1]', 'outputs[0][0]'],
    ); // prettier-ignore
    expect(issues({ inputs: 3, outputs: {} }).map(({ path }) => path)).toEqual(['inputs', 'outputs']);
    expect(issues({ inputs: [[1, 2]], outputs: [] }).map(({ path }) => path)).toEqual(['outputs']);
  });
});
