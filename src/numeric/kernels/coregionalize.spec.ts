import { describeKernel } from './kernel.contract.js';

describeKernel('coregionalize', [
  {
    label: 'three outputs of rank two',
    spec: {
      type: 'coregionalize',
      dims: [1],
      params: {
        W: [
          [0.6, -0.3],
          [0.2, 1.1],
          [-0.7, 0.4],
        ],
        kappa: [0.3, 0.5, 0.2],
      },
    },
    formula: 'sum(W[x[1] + 1, :] .* W[z[1] + 1, :]) + (x[1] == z[1] ? kappa[x[1] + 1] : 0)',
    gpy: { between: 0.3000000000000001, diagonal: 1.7500000000000002 },
    indexColumn: 1,
  },
]);
