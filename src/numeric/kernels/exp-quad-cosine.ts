import type { StationaryProfile } from '../linalg/panel-math.js';
import type { LeafSpec } from './leaf-spec.js';
import { StationaryKernel } from './stationary.js';

const TWO_PI = 2 * Math.PI;
const TWO_PI_SQUARED = 2 * Math.PI ** 2;

/** k = s2 exp(-2 pi^2 r^2) cos(2 pi r / period). GPy's ExpQuadCosine: one component of a spectral mixture. */
export class ExpQuadCosineKernel extends StationaryKernel {
  readonly #frequency: number;

  constructor(leaf: LeafSpec) {
    super(leaf, 'lengthscale', ['period']);
    this.#frequency = TWO_PI / leaf.positive('period');
  }

  protected override get profile(): StationaryProfile {
    return { shape: 'exp-quad-cosine', variance: this.variance, parameter: this.#frequency };
  }

  protected values(r2: Float64Array): void {
    const { variance } = this;
    const frequency = this.#frequency;
    for (let i = 0; i < r2.length; i += 1) {
      const phase = Math.min(frequency * Math.sqrt(r2[i]), Number.MAX_VALUE);
      r2[i] = variance * Math.exp(-TWO_PI_SQUARED * r2[i]) * Math.cos(phase);
    }
  }

  /** dk/dperiod = s2 exp(-2 pi^2 r^2) sin(2 pi r / period) 2 pi r / period^2 */
  protected override slopesBy(_period: string, r2: Float64Array): void {
    const { variance } = this;
    const frequency = this.#frequency;
    for (let i = 0; i < r2.length; i += 1) {
      const phase = Math.min(frequency * Math.sqrt(r2[i]), Number.MAX_VALUE);
      const envelope = variance * Math.exp(-TWO_PI_SQUARED * r2[i]);
      r2[i] = envelope === 0 ? 0 : (envelope * Math.sin(phase) * phase * frequency) / TWO_PI;
    }
  }

  protected slopes(r2: Float64Array): void {
    const { variance } = this;
    const frequency = this.#frequency;
    for (let i = 0; i < r2.length; i += 1) {
      const r = Math.sqrt(r2[i]);
      const phase = Math.min(frequency * r, Number.MAX_VALUE);
      const sine = r === 0 ? frequency : Math.sin(phase) / r;
      const envelope = variance * Math.exp(-TWO_PI_SQUARED * r2[i]);
      r2[i] = -envelope * (2 * TWO_PI_SQUARED * Math.cos(phase) + frequency * sine);
    }
  }
}
