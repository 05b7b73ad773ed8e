import { describe, expect, it } from 'vitest';
import { KernelSpecError } from '../errors.js';
import { describeKernel } from './kernel.contract.js';
import { buildKernel } from './kernels.js';

const R2 = 'sum(((x - z) ./ lengthscale) .^ 2)';
/** For half of an odd number there is a closed form; the others are held to mpmath in ../special. */
const S = `sqrt(7 * ${R2})`;
const FORMULA = `variance * (1 + ${S} + 2 / 5 * ${S}^2 + ${S}^3 / 15) * exp(-${S})`;

describeKernel('general matern', [
  {
    label: 'nu = 7/2, isotropic, two dimensions out of order',
    spec: { type: 'matern', dims: [2, 0], params: { variance: 0.7, lengthscale: 0.9, nu: 3.5 } },
    formula: FORMULA,
    sklearn: { between: 0.6278517761911129, diagonal: 0.7 },
    perDim: ['lengthscale'],
  },
  {
    label: 'nu = 7/2, a lengthscale a dimension',
    spec: {
      type: 'matern',
      dims: [0, 1, 2],
      params: { variance: 1.7, lengthscale: [0.7, 1.3, 2.1], nu: 3.5 },
    },
    formula: FORMULA,
    sklearn: { between: 1.2467193607246696, diagonal: 1.7 },
    perDim: ['lengthscale'],
  },
]);

describe('general matern', () => {
  const matern = (nu: number): { type: string; params: Record<string, number> } => ({
    type: 'matern',
    params: { variance: 1, lengthscale: 1, nu },
  });

  it('refuses a nu so large that it is RBF', () => {
    expect(() => buildKernel(matern(501), 1)).toThrow(KernelSpecError);
    expect(() => buildKernel(matern(500), 1)).not.toThrow();
  });
});
