import type { LeafSpec } from './leaf-spec.js';
import { StationaryKernel } from './stationary.js';

/**
 * k = s2 exp(-2 (sin(pi d / period) / lengthscale)^2), d the Euclidean distance: scikit-learn's ExpSineSquared. Rasmussen
 * & Williams (2006), eq. (4.31), p. 92, of d instead of one input. GPy's periodic kernel has one sine an input, and 1/2 in
 * the place of 2.
 */
export class ExpSineSquaredKernel extends StationaryKernel {
  readonly #lengthscale: number;

  constructor(leaf: LeafSpec) {
    super(leaf, 'period', ['lengthscale']);
    this.#lengthscale = leaf.positive('lengthscale');
  }

  /** Of r = d / period. */
  protected values(r2: Float64Array): void {
    const { variance } = this;
    for (let i = 0; i < r2.length; i += 1) {
      const t = Math.sin(Math.PI * finite(Math.sqrt(r2[i]))) / this.#lengthscale;
      r2[i] = variance * Math.exp(-2 * t * t);
    }
  }

  /** dk/dlengthscale = k 4 sin(pi r)^2 / lengthscale^3 */
  protected override slopesBy(_lengthscale: string, r2: Float64Array): void {
    const { variance } = this;
    const lengthscale = this.#lengthscale;
    for (let i = 0; i < r2.length; i += 1) {
      const t = Math.sin(Math.PI * finite(Math.sqrt(r2[i]))) / lengthscale;
      r2[i] = (4 * t * t * variance * Math.exp(-2 * t * t)) / lengthscale;
    }
  }

  /** (dk/dr) / r = -k 2 pi sin(2 pi r) / (r lengthscale^2), whose limit at 0 is -k (2 pi / lengthscale)^2. */
  protected slopes(r2: Float64Array): void {
    const { variance } = this;
    const lengthscale = this.#lengthscale;
    for (let i = 0; i < r2.length; i += 1) {
      const r = finite(Math.sqrt(r2[i]));
      const t = Math.sin(Math.PI * r) / lengthscale;
      const ratio = r === 0 ? 2 * Math.PI : Math.sin(2 * Math.PI * r) / r;
      r2[i] = (-2 * Math.PI * variance * Math.exp(-2 * t * t) * ratio) / (lengthscale * lengthscale);
    }
  }
}

/** Beyond all digits of the period any phase is as good as another. */
function finite(r: number): number {
  return Math.min(r, Number.MAX_VALUE);
}
