import { INTERVALS } from '../numeric/diagnostics/scores.js';
import type { DiagnosticsWarning } from './diagnostics.dto.js';
import type { ScoredOutput } from './score-outputs.js';
import { listRows, rounded } from './warning-text.js';

const LOW_Q2 = 0.5;
/** In predicted standard deviations: one row in 16,000 of normal errors. */
const OUTLIER = 4;
/** A share of rows further from its nominal value than this, and than three standard errors, is no chance. */
const COVERAGE_MARGIN = 0.1;
const STANDARD_ERRORS = 3;
/** Rows that moments of the residuals say something about. */
const ROWS_FOR_MOMENTS = 20;
/** Of the test of Jarque & Bera (1987), whose statistic is chi-squared with two degrees of freedom. */
const NOT_NORMAL = 1e-4;
const ROWS_IN_WARNING = 1000;

/** What the rows were: training points left out one by one, or a test set. */
export type ScoredRows = 'left out' | 'test';

/** What the scores of an output give reason to say. */
export function scoreWarnings(output: ScoredOutput, rows: ScoredRows): DiagnosticsWarning[] {
  return [
    ...explained(output, rows),
    ...outliers(output, rows),
    ...confidence(output, rows),
    ...normality(output),
  ].map((warning) => ({ ...warning, output: output.name }));
}

function explained(
  { scores: { output, q2, rows: count } }: ScoredOutput,
  rows: ScoredRows,
): DiagnosticsWarning[] {
  const points = rows === 'test' ? 'rows of the test set' : 'left-out points';
  if (q2 === null) {
    if (count === 1) return [];
    const where = rows === 'test' ? 'in all rows of the test set' : 'at all training points';
    const message = `${output} has the same value ${where}: there is nothing to explain, and no Q².`;
    return [{ code: 'OUTPUT_CONSTANT', severity: 'note', message }];
  }
  if (q2 >= LOW_Q2) return [];
  const comparison = q2 < 0 ? 'worse than' : 'little better than';
  const message = `Q² of ${output} is ${rounded(q2)}: ${points} are predicted ${comparison} by the mean of all.`;
  return [{ code: 'Q2_LOW', severity: 'warning', message }];
}

function outliers(
  { scores: { output }, standardised, rows: all }: ScoredOutput,
  rows: ScoredRows,
): DiagnosticsWarning[] {
  if (!standardised) return [];
  const far = [...standardised.keys()].filter((i) => Math.abs(standardised[i]) > OUTLIER);
  if (far.length === 0) return [];
  far.sort((a, b) => Math.abs(standardised[b]) - Math.abs(standardised[a]));
  const found = far.map((i) => all[i]);
  const from = rows === 'test' ? 'the model predicts' : 'the other points predict';
  const greatest = Math.abs(standardised[far[0]]);
  const worst = Number.isFinite(greatest) ? `, ${rounded(greatest)} at most` : '';
  const message = `${output} lies more than ${OUTLIER} standard deviations${worst} from what ${from} in ${listRows(found)} (counted from 0): outliers, or a model that is too sure of itself.`;
  return [{ code: 'OUTLIERS', severity: 'warning', message, rows: found.slice(0, ROWS_IN_WARNING) }];
}

/** By the interval whose share of rows is the most standard errors from what it should be. */
function confidence(
  { scores: { output, coverage, rows: N } }: ScoredOutput,
  rows: ScoredRows,
): DiagnosticsWarning[] {
  if (!coverage) return [];
  const found = INTERVALS.map((percent) => {
    const nominal = percent / 100;
    const deviation = coverage[percent] - nominal;
    const errors = deviation / Math.sqrt((nominal * (1 - nominal)) / N);
    return { percent, deviation, errors, inside: Math.round(coverage[percent] * N) };
  })
    .filter(
      ({ deviation, errors }) => Math.abs(deviation) > COVERAGE_MARGIN && Math.abs(errors) > STANDARD_ERRORS,
    )
    .sort((a, b) => Math.abs(b.errors) - Math.abs(a.errors))
    .at(0);
  if (!found) return [];
  const what = rows === 'test' ? 'rows of the test set' : 'left-out points';
  const fact = `${found.inside} of ${N} ${what} lie within the ${found.percent}% interval of ${output}`;
  return found.deviation < 0
    ? [
        {
          code: 'OVERCONFIDENT',
          severity: 'warning',
          message: `Only ${fact}: the model is over-confident, its variances are too small.`,
        },
      ]
    : [
        {
          code: 'UNDERCONFIDENT',
          severity: 'note',
          message: `${fact}: the model is under-confident, its variances are larger than they need be.`,
        },
      ];
}

function normality({ scores: { output, rows: N, standardised } }: ScoredOutput): DiagnosticsWarning[] {
  const { skewness = null, excessKurtosis = null } = standardised ?? {};
  if (N < ROWS_FOR_MOMENTS || skewness === null || excessKurtosis === null) return [];
  const statistic = (N / 6) * (skewness ** 2 + excessKurtosis ** 2 / 4);
  if (Math.exp(-statistic / 2) > NOT_NORMAL) return [];
  const message = `The standardised residuals of ${output} are not normal (skewness ${rounded(skewness)}, excess kurtosis ${rounded(excessKurtosis)}): intervals may hold more or less than they say.`;
  return [{ code: 'RESIDUALS_NOT_NORMAL', severity: 'note', message }];
}
