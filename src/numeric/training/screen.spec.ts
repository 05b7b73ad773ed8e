import { describe, expect, it } from 'vitest';
import { Matrix } from '../linalg/matrix.js';
import { Random } from '../random/random.js';
import { highestMaxima, screeningPart, type SearchEnd } from './screen.js';
import type { TrainingProblem } from './training-problem.js';

function ends(...values: number[]): SearchEnd[] {
  return values.map((value) => ({ x: Float64Array.of(value), value }));
}

describe('highestMaxima', () => {
  it.each<[string, number[], number[]]>([
    ['the three highest', [-1, -5, -3, -2, -4], [-5, -4, -3]],
    ['each of them once', [-5, -1, -5.0004, -5.0002, -1], [-5.0004, -1]],
    ['those with a value', [NaN, -1, Infinity], [-1]],
    ['the first where none has a value', [NaN, Infinity], [NaN]],
  ])('takes %s', (_, values, expected) => {
    expect(highestMaxima(ends(...values)).map(([x]) => x)).toEqual(expected);
  });
});

describe('screeningPart', () => {
  it('takes a quarter of the points with their outputs and noise, in their order', () => {
    const random = new Random(3);
    const x = Float64Array.from({ length: 480 }, () => random.uniform()).sort();
    const problem: TrainingProblem = {
      X: new Matrix(480, 1, x),
      Y: new Matrix(480, 1, x.slice()),
      kernel: { type: 'rbf', params: { variance: 1, lengthscale: 1 } },
      noise: { type: 'known', variances: x.slice() },
      mean: 'zero',
    };
    const { X, Y, noise } = screeningPart(problem);
    expect(X.rows).toBe(120);
    expect(X.data).toEqual(X.data.toSorted());
    expect(Y.data).toEqual(X.data);
    expect(noise).toEqual({ type: 'known', variances: X.data });
    expect(screeningPart(problem, 50).X.rows).toBe(50);
    const few = { ...problem, X: problem.X.slice(0, 160), Y: problem.Y.slice(0, 160) };
    expect(screeningPart(few).X.rows).toBe(100);
  });
});
