import type { StationaryProfile } from '../linalg/panel-math.js';
import { StationaryKernel } from './stationary.js';

/** k = s2 cos(r). GPy's Cosine; positive definite for one active dimension only. */
export class CosineKernel extends StationaryKernel {
  protected override get profile(): StationaryProfile {
    return { shape: 'cosine', variance: this.variance };
  }

  protected values(r2: Float64Array): void {
    const { variance } = this;
    for (let i = 0; i < r2.length; i += 1) {
      r2[i] = variance * Math.cos(Math.min(Math.sqrt(r2[i]), Number.MAX_VALUE));
    }
  }

  protected slopes(r2: Float64Array): void {
    const { variance } = this;
    for (let i = 0; i < r2.length; i += 1) {
      const r = Math.min(Math.sqrt(r2[i]), Number.MAX_VALUE);
      r2[i] = r === 0 ? -variance : (-variance * Math.sin(r)) / r;
    }
  }
}
