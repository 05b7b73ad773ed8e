import type { StationaryProfile } from '../linalg/panel-math.js';
import { StationaryKernel } from './stationary.js';

/** k = s2 exp(-r^2 / 2). GPy's RBF and ExpQuad; Rasmussen & Williams (2006), eq. (4.9), p. 83. */
export class RbfKernel extends StationaryKernel {
  protected override get profile(): StationaryProfile {
    return { shape: 'rbf', variance: this.variance };
  }

  protected values(r2: Float64Array): void {
    const { variance } = this;
    for (let i = 0; i < r2.length; i += 1) r2[i] = variance * Math.exp(-0.5 * r2[i]);
  }

  protected slopes(r2: Float64Array): void {
    const { variance } = this;
    for (let i = 0; i < r2.length; i += 1) r2[i] = -variance * Math.exp(-0.5 * r2[i]);
  }
}
