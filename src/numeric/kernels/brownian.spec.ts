import { describeKernel } from './kernel.contract.js';

describeKernel('brownian', [
  {
    label: 'forwards and backwards',
    spec: { type: 'brownian', dims: [1], params: { variance: 1.3 } },
    formula: 'sign(x[1]) == sign(z[1]) ? variance * min(abs(x[1]), abs(z[1])) : 0',
    gpy: { between: 0.52, diagonal: 1.56 },
  },
]);
