import { describe, expect, it } from 'vitest';
import type { Variable } from '../models/model.js';
import { Matrix } from '../numeric/linalg/matrix.js';
import { InputDomain } from './input-domain.js';
import { countOutside, insideColumn, namesOutside } from './trust.js';

const inputs: Variable[] = [
  { name: 'a', kind: 'real', lower: 0 },
  { name: 'b', kind: 'real' },
  { name: 'c', kind: 'real', lower: -5, upper: 5 },
];
const training = [{ min: -1, max: 1 }, { min: 10, max: 20 }, { min: -9, max: 9 }]; // prettier-ignore

describe('InputDomain', () => {
  it('is what the training data and the bounds have in common, both ends included', async () => {
    const domain = new InputDomain(inputs, training);
    const X = Matrix.fromRows([[0, 10, -5], [1, 20, 5], [-0.5, 15, 0], [0.5, 15, 7], [2, 9, 6]]); // prettier-ignore
    const outside = await domain.outside(X);
    if (!outside) return expect.fail('Something is known.');
    expect([0, 1, 2, 3, 4].map((row) => namesOutside(outside, row))).toEqual([[], [], ['a'], ['c'], ['a', 'b', 'c']]); // prettier-ignore
    expect([...insideColumn(outside)]).toEqual([1, 1, 0, 0, 0]);
    expect([countOutside(outside), countOutside(outside, 0), countOutside(outside, 1)]).toEqual([3, 2, 1]);
  });

  it('takes what is known, and says where nothing is', async () => {
    const X = Matrix.fromRows([[-1, 99, 6]]);
    expect([...((await new InputDomain(inputs, undefined).outside(X))?.flags ?? [])]).toEqual([1, 0, 1]);
    expect(await new InputDomain([inputs[1]], undefined).outside(X)).toBeUndefined();
  });

  it('looks at every value of more rows than it does at a time', async () => {
    const rows = 400_000;
    const X = Matrix.zeros(rows, 3);
    for (let i = 0; i < rows; i++) X.row(i).set([i % 2, i % 3 === 0 ? 9 : 15, i % 5 === 0 ? 6 : 0]);
    const flags = (await new InputDomain(inputs, training).outside(X))?.flags ?? new Uint8Array();
    expect(flags).toHaveLength(3 * rows);
    const wrong = flags.findIndex((flag, at) => {
      const row = Math.floor(at / 3);
      const expected = [false, row % 3 === 0, row % 5 === 0][at % 3];
      return (flag === 1) !== expected;
    });
    expect(wrong).toBe(-1);
  });
});
