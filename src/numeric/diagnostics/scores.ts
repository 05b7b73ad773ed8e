import { normalQuantile } from '../random/normal.js';

/** Central intervals whose coverage is counted, in percent. */
export const INTERVALS: readonly number[] = [50, 80, 90, 95];

/** How well predictions of N values of one output agree with what was observed. Null: not defined for these data. */
export interface Scores {
  readonly rows: number;
  /** Root of the mean squared error, in the output's unit. */
  readonly rmse: number | null;
  /** Mean absolute error, in the output's unit. */
  readonly mae: number | null;
  /** 1 - sum of squared errors / sum of squares about the observed mean; null where all are equal. */
  readonly q2: number | null;
  /** What a variance is needed for. */
  readonly predictive?: PredictiveScores;
}

export interface PredictiveScores {
  /** Mean negative log predictive density, in nats, of the outputs in their own unit. */
  readonly nlpd: number | null;
  /** `nlpd` minus that of a normal distribution with the observed mean and variance: below 0 is better than that. */
  readonly msll: number | null;
  /** Share of the rows that lie in their central interval, by percent. */
  readonly coverage: Readonly<Record<string, number>>;
  /** Of (observed - mean) / sqrt(variance): mean 0, deviation 1, skewness 0 and excess kurtosis 0 are ideal. */
  readonly standardised: {
    readonly mean: number | null;
    readonly deviation: number | null;
    readonly skewness: number | null;
    readonly excessKurtosis: number | null;
  };
}

/**
 * Scores of one output: N observed values, predicted means and, where there are any, variances of the observed value.
 * MSLL is the mean standardised log loss of Rasmussen & Williams (2006), p. 23, against the observations scored here.
 */
export function scorePredictions(
  observed: Float64Array,
  mean: Float64Array,
  variance?: Float64Array,
): Scores {
  const N = observed.length;
  const centre = average(observed);
  let squares = 0;
  let absolutes = 0;
  let spread = 0;
  for (let i = 0; i < N; i += 1) {
    const error = observed[i] - mean[i];
    squares += error * error;
    absolutes += Math.abs(error);
    spread += (observed[i] - centre) ** 2;
  }
  // A sum of rounding errors is no spread.
  const isConstant = spread <= N * (4 * Number.EPSILON * centre) ** 2;
  return {
    rows: N,
    rmse: finite(Math.sqrt(squares / N)),
    mae: finite(absolutes / N),
    q2: isConstant ? null : finite(1 - squares / spread),
    ...(variance && {
      predictive: scoreDensities(observed, mean, variance, isConstant ? 0 : spread / N),
    }),
  };
}

/** (observed - mean) / sqrt(variance), N numbers: 0 for an error of 0, infinite for another without a variance. */
export function standardisedResiduals(
  observed: Float64Array,
  mean: Float64Array,
  variance: Float64Array,
): Float64Array {
  return observed.map((value, i) => {
    const error = value - mean[i];
    return error === 0 ? 0 : error / Math.sqrt(variance[i]);
  });
}

function scoreDensities(
  observed: Float64Array,
  mean: Float64Array,
  variance: Float64Array,
  observedVariance: number,
): PredictiveScores {
  const N = observed.length;
  const standardised = standardisedResiduals(observed, mean, variance);
  let loss = 0;
  for (let i = 0; i < N; i += 1) {
    loss += 0.5 * (Math.log(2 * Math.PI * variance[i]) + standardised[i] ** 2);
  }
  const nlpd = loss / N;
  const trivial = 0.5 * (Math.log(2 * Math.PI * observedVariance) + 1);
  const coverage = INTERVALS.map((percent) => {
    const z = normalQuantile(0.5 + percent / 200);
    const inside = standardised.reduce((count, value) => (Math.abs(value) <= z ? count + 1 : count), 0);
    return [String(percent), inside / N] as const;
  });
  return {
    nlpd: finite(nlpd),
    msll: finite(nlpd - trivial),
    coverage: Object.fromEntries(coverage),
    standardised: moments(standardised),
  };
}

function moments(values: Float64Array): PredictiveScores['standardised'] {
  const mean = average(values);
  const central = (power: number): number => average(values.map((value) => (value - mean) ** power));
  const variance = central(2);
  return {
    mean: finite(mean),
    deviation: finite(Math.sqrt(variance)),
    skewness: finite(central(3) / variance ** 1.5),
    excessKurtosis: finite(central(4) / variance ** 2 - 3),
  };
}

function average(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
