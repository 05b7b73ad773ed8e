import type { StationaryProfile } from '../linalg/panel-math.js';
import type { LeafSpec } from './leaf-spec.js';
import { StationaryKernel } from './stationary.js';

/**
 * k = s2 (1 + r^2/2)^(-power). GPy's RatQuad: unlike Rasmussen & Williams (2006), eq. (4.19), p. 86, and
 * scikit-learn, the power does not divide r^2.
 */
export class RatQuadKernel extends StationaryKernel {
  readonly #power: number;

  constructor(leaf: LeafSpec) {
    super(leaf, 'lengthscale', ['power']);
    this.#power = leaf.positive('power');
  }

  protected override get profile(): StationaryProfile {
    return { shape: 'ratquad', variance: this.variance, parameter: this.#power };
  }

  protected values(r2: Float64Array): void {
    const { variance } = this;
    const power = this.#power;
    for (let i = 0; i < r2.length; i += 1) r2[i] = variance * Math.exp(-power * Math.log1p(0.5 * r2[i]));
  }

  /** dk/dpower = -k log(1 + r^2/2) */
  protected override slopesBy(_power: string, r2: Float64Array): void {
    const { variance } = this;
    const power = this.#power;
    for (let i = 0; i < r2.length; i += 1) {
      const log = Math.log1p(0.5 * r2[i]);
      r2[i] = -variance * log * Math.exp(-power * log);
    }
  }

  protected slopes(r2: Float64Array): void {
    const factor = -this.variance * this.#power;
    const power = this.#power + 1;
    for (let i = 0; i < r2.length; i += 1) r2[i] = factor * Math.exp(-power * Math.log1p(0.5 * r2[i]));
  }
}
