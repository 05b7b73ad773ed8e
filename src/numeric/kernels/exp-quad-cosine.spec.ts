import { describeKernel } from './kernel.contract.js';

describeKernel('exp-quad-cosine', [
  {
    label: 'one dimension',
    spec: { type: 'exp-quad-cosine', dims: [1], params: { variance: 0.7, lengthscale: 5.0, period: 0.6 } },
    formula:
      'variance * exp(-2 * pi^2 * sum(((x - z) ./ lengthscale) .^ 2)) * cos(2 * pi * sqrt(sum(((x - z) ./ lengthscale) .^ 2)) / period)',
    gpy: { between: -0.04414416348031865, diagonal: 0.7 },
    perDim: ['lengthscale'],
  },
  {
    label: 'a lengthscale a dimension',
    spec: {
      type: 'exp-quad-cosine',
      dims: [0, 1, 2],
      params: { variance: 1.7, lengthscale: [7.0, 13.0, 21.0], period: 0.6 },
    },
    formula:
      'variance * exp(-2 * pi^2 * sum(((x - z) ./ lengthscale) .^ 2)) * cos(2 * pi * sqrt(sum(((x - z) ./ lengthscale) .^ 2)) / period)',
    gpy: { between: 1.1561472847087013, diagonal: 1.7 },
    perDim: ['lengthscale'],
    indefinite: true,
  },
]);
