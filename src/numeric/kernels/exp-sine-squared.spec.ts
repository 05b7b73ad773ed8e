import { describeKernel } from './kernel.contract.js';

const FORMULA = 'variance * exp(-2 * (sin(pi * sqrt(sum(((x - z) ./ period) .^ 2))) / lengthscale)^2)';

describeKernel('exp-sine-squared', [
  {
    label: 'three dimensions',
    spec: {
      type: 'exp-sine-squared',
      dims: [0, 1, 2],
      params: { variance: 1.7, lengthscale: 0.8, period: 2.3 },
    },
    formula: FORMULA,
    sklearn: { between: 0.11292294485762215, diagonal: 1.7 },
    // A covariance function of one input only.
    indefinite: true,
    perDim: ['period'],
  },
  {
    label: 'two dimensions out of order',
    spec: {
      type: 'exp-sine-squared',
      dims: [2, 0],
      params: { variance: 0.7, lengthscale: 1.4, period: 1.1 },
    },
    formula: FORMULA,
    sklearn: { between: 0.33074611179422475, diagonal: 0.7 },
    indefinite: true,
    perDim: ['period'],
  },
]);
