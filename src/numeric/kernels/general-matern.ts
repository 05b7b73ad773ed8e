import { KernelSpecError } from '../errors.js';
import { MaternFunction } from '../special/matern-function.js';
import type { LeafSpec } from './leaf-spec.js';
import { StationaryKernel } from './stationary.js';

/** Above, the function is that of RBF but for some thousandths, and the recurrence for it takes as many steps. */
const LARGEST_NU = 500;

/**
 * k = s2 2^(1-nu) / Gamma(nu) t^nu K_nu(t), t = sqrt(2 nu) r, of any smoothness nu. Rasmussen & Williams (2006), eq.
 * (4.14), p. 84. For nu = 1/2, 3/2 and 5/2 there are kernels of their own, which are much faster.
 */
export class GeneralMaternKernel extends StationaryKernel {
  readonly #nu: number;
  readonly #function: MaternFunction;

  constructor(leaf: LeafSpec) {
    super(leaf);
    this.#nu = leaf.positive('nu');
    if (this.#nu > LARGEST_NU) {
      throw new KernelSpecError(
        `${leaf.path} (matern): "nu" must be at most ${LARGEST_NU}, got ${this.#nu}: use "rbf".`,
      );
    }
    this.#function = new MaternFunction(this.#nu);
  }

  protected values(r2: Float64Array): void {
    for (let i = 0; i < r2.length; i += 1)
      r2[i] = this.variance * this.#function.value(Math.sqrt(2 * this.#nu * r2[i]));
  }

  /** (dk/dr) / r = 2 nu (dk/dt) / t. Where it is infinite at 0 (nu of at most 1) it is taken as 0. */
  protected slopes(r2: Float64Array): void {
    const factor = 2 * this.#nu * this.variance;
    for (let i = 0; i < r2.length; i += 1) {
      const t = Math.sqrt(2 * this.#nu * r2[i]);
      r2[i] = t === 0 && this.#nu <= 1 ? 0 : factor * this.#function.slope(t);
    }
  }
}
