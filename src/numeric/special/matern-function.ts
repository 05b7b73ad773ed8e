import { besselKPair, reciprocalGammaOf1Plus } from './bessel-k.js';

/**
 * M_nu(t) = 2^(1-nu) / Gamma(nu) t^nu K_nu(t), the Matern correlation at t = sqrt(2 nu) r: 1 at t = 0, falling to 0.
 *
 * K_{nu+1} = K_{nu-1} + (2 nu / t) K_nu (Abramowitz & Stegun, 9.6.26) becomes, without numbers that could overflow and
 * with positive terms only,
 *
 *   M_{nu+1} = M_nu + t^2 / (4 nu (nu - 1)) M_{nu-1}
 */
export class MaternFunction {
  /** nu = mu + n, -1/2 <= mu <= 1/2. */
  readonly #mu: number;
  readonly #n: number;
  /** 1 / Gamma(1 + mu) */
  readonly #reciprocalGamma: number;

  /** `nu` must be positive. */
  constructor(readonly nu: number) {
    this.#n = Math.round(nu);
    this.#mu = nu - this.#n;
    this.#reciprocalGamma = reciprocalGammaOf1Plus(this.#mu);
  }

  value(t: number): number {
    return t === 0 ? 1 : this.#at(t, this.#n);
  }

  /** (dM_nu/dt) / t = -2^(1-nu) / Gamma(nu) t^(nu-1) K_{nu-1}(t). Infinite at 0 for nu of at most 1. */
  slope(t: number): number {
    const { nu } = this;
    const mu = this.#mu;
    if (this.#n >= 2) return (t === 0 ? -1 : -this.#at(t, this.#n - 1)) / (2 * (nu - 1));
    if (t === 0) return nu > 1 ? -1 / (2 * (nu - 1)) : -Infinity;
    // K_{nu-1} = K_{1-nu}: the pair of order -mu has it where nu = mu, that of mu where nu = mu + 1.
    const isSmall = this.#n === 0;
    const bessel = isSmall ? besselKPair(-mu, t)[1] : besselKPair(mu, t)[0];
    const reciprocalGammaOfNu = isSmall ? nu * this.#reciprocalGamma : this.#reciprocalGamma;
    return bessel === 0 ? 0 : -(2 ** (1 - nu)) * reciprocalGammaOfNu * t ** (nu - 1) * bessel;
  }

  /** M of order mu + n, for n of at least 1, or the whole nu. */
  #at(t: number, n: number): number {
    const mu = this.#mu;
    const [lower, upper] = besselKPair(mu, t);
    if (upper === 0) return 0;
    // A_nu = 2^(1-nu) t^nu K_nu, which M_nu Gamma(nu) is.
    const a = 2 ** (1 - mu) * t ** mu * lower * this.#reciprocalGamma;
    if (n === 0) return mu * a;
    let current = 2 ** -mu * t ** (mu + 1) * upper * this.#reciprocalGamma;
    if (n === 1) return current;
    const square = (t * t) / 4;
    let before = current;
    current += (square * a) / (mu + 1);
    for (let k = 2; k < n; k += 1) {
      const order = mu + k;
      const next = current + (square / (order * (order - 1))) * before;
      before = current;
      current = next;
    }
    return current;
  }
}
