import { describeKernel } from './kernel.contract.js';

describeKernel('sigmoid', [
  {
    label: 'with a negative bias',
    spec: { type: 'sigmoid', dims: [0, 1, 2], params: { variance: 1, scale: 0.6, bias: -0.2 } },
    formula: 'variance * tanh(scale * sum(x .* z) + bias)',
    sklearn: { between: 0.6081624090021611, diagonal: 0.801216275115395 },
    indefinite: true,
  },
  {
    label: 'two dimensions out of order',
    spec: { type: 'sigmoid', dims: [2, 0], params: { variance: 1, scale: 0.6, bias: 1 } },
    formula: 'variance * tanh(scale * sum(x .* z) + bias)',
    sklearn: { between: 0.9243335417285584, diagonal: 0.8932943980882354 },
    indefinite: true,
  },
]);
