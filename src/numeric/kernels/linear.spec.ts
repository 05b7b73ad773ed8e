import { describeKernel } from './kernel.contract.js';

describeKernel('linear', [
  {
    label: 'one variance, two dimensions out of order',
    spec: { type: 'linear', dims: [2, 0], params: { variances: 0.4 } },
    formula: 'variances * sum(x .* z)',
    gpy: { between: 0.41200000000000003, diagonal: 0.29200000000000004 },
    perDim: ['variances'],
  },
  {
    label: 'a variance a dimension',
    spec: { type: 'linear', dims: [0, 1, 2], params: { variances: [0.4, 1.5, 2.0] } },
    formula: 'sum(variances .* x .* z)',
    gpy: { between: 2.5400000000000005, diagonal: 3.4760000000000004 },
    perDim: ['variances'],
  },
]);
