import { describeKernel } from './kernel.contract.js';

describeKernel('rbf', [
  {
    label: 'isotropic, two dimensions out of order',
    spec: { type: 'rbf', dims: [2, 0], params: { variance: 0.7, lengthscale: 0.9 } },
    formula: 'variance * exp(-sum(((x - z) ./ lengthscale) .^ 2) / 2)',
    gpy: { between: 0.6460219111932253, diagonal: 0.7 },
    perDim: ['lengthscale'],
  },
  {
    label: 'a lengthscale a dimension',
    spec: { type: 'rbf', dims: [0, 1, 2], params: { variance: 1.7, lengthscale: [0.7, 1.3, 2.1] } },
    formula: 'variance * exp(-sum(((x - z) ./ lengthscale) .^ 2) / 2)',
    gpy: { between: 1.336773307276465, diagonal: 1.7 },
    perDim: ['lengthscale'],
  },
]);
