import { describeKernel } from './kernel.contract.js';

describeKernel('cosine', [
  {
    label: 'one dimension',
    spec: { type: 'cosine', dims: [1], params: { variance: 0.7, lengthscale: 0.9 } },
    formula: 'variance * cos(sqrt(sum(((x - z) ./ lengthscale) .^ 2)))',
    gpy: { between: 0.44119253564606153, diagonal: 0.7 },
    perDim: ['lengthscale'],
  },
  {
    label: 'a lengthscale a dimension',
    spec: { type: 'cosine', dims: [0, 1, 2], params: { variance: 1.7, lengthscale: [0.7, 1.3, 2.1] } },
    formula: 'variance * cos(sqrt(sum(((x - z) ./ lengthscale) .^ 2)))',
    gpy: { between: 1.3074820205151123, diagonal: 1.7 },
    perDim: ['lengthscale'],
    indefinite: true,
  },
]);
