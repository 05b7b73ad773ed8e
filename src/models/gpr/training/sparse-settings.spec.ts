import { describe, expect, it } from 'vitest';
import type { InputIssue } from '../../../common/media/issue.js';
import { Matrix } from '../../../numeric/linalg/matrix.js';
import { readInducing } from './sparse-settings.js';
import { TooManyPointsError } from './training-errors.js';

const MIB = 2 ** 20;

function inducingOf(n: number, mebibytes = 256, inducing?: number, maxPoints = 5000): number | undefined {
  const X = new Matrix(
    n,
    1,
    Float64Array.from({ length: n }, (_, i) => i),
  );
  const data = { X, Y: X, inputs: ['x'], outputs: ['y'] };
  const issues: InputIssue[] = [];
  const asked = { kernel: 'rbf', noise: 'free', maxPoints, inducing } as const;
  const found = readInducing(asked, data, mebibytes * MIB, issues);
  expect(issues).toEqual([]);
  return found;
}

describe('readInducing', () => {
  it('is exact up to maxPoints, and has 300 to 500 inducing points above', () => {
    expect(inducingOf(5000)).toBeUndefined();
    expect(inducingOf(5001)).toBe(300);
    expect(inducingOf(20_000)).toBe(400);
    expect(inducingOf(50_000)).toBe(500);
    expect(inducingOf(11, 256, undefined, 10)).toBe(6);
    expect(inducingOf(5000, 256, 2000)).toBe(2000);
  });

  it('has fewer where there is memory for fewer', () => {
    expect(inducingOf(20_000, 32)).toBe(209);
    expect(() => inducingOf(20_000, 3)).toThrow(/more than the 19660 that can be trained on/);
  });

  it('refuses more points than an exact model has memory for, or any has time for', () => {
    expect(() => inducingOf(5000, 190)).toThrow(TooManyPointsError);
    expect(() => inducingOf(100_001, 65_536)).toThrow(/more than the 100000/);
  });
});
