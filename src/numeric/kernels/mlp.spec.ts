import { describeKernel } from './kernel.contract.js';

describeKernel('mlp', [
  {
    label: 'one weight variance, two dimensions out of order',
    spec: { type: 'mlp', dims: [2, 0], params: { variance: 1.4, weight_variance: 0.8, bias_variance: 0.6 } },
    formula:
      'variance * 2 / pi * asin((sum(weight_variance * x .* z) + bias_variance) / sqrt(((sum(weight_variance * x .* x) + bias_variance) + 1) * ((sum(weight_variance * z .* z) + bias_variance) + 1)))',
    gpy: { between: 0.5505372007450025, diagonal: 0.5106637367544885 },
    perDim: ['weight_variance'],
  },
  {
    label: 'a weight variance a dimension',
    spec: {
      type: 'mlp',
      dims: [0, 1, 2],
      params: { variance: 1.4, weight_variance: [0.8, 1.7, 3.0], bias_variance: 0.6 },
    },
    formula:
      'variance * 2 / pi * asin((sum(weight_variance .* x .* z) + bias_variance) / sqrt(((sum(weight_variance .* x .* x) + bias_variance) + 1) * ((sum(weight_variance .* z .* z) + bias_variance) + 1)))',
    gpy: { between: 0.7056659519514717, diagonal: 0.8797797426773662 },
    perDim: ['weight_variance'],
  },
]);
