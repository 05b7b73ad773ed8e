import type { StationaryProfile } from '../linalg/panel-math.js';
import { StationaryKernel } from './stationary.js';

/** k = s2 exp(-r). GPy's Exponential and OU (Matern 1/2); Rasmussen & Williams (2006), eq. (4.18), p. 85. */
export class ExponentialKernel extends StationaryKernel {
  protected override get profile(): StationaryProfile {
    return { shape: 'exponential', variance: this.variance };
  }

  protected values(r2: Float64Array): void {
    const { variance } = this;
    for (let i = 0; i < r2.length; i += 1) r2[i] = variance * Math.exp(-Math.sqrt(r2[i]));
  }

  protected slopes(r2: Float64Array): void {
    const { variance } = this;
    for (let i = 0; i < r2.length; i += 1) {
      const r = Math.sqrt(r2[i]);
      r2[i] = r === 0 ? 0 : (-variance * Math.exp(-r)) / r;
    }
  }
}
