import { describeKernel } from './kernel.contract.js';

describeKernel('white', [
  {
    label: 'noise',
    spec: { type: 'white', dims: [0, 1, 2], params: { variance: 0.4 } },
    formula: 'same ? variance : 0',
    gpy: { between: 0.0, diagonal: 0.4 },
  },
]);
