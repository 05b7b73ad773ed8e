import type { Prior } from './training-problem.js';

/** log p(theta) up to a constant, and its derivative by theta; theta must be positive. */
export function logPrior(prior: Prior, theta: number): { value: number; slope: number } {
  if (prior.type === 'gamma') {
    const { shape, rate } = prior;
    return { value: (shape - 1) * Math.log(theta) - rate * theta, slope: (shape - 1) / theta - rate };
  }
  const { mean, std } = prior;
  const z = (Math.log(theta) - mean) / std;
  return { value: -Math.log(theta) - 0.5 * z * z, slope: -(1 + z / std) / theta };
}
