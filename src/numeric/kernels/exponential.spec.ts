import { describeKernel } from './kernel.contract.js';

describeKernel('exponential', [
  {
    label: 'isotropic, two dimensions out of order',
    spec: { type: 'exponential', dims: [2, 0], params: { variance: 0.7, lengthscale: 0.9 } },
    formula: 'variance * exp(-sqrt(sum(((x - z) ./ lengthscale) .^ 2)))',
    gpy: { between: 0.46893470014787875, diagonal: 0.7 },
    perDim: ['lengthscale'],
  },
  {
    label: 'a lengthscale a dimension',
    spec: { type: 'exponential', dims: [0, 1, 2], params: { variance: 1.7, lengthscale: [0.7, 1.3, 2.1] } },
    formula: 'variance * exp(-sqrt(sum(((x - z) ./ lengthscale) .^ 2)))',
    gpy: { between: 0.8498246678826763, diagonal: 1.7 },
    perDim: ['lengthscale'],
  },
]);
