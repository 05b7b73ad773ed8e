import { expect, it } from 'vitest';
import { ModelFileError } from './model-errors.js';
import { readVariables, type VariableSpec } from './spec-variables.js';

it('takes names, and what else is known', () => {
  expect(readVariables('inputs', ['x1', { name: 'T', unit: 'K', lower: 0 }])).toEqual([
    { name: 'x1', kind: 'real' },
    { name: 'T', kind: 'real', unit: 'K', lower: 0 },
  ]);
});

it.each<[VariableSpec[], string]>([
  [['x', { name: 'x' }], 'inputs[1] is named x, as is one before it.'],
  [[{ name: 'x', lower: 1, upper: 0 }], 'inputs[0] has a lower bound of 1, above its upper of 0.'],
  [
    [{ name: 'x', kind: 'index', lower: 0 }],
    'inputs[0] is an index: it needs whole numbers as lower and upper.',
  ],
])('%j is refused', (specs, message) => {
  expect(() => readVariables('inputs', specs)).toThrow(new ModelFileError(message));
});
