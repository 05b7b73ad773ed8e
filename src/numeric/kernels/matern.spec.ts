import { describeKernel } from './kernel.contract.js';

describeKernel('matern', [
  {
    label: 'Matern 3/2, isotropic, two dimensions out of order',
    spec: { type: 'matern32', dims: [2, 0], params: { variance: 0.7, lengthscale: 0.9 } },
    formula:
      'variance * (1 + sqrt(3) * sqrt(sum(((x - z) ./ lengthscale) .^ 2))) * exp(-sqrt(3) * sqrt(sum(((x - z) ./ lengthscale) .^ 2)))',
    gpy: { between: 0.592421598094798, diagonal: 0.7 },
    perDim: ['lengthscale'],
  },
  {
    label: 'Matern 3/2, a lengthscale a dimension',
    spec: { type: 'matern32', dims: [0, 1, 2], params: { variance: 1.7, lengthscale: [0.7, 1.3, 2.1] } },
    formula:
      'variance * (1 + sqrt(3) * sqrt(sum(((x - z) ./ lengthscale) .^ 2))) * exp(-sqrt(3) * sqrt(sum(((x - z) ./ lengthscale) .^ 2)))',
    gpy: { between: 1.1258989975267968, diagonal: 1.7 },
    perDim: ['lengthscale'],
  },
  {
    label: 'Matern 5/2, isotropic, two dimensions out of order',
    spec: { type: 'matern52', dims: [2, 0], params: { variance: 0.7, lengthscale: 0.9 } },
    formula:
      'variance * (1 + sqrt(5) * sqrt(sum(((x - z) ./ lengthscale) .^ 2)) + 5 / 3 * sum(((x - z) ./ lengthscale) .^ 2)) * exp(-sqrt(5) * sqrt(sum(((x - z) ./ lengthscale) .^ 2)))',
    gpy: { between: 0.6182586902471291, diagonal: 0.7 },
    perDim: ['lengthscale'],
  },
  {
    label: 'Matern 5/2, a lengthscale a dimension',
    spec: { type: 'matern52', dims: [0, 1, 2], params: { variance: 1.7, lengthscale: [0.7, 1.3, 2.1] } },
    formula:
      'variance * (1 + sqrt(5) * sqrt(sum(((x - z) ./ lengthscale) .^ 2)) + 5 / 3 * sum(((x - z) ./ lengthscale) .^ 2)) * exp(-sqrt(5) * sqrt(sum(((x - z) ./ lengthscale) .^ 2)))',
    gpy: { between: 1.208869633225765, diagonal: 1.7 },
    perDim: ['lengthscale'],
  },
]);
