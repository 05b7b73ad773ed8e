import { describeKernel } from './kernel.contract.js';

describeKernel('poly', [
  {
    label: 'cubic',
    spec: { type: 'poly', dims: [0, 1, 2], params: { variance: 0.4, scale: 0.3, bias: 1.2, order: 3 } },
    formula: 'variance * (scale * sum(x .* z) + bias) ^ order',
    gpy: { between: 1.8066688308, diagonal: 2.5367592204 },
  },
  {
    label: 'quadratic, two dimensions out of order',
    spec: { type: 'poly', dims: [2, 0], params: { variance: 0.4, scale: 0.3, bias: 1.2, order: 2 } },
    formula: 'variance * (scale * sum(x .* z) + bias) ^ order',
    gpy: { between: 0.9108324, diagonal: 0.8054244000000002 },
  },
]);
