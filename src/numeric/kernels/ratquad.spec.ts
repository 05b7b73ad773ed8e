import { describeKernel } from './kernel.contract.js';

describeKernel('ratquad', [
  {
    label: 'isotropic, two dimensions out of order',
    spec: { type: 'ratquad', dims: [2, 0], params: { variance: 0.7, lengthscale: 0.9, power: 1.7 } },
    formula: 'variance * (1 + sum(((x - z) ./ lengthscale) .^ 2) / 2) ^ (-power)',
    gpy: { between: 0.6139159007285467, diagonal: 0.7 },
    perDim: ['lengthscale'],
  },
  {
    label: 'a lengthscale a dimension',
    spec: {
      type: 'ratquad',
      dims: [0, 1, 2],
      params: { variance: 1.7, lengthscale: [0.7, 1.3, 2.1], power: 1.7 },
    },
    formula: 'variance * (1 + sum(((x - z) ./ lengthscale) .^ 2) / 2) ^ (-power)',
    gpy: { between: 1.178723861990151, diagonal: 1.7 },
    perDim: ['lengthscale'],
  },
]);
