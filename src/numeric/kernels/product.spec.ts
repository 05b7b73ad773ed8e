import { describeKernel } from './kernel.contract.js';

describeKernel('product', [
  {
    label: 'of sums',
    spec: {
      type: 'product',
      parts: [
        {
          type: 'sum',
          parts: [
            { type: 'rbf', dims: [0], params: { variance: 0.9, lengthscale: 1.2 } },
            { type: 'white', params: { variance: 0.3 } },
            { type: 'linear', dims: [2, 1], params: { variances: 0.2 } },
          ],
        },
        {
          type: 'sum',
          parts: [
            { type: 'matern32', dims: [1, 2], params: { variance: 1.1, lengthscale: 0.8 } },
            { type: 'bias', params: { variance: 0.5 } },
          ],
        },
      ],
    },
    formula:
      '(0.9 * exp(-((x[1] - z[1]) / 1.2)^2 / 2) + (same ? 0.3 : 0) + 0.2 * (x[2] * z[2] + x[3] * z[3])) * (1.1 * (1 + sqrt(3) * hypot(x[2] - z[2], x[3] - z[3]) / 0.8) * exp(-sqrt(3) * hypot(x[2] - z[2], x[3] - z[3]) / 0.8) + 0.5)',
    gpy: { between: 1.1514606859386691, diagonal: 2.5856000000000003 },
  },
  {
    label: 'of three, one of them white',
    spec: {
      type: 'product',
      parts: [
        { type: 'rbf', dims: [0], params: { variance: 0.9, lengthscale: 1.2 } },
        { type: 'matern32', dims: [1, 2], params: { variance: 1.1, lengthscale: 0.8 } },
        { type: 'white', params: { variance: 0.3 } },
      ],
    },
    formula: 'same ? 0.9 * 1.1 * 0.3 : 0',
    gpy: { between: 0.0, diagonal: 0.29700000000000004 },
  },
  {
    label: 'of a kernel and an output index',
    spec: {
      type: 'product',
      parts: [
        { type: 'rbf', dims: [0], params: { variance: 0.9, lengthscale: 1.2 } },
        {
          type: 'coregionalize',
          dims: [1],
          params: {
            W: [
              [0.6, -0.3],
              [0.2, 1.1],
              [-0.7, 0.4],
            ],
            kappa: [0.3, 0.5, 0.2],
          },
        },
      ],
    },
    formula:
      '(0.9 * exp(-((x[1] - z[1]) / 1.2)^2 / 2)) * ([[0.75, -0.21, -0.54], [-0.21, 1.75, 0.3], [-0.54, 0.3, 0.85]])[x[2] + 1, z[2] + 1]',
    gpy: { between: 0.2662759215208575, diagonal: 1.5750000000000002 },
    indexColumn: 1,
  },
]);
