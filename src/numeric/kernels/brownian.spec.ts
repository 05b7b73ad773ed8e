import { expect, it } from 'vitest';
import { Matrix } from '../linalg/matrix.js';
import { describeKernel } from './kernel.contract.js';
import { buildKernel } from './kernels.js';

describeKernel('brownian', [
  {
    label: 'forwards and backwards',
    spec: { type: 'brownian', dims: [1], params: { variance: 1.3 } },
    formula: 'sign(x[1]) == sign(z[1]) ? variance * min(abs(x[1]), abs(z[1])) : 0',
    gpy: { between: 0.52, diagonal: 1.56 },
  },
]);

// k(t, z) = 1.3 min(|t|, |z|) has a corner at t = z and, as signs part there, one at t = 0.
it.each([
  [1, 1, 0.65],
  [-1, -1, -0.65],
  [0, 1, 0.65],
  [0, -1, -0.65],
  [0, 0, 0],
  [0.9, 1, 1.3],
  [1.1, 1, 0],
  [-0.9, 1, 0],
])('has the mean of both sides as its gradient at %d towards %d', (t, z, expected) => {
  const kernel = buildKernel({ type: 'brownian', params: { variance: 1.3 } }, 1);
  const gradient = new Float64Array(1);
  kernel.addGradient(Matrix.fromRows([[z]]), Float64Array.of(t), Float64Array.of(1), gradient);
  expect(gradient[0]).toBeCloseTo(expected, 15);
});
