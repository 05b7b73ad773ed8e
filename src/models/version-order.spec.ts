import { expect, it } from 'vitest';
import { compareVersions, nextVersion } from './version-order.js';

it.each([
  ['2', '10'],
  ['1.9', '1.10'],
  ['v2', 'v10'],
  ['1.2.3', '1.2.10'],
  ['2024-9-1', '2024-10-1'],
  ['1', '1.1'],
  ['a', 'b'],
  ['1-beta2', '1-beta10'],
])('%s comes before %s', (less, greater) => {
  expect(compareVersions(less, greater)).toBeLessThan(0);
  expect(compareVersions(greater, less)).toBeGreaterThan(0);
});

it('tells apart what only looks equal, so that no two versions are one', () => {
  for (const [a, b] of [['1', '01'], ['v1', 'V1'], ['1.0', '1.00']]) {
    expect(compareVersions(a, b)).not.toBe(0);
    expect(Math.sign(compareVersions(a, b))).toBe(-Math.sign(compareVersions(b, a)));
  }
  expect(compareVersions('1.2', '1.2')).toBe(0);
}); // prettier-ignore

it.each([
  ['7', '8'],
  ['v9', 'v10'],
  ['1.9', '1.10'],
  ['2024-10-31', '2024-10-32'],
  ['1-beta2', '1-beta3'],
  ['2b', '3b'],
  ['draft', 'draft.1'],
])('after %s comes %s', (version, next) => {
  expect(nextVersion(version)).toBe(next);
  expect(compareVersions(version, next)).toBeLessThan(0);
});
