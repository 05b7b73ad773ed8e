import { describeKernel } from './kernel.contract.js';

describeKernel('periodic', [
  {
    label: 'one period, two dimensions out of order',
    spec: { type: 'periodic', dims: [2, 0], params: { variance: 1.4, period: 0.8, lengthscale: 0.6 } },
    formula: 'variance * exp(-1/2 * sum((map(pi * (x - z) ./ period, sin) ./ lengthscale) .^ 2))',
    gpy: { between: 0.21363997765729492, diagonal: 1.4 },
    perDim: ['period', 'lengthscale'],
  },
  {
    label: 'a period and a lengthscale a dimension',
    spec: {
      type: 'periodic',
      dims: [0, 1, 2],
      params: { variance: 1.4, period: [0.8, 1.7, 3.0], lengthscale: [0.7, 1.3, 2.1] },
    },
    formula: 'variance * exp(-1/2 * sum((map(pi * (x - z) ./ period, sin) ./ lengthscale) .^ 2))',
    gpy: { between: 0.6200855900890075, diagonal: 1.4 },
    perDim: ['period', 'lengthscale'],
  },
]);
