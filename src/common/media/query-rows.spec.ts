import { describe, expect, it } from 'vitest';
import { InvalidInputError } from './issue.js';
import { readQueryRow } from './query-rows.js';

const INPUTS = ['x1', 'x2'];

function wrong(parameters: Record<string, unknown>, inputs = INPUTS): string[] {
  try {
    readQueryRow(parameters, inputs);
  } catch (error) {
    if (error instanceof InvalidInputError)
      return error.issues.map(({ path, received }) => `${path}: ${received}`);
    throw error;
  }
  throw new Error('The parameters were accepted.');
}

describe('readQueryRow', () => {
  it('reads one row, in the order of the inputs', () => {
    const X = readQueryRow({ x2: '-1e3', x1: ' .5' }, INPUTS);
    expect([X.rows, X.cols, ...X.data]).toEqual([1, 2, 0.5, -1000]);
  });

  it('leaves settings alone, unless an input has their name', () => {
    expect(readQueryRow({ x1: '1', x2: '2', variance: 'latent' }, INPUTS, ['variance']).data).toHaveLength(2);
    expect(readQueryRow({ variance: '3' }, ['variance'], ['variance']).data[0]).toBe(3);
  });

  it('takes parameters without a prototype, and names that objects inherit', () => {
    const parameters = Object.assign(Object.create(null) as Record<string, unknown>, { toString: '1' });
    expect(readQueryRow(parameters, ['toString']).data[0]).toBe(1);
    expect(wrong({}, ['toString'])).toEqual(['toString: nothing']);
  });

  it.each([
    ['missing', { x1: '1' }, ['x2: nothing']],
    ['empty', { x1: '1', x2: ' ' }, ['x2: nothing']],
    ['no number', { x1: 'abc', x2: '0x10' }, ['x1: "abc"', 'x2: "0x10"']],
    ['not finite', { x1: 'NaN', x2: '-Infinity' }, ['x1: NaN', 'x2: -Infinity']],
    ['too large', { x1: '1', x2: '1e400' }, ['x2: 1e400 (too large for a double)']],
    ['repeated', { x1: ['1', '2'], x2: '2' }, ['x1: 2 values']],
    ['nested, as some parsers make of x1[a]=1', { x1: { a: '1' }, x2: '2' }, ['x1: an object']],
    ['unknown', { x1: '1', x2: '2', x3: '3' }, ['x3: "3"']],
  ])('names what is %s', (_, parameters, issues) => {
    expect(wrong(parameters)).toEqual(issues);
  });

  it('reads a number of a million digits and refuses its like without delay', () => {
    expect(wrong({ x1: '1', x2: `${'1'.repeat(1e6)}x` })[0]).toMatch(/^x2: "1+…"$/);
    expect(wrong({ x1: '1', x2: '1'.repeat(1e6) })[0]).toMatch(/too large for a double/);
  });
});
