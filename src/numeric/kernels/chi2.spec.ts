import { expect, it } from 'vitest';
import { Matrix } from '../linalg/matrix.js';
import { describeKernel } from './kernel.contract.js';
import { buildKernel } from './kernels.js';

describeKernel('chi2', [
  {
    label: 'three dimensions',
    spec: { type: 'chi2', dims: [0, 1, 2], params: { variance: 1.7, gamma: 0.6 } },
    formula: 'variance * exp(-gamma * sum((x - z) .^ 2 ./ (x + z)))',
    sklearn: { between: 1.2613810579294855, diagonal: 1.7 },
    nonNegative: true,
  },
  {
    label: 'two dimensions out of order',
    spec: { type: 'chi2', dims: [2, 0], params: { variance: 1, gamma: 0.6 } },
    formula: 'variance * exp(-gamma * sum((x - z) .^ 2 ./ (x + z)))',
    sklearn: { between: 0.9432527047790429, diagonal: 1 },
    nonNegative: true,
  },
  {
    label: 'additive',
    spec: { type: 'additive-chi2', dims: [0, 1, 2], params: { variance: 1 } },
    formula: '-variance * sum((x - z) .^ 2 ./ (x + z))',
    sklearn: { between: -0.49736842105263146, diagonal: 0 },
    nonNegative: true,
    indefinite: true,
  },
]);

it('chi2 is 1 between two zeros, and no number for a negative input', () => {
  const kernel = buildKernel({ type: 'chi2', params: { variance: 1, gamma: 2 } }, 1);
  const value = (z: number, x: number): number => {
    const out = new Float64Array(1);
    kernel.panel(Matrix.fromRows([[z]]), Matrix.fromRows([[x]]), out);
    return out[0];
  };
  expect(value(0, 0)).toBe(1);
  expect(value(1, -0.5)).toBeNaN();
});
