import { describe, expect, it } from 'vitest';
import { InvalidInputError } from '../common/media/issue.js';
import type { Variable } from '../models/model.js';
import { Matrix } from '../numeric/linalg/matrix.js';
import { requireIndices } from './check-inputs.js';

const INPUTS: Variable[] = [
  { name: 'x1', kind: 'real', lower: 0, upper: 1 },
  { name: 'x2', kind: 'index', lower: 0, upper: 2 },
];

function wrong(...rows: number[][]): string[] {
  try {
    requireIndices(INPUTS, Matrix.fromRows(rows));
  } catch (error) {
    return (error as InvalidInputError).issues.map(({ path }) => path);
  }
  return [];
}

describe('requireIndices', () => {
  it('takes every index there is, and any real value: bounds of a real input are no limits', () => {
    expect(wrong([-5, 0], [0.5, 1], [1e9, 2], [0, -0])).toEqual([]);
  });

  it.each([-1, 3, 0.5, 1 + Number.EPSILON, 1e300])('refuses %d', (index) => {
    expect(wrong([1, index])).toEqual(['x2']);
    expect(wrong([1, 0], [1, index])).toEqual(['[1].x2']);
  });

  it('says what came and what is expected', () => {
    expect(() => requireIndices(INPUTS, Matrix.fromRows([[1, 7]]))).toThrow(
      'x2 must be a whole number from 0 to 2, got 7: it picks one of the outputs.',
    );
  });
});
