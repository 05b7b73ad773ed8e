import { describe, expect, it } from 'vitest';
import { Matrix } from '../../numeric/linalg/matrix.js';
import { OutputError, ROWS_TEXT } from './rows-text.js';

const X = Matrix.fromRows([
  [0.1, -2e-300],
  [1 / 3, 5],
]);
const NAMES = ['a', 'b, in m'];

describe('JSON', () => {
  const { write, read } = ROWS_TEXT.json;

  it('is one object a row, with every digit', () => {
    expect(write(X, NAMES).toString()).toBe(
      '{"inputs":[{"a":0.1,"b, in m":-2e-300},{"a":0.3333333333333333,"b, in m":5}]}\n',
    );
  });

  it('is answered by name', () => {
    const Y = read(Buffer.from('{"outputs": [{"z": 2, "y": 1.5}, {"y": -3, "z": 1e-5}]}\n'), ['y', 'z'], 2);
    expect([...Y.data]).toEqual([1.5, 2, -3, 1e-5]);
  });

  it.each([
    ['', 'it is empty'],
    ['Segmentation fault', 'it is not JSON'],
    ['{"outputs": [{"y": 1}]} trailing', 'it is not JSON'],
    ['[1]', 'the output is not an object'],
    ['{"outputs": 1}', 'it has no list "outputs"'],
    ['{"outputs": []}', 'it has 0 rows, expected 1'],
    ['{"outputs": [{"y": 1}, {"y": 1}]}', 'it has 2 rows, expected 1'],
    ['{"outputs": [1]}', 'row 0 is not an object'],
    ['{"outputs": [{}]}', 'y of row 0 is missing, expected a finite number'],
    ['{"outputs": [{"y": "/secret"}]}', 'y of row 0 is no number, expected a finite number'],
    ['{"outputs": [{"y": NaN}]}', 'y of row 0 is NaN, expected a finite number'],
    ['{"outputs": [{"y": 1e999}]}', 'y of row 0 is Infinity, expected a finite number'],
    ['{"outputs": [{"y": 1, "z": 2}]}', 'row 0 has other outputs than y'],
  ])('%j is refused: %s', (text, message) => {
    expect(() => read(Buffer.from(text), ['y'], 1)).toThrow(new OutputError(message));
  });
});

describe('CSV', () => {
  const { write, read } = ROWS_TEXT.csv;

  it('has a header and one line a row', () => {
    expect(write(X, NAMES).toString()).toBe('a,"b, in m"\n0.1,-2e-300\n0.3333333333333333,5\n');
  });

  it('is answered by name, in any order', () => {
    expect([...read(Buffer.from('z,y\n2,1.5\n1e-5,-3\n'), ['y', 'z'], 2).data]).toEqual([1.5, 2, -3, 1e-5]);
  });

  it.each([
    ['', 'it is not CSV with a finite number for each of y, z'],
    ['y,z\n', 'it is not CSV with a finite number for each of y, z'],
    ['y,w\n1,2\n', 'line 1 is not CSV with a finite number for each of y, z'],
    ['y,z\n1,2\n3\n', 'line 3 is not CSV with a finite number for each of y, z'],
    ['y,z\n1,nan\n', 'line 2 is not CSV with a finite number for each of y, z'],
    ['y,z\n1,"2\n', 'line 2 is not CSV with a finite number for each of y, z'],
    ['y,z\n1,2\n3,4\n', 'it has 2 rows, expected 1'],
  ])('%j is refused: %s', (text, message) => {
    expect(() => read(Buffer.from(text), ['y', 'z'], 1)).toThrow(new OutputError(message));
  });
});
