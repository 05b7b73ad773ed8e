/** Taylor coefficients of 1 / Gamma(1 + x), by x^k. Abramowitz & Stegun (1964), 6.1.34, shifted by one. */
const RECIPROCAL_GAMMA = [
  1, 0.5772156649015329, -0.6558780715202539, -0.04200263503409524, 0.16653861138229148, -0.04219773455554433,
  -0.009621971527876973, 0.0072189432466631, -0.0011651675918590652, -0.00021524167411495098,
  0.0001280502823881162, -2.013485478078824e-5, -1.2504934821426706e-6, 1.133027231981696e-6,
  -2.056338416977607e-7, 6.116095104481416e-9, 5.002007644469223e-9, -1.18127457048702e-9,
  1.0434267116911005e-10, 7.782263439905071e-12, -3.696805618642206e-12, 5.100370287454476e-13,
];

/** From here on the continued fraction converges faster than the series. */
const SERIES_END = 2;
const MOST_TERMS = 10_000;

/** 1 / Gamma(1 + x) for -1/2 <= x <= 1/2. */
export function reciprocalGammaOf1Plus(x: number): number {
  const { even, odd } = gammaParts(x);
  return even + x * odd;
}

/** 1 / Gamma(1 + x) = even + x odd, both even functions of x. */
function gammaParts(x: number): { even: number; odd: number } {
  const square = x * x;
  let even = 0;
  let odd = 0;
  for (let k = RECIPROCAL_GAMMA.length - 2; k >= 0; k -= 2) {
    even = even * square + RECIPROCAL_GAMMA[k];
    odd = odd * square + RECIPROCAL_GAMMA[k + 1];
  }
  return { even, odd };
}

/**
 * The modified Bessel functions of the second kind [K_mu(x), K_{mu+1}(x)] for -1/2 <= mu <= 1/2 and x > 0; 0 where they
 * are below the smallest double. Temme (1975), "On the numerical evaluation of the modified Bessel function of the third
 * kind", J. Comput. Phys. 19: his series for small x, his continued fraction for the others. Accurate to some 1e-15.
 */
export function besselKPair(mu: number, x: number): [number, number] {
  if (Math.exp(-x) === 0) return [0, 0];
  return x <= SERIES_END ? series(mu, x) : continuedFraction(mu, x);
}

/** Temme (1975), section 1: K_mu = sum c_k f_k and K_{mu+1} = (2/x) sum c_k (p_k - k f_k), c_k = (x/2)^(2k) / k!. */
function series(mu: number, x: number): [number, number] {
  const { even, odd } = gammaParts(mu);
  const logarithm = Math.log(2 / x);
  const sigma = mu * logarithm;
  const sine = Math.PI * mu;
  const reflection = sine === 0 ? 1 : sine / Math.sin(sine);
  const shape = sigma === 0 ? 1 : Math.sinh(sigma) / sigma;
  let f = reflection * (even * logarithm * shape - odd * Math.cosh(sigma));
  const growth = Math.exp(sigma);
  let p = (0.5 * growth) / (even + mu * odd);
  let q = 0.5 / (growth * (even - mu * odd));
  const square = (x * x) / 4;
  let c = 1;
  let lower = f;
  let upper = p;
  for (let k = 1; k < MOST_TERMS; k += 1) {
    f = (k * f + p + q) / (k * k - mu * mu);
    p /= k - mu;
    q /= k + mu;
    c *= square / k;
    const term = c * f;
    lower += term;
    upper += c * (p - k * f);
    if (Math.abs(term) < Math.abs(lower) * 1e-17) break;
  }
  return [lower, (2 / x) * upper];
}

/**
 * Temme (1975), section 3, in Steed's form: z_k = U(mu + 1/2 + k, 2 mu + 1, 2x) satisfies a three-term recurrence, whose
 * minimal solution gives the ratio z_1 / z_0, and a weighted sum of it K_mu itself.
 */
function continuedFraction(mu: number, x: number): [number, number] {
  const first = 0.25 - mu * mu;
  let b = 2 * (1 + x);
  let d = 1 / b;
  let ratioStep = d;
  let ratio = d;
  let before = 0;
  let weight = 1;
  let c = first;
  let q = first;
  let a = -first;
  let sum = 1 + q * ratioStep;
  for (let k = 2; k < MOST_TERMS; k += 1) {
    a -= 2 * (k - 1);
    c *= -a / k;
    const next = (before - b * weight) / a;
    before = weight;
    weight = next;
    q += c * next;
    b += 2;
    d = 1 / (b + a * d);
    ratioStep *= b * d - 1;
    ratio += ratioStep;
    const term = q * ratioStep;
    sum += term;
    if (Math.abs(term) < Math.abs(sum) * 1e-17) break;
  }
  const lower = (Math.sqrt(Math.PI / (2 * x)) * Math.exp(-x)) / sum;
  return [lower, (lower * (mu + x + 0.5 - first * ratio)) / x];
}
