import { describeKernel } from './kernel.contract.js';

describeKernel('sum', [
  {
    label: 'of three',
    spec: {
      type: 'sum',
      parts: [
        { type: 'rbf', dims: [0], params: { variance: 0.9, lengthscale: 1.2 } },
        { type: 'white', params: { variance: 0.3 } },
        { type: 'linear', dims: [2, 1], params: { variances: 0.2 } },
      ],
    },
    formula: '0.9 * exp(-((x[1] - z[1]) / 1.2)^2 / 2) + (same ? 0.3 : 0) + 0.2 * (x[2] * z[2] + x[3] * z[3])',
    gpy: { between: 1.1595864050695246, diagonal: 1.616 },
  },
  {
    label: 'of one',
    spec: { type: 'sum', parts: [{ type: 'rbf', dims: [0], params: { variance: 0.9, lengthscale: 1.2 } }] },
    formula: '0.9 * exp(-((x[1] - z[1]) / 1.2)^2 / 2)',
    gpy: { between: 0.8875864050695247, diagonal: 0.9 },
  },
]);
