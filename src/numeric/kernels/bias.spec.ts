import { describeKernel } from './kernel.contract.js';

describeKernel('bias', [
  {
    label: 'a constant',
    spec: { type: 'bias', dims: [0, 1, 2], params: { variance: 0.4 } },
    formula: 'variance',
    gpy: { between: 0.4, diagonal: 0.4 },
  },
]);
