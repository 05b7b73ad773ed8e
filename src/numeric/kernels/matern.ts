import type { StationaryProfile } from '../linalg/panel-math.js';
import { StationaryKernel } from './stationary.js';

/** exp(-s) is zero from here on; keeps infinity out of the polynomial in front of it. */
const FAR = 1e3;

/** k = s2 (1 + s) exp(-s), s = sqrt(3) r. Rasmussen & Williams (2006), eq. (4.17), p. 85. */
export class Matern32Kernel extends StationaryKernel {
  protected override get profile(): StationaryProfile {
    return { shape: 'matern32', variance: this.variance };
  }

  protected values(r2: Float64Array): void {
    const { variance } = this;
    for (let i = 0; i < r2.length; i += 1) {
      const s = Math.min(Math.sqrt(3 * r2[i]), FAR);
      r2[i] = variance * (1 + s) * Math.exp(-s);
    }
  }

  protected slopes(r2: Float64Array): void {
    const { variance } = this;
    for (let i = 0; i < r2.length; i += 1) r2[i] = -3 * variance * Math.exp(-Math.sqrt(3 * r2[i]));
  }
}

/** k = s2 (1 + s + s^2/3) exp(-s), s = sqrt(5) r. Rasmussen & Williams (2006), eq. (4.17), p. 85. */
export class Matern52Kernel extends StationaryKernel {
  protected override get profile(): StationaryProfile {
    return { shape: 'matern52', variance: this.variance };
  }

  protected values(r2: Float64Array): void {
    const { variance } = this;
    for (let i = 0; i < r2.length; i += 1) {
      const s = Math.min(Math.sqrt(5 * r2[i]), FAR);
      r2[i] = variance * (1 + s + (s * s) / 3) * Math.exp(-s);
    }
  }

  protected slopes(r2: Float64Array): void {
    const { variance } = this;
    for (let i = 0; i < r2.length; i += 1) {
      const s = Math.min(Math.sqrt(5 * r2[i]), FAR);
      r2[i] = (-5 / 3) * variance * (1 + s) * Math.exp(-s);
    }
  }
}
