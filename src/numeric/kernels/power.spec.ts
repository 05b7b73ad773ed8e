import { describe, expect, it } from 'vitest';
import { describeKernel } from './kernel.contract.js';
import type { KernelSpec } from './kernel-spec.js';
import { buildKernel } from './kernels.js';

const rbf: KernelSpec = {
  type: 'rbf',
  dims: [0, 1, 2],
  params: { variance: 1.2, lengthscale: [0.7, 1.3, 2.1] },
};

describeKernel('power', [
  {
    label: 'of an RBF, not whole',
    spec: { type: 'power', params: { exponent: 1.5 }, parts: [rbf] },
    formula: '(1.2 * exp(-sum(((x - z) ./ [0.7, 1.3, 2.1]) .^ 2) / 2)) ^ exponent',
    sklearn: { between: 0.9166111470366194, diagonal: 1.3145341380123985 },
  },
  {
    label: 'of a sum',
    spec: {
      type: 'power',
      params: { exponent: 2 },
      parts: [
        {
          type: 'sum',
          parts: [
            { type: 'bias', dims: [0], params: { variance: 0.25 } },
            { type: 'linear', dims: [0, 1, 2], params: { variances: 1 } },
            { type: 'rbf', dims: [0, 1, 2], params: { variance: 1.5, lengthscale: 1.3 } },
          ],
        },
      ],
    },
    formula: '(0.25 + sum(x .* z) + 1.5 * exp(-sum(((x - z) / 1.3) .^ 2) / 2)) ^ exponent',
    sklearn: { between: 8.728553393256089, diagonal: 15.366399999999999 },
  },
]);

describe('power', () => {
  const power = (spec: Partial<KernelSpec>): (() => unknown) => {
    return () => buildKernel({ type: 'power', ...spec }, 3);
  };

  it('has one part, a positive exponent and nothing else', () => {
    expect(power({ params: { exponent: 2 }, parts: [rbf, rbf] })).toThrow('one part');
    expect(power({ params: { exponent: 0 }, parts: [rbf] })).toThrow('above 0');
    expect(power({ params: { exponent: 2, x: 1 }, parts: [rbf] })).toThrow('unknown parameter');
    expect(power({ params: { exponent: 2 } })).toThrow('"parts"');
    expect(power({ params: { exponent: 2 }, parts: [rbf], dims: [0] })).toThrow('"dims"');
  });
});
