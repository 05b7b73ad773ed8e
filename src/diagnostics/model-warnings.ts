import type { ModelDiagnostics } from '../models/model-diagnostics.js';
import type { Variable } from '../models/model.js';
import type { DiagnosticsWarning } from './diagnostics.dto.js';
import { listRows, rounded } from './warning-text.js';

/** So many times its range, a lengthscale leaves a nearly straight line. */
const LONG_LENGTHSCALE = 10;
/** Of the deviation of the mean: an input below it explains less than a hundredth of the variance. */
const LITTLE_EFFECT = 0.1;
/** Of the prior variance: what is left of it between points that tell nothing of each other. */
const NOTHING_KNOWN = 0.9;
/** With 16 digits, two are left of the weights. */
const ILL_CONDITIONED = 1e14;
/** Noise variance over prior variance: the data are taken as exact. */
const NOISE_FLOOR = 1e-6;
/** J. L. Loeppky, J. Sacks and W. J. Welch (2009), "Choosing the sample size of a computer experiment". */
const POINTS_AN_INPUT = 10;
/** In prior standard deviations. */
const FAR_FROM_PRIOR_MEAN = 3;
/** Of the range of an output: equal points of a deterministic model differ by no more. */
const EQUAL_OUTPUTS = 1e-6;

/** What a model's hyperparameters and training points give reason to say. */
export function modelWarnings(
  diagnostics: ModelDiagnostics,
  inputs: readonly Variable[],
  outputs: readonly Variable[],
): DiagnosticsWarning[] {
  return [
    ...inputWarnings(diagnostics, inputs, outputs.length),
    ...spacing(diagnostics, inputs),
    ...conditioning(diagnostics),
    ...noiseFloor(diagnostics),
    ...repeatedPoints(diagnostics, outputs),
    ...fewPoints(diagnostics, inputs),
    ...priorOffsets(diagnostics, outputs),
  ];
}

function inputWarnings(
  { points, inputs: ranges, effects }: ModelDiagnostics,
  inputs: readonly Variable[],
  outputs: number,
): DiagnosticsWarning[] {
  return inputs.flatMap(({ name, kind }, q): DiagnosticsWarning[] => {
    const { min, max, lengthscale } = ranges[q];
    if (kind === 'index' || points === 1) return [];
    if (min === max) {
      const message = `${name} is ${min} at every point: the model cannot know what it does elsewhere.`;
      return [{ code: 'INPUT_CONSTANT', severity: 'warning', message, input: name }];
    }
    const ratio = (lengthscale ?? 0) / (max - min);
    if (ratio < LONG_LENGTHSCALE) return [];
    const little = effects.row(q).every((effect) => !(effect >= LITTLE_EFFECT));
    const subject = outputs === 1 ? 'the output' : 'the outputs';
    const consequence = little
      ? `${subject} barely ${outputs === 1 ? 'depends' : 'depend'} on it`
      : `along it ${subject} ${outputs === 1 ? 'is' : 'are'} close to a straight line`;
    const message = `The lengthscale of ${name} is ${rounded(ratio)} times its range: ${consequence}.`;
    return [{ code: 'LENGTHSCALE_LONG', severity: 'note', message, input: name }];
  });
}

function spacing(
  { leaveOneOut, inputs: ranges }: ModelDiagnostics,
  inputs: readonly Variable[],
): DiagnosticsWarning[] {
  if (!leaveOneOut) return [];
  const left = median(leaveOneOut.relativeVariance);
  if (left <= NOTHING_KNOWN) return [];
  const ratios = ranges.map(({ min, max, lengthscale = Infinity }) => lengthscale / (max - min));
  const shortest = ratios.reduce((least, ratio, q) => (ratio < ratios[least] ? q : least), 0);
  const cause =
    ratios[shortest] < 1
      ? ` The shortest lengthscale is that of ${inputs[shortest].name}, ${rounded(ratios[shortest])} times its range.`
      : '';
  const percent = Math.floor(100 * left);
  const message = `Left out, a typical training point keeps ${percent}% of its prior variance: the model knows next to nothing between its points.${cause}`;
  return [
    {
      code: 'POINTS_TOO_FAR_APART',
      severity: 'warning',
      message,
      ...(cause !== '' && { input: inputs[shortest].name }),
    },
  ];
}

function conditioning({ conditionNumber = 0 }: ModelDiagnostics): DiagnosticsWarning[] {
  if (conditionNumber < ILL_CONDITIONED) return [];
  const message = `The covariance matrix of the training points has a condition number of about ${rounded(conditionNumber)}: rounding decides small variances, and may decide digits of the mean. A larger noise variance or nugget, or fewer points close together, would help.`;
  return [{ code: 'ILL_CONDITIONED', severity: 'warning', message }];
}

function noiseFloor({ leaveOneOut }: ModelDiagnostics): DiagnosticsWarning[] {
  if (!leaveOneOut || leaveOneOut.noiseToSignal > NOISE_FLOOR) return [];
  const message = `The noise variance is ${rounded(leaveOneOut.noiseToSignal)} of the prior variance: the model takes its data as exact, and runs through every training point.`;
  return [{ code: 'NOISE_AT_FLOOR', severity: 'note', message }];
}

function repeatedPoints(
  { repeated, leaveOneOut }: ModelDiagnostics,
  outputs: readonly Variable[],
): DiagnosticsWarning[] {
  if (repeated.length === 0) return [];
  const rows = repeated.map(({ row }) => row);
  const what = `${rows.length === 1 ? '1 point has' : `${rows.length} points have`} the same inputs as an earlier one (${listRows(rows)}, counted from 0)`;
  if (leaveOneOut && leaveOneOut.noiseToSignal <= NOISE_FLOOR) {
    const { observed } = leaveOneOut;
    const contradicted = outputs.findIndex((_, o) => {
      const values = observed.column(o);
      const allowed = EQUAL_OUTPUTS * rangeOf(values);
      return repeated.some(({ row, of }) => Math.abs(values[row] - values[of]) > allowed);
    });
    if (contradicted >= 0) {
      const { name } = outputs[contradicted];
      const message = `${what}, and another ${name}, but the model takes its data as exact: give it a noise variance.`;
      return [{ code: 'REPEATED_POINTS', severity: 'warning', message, output: name, rows }];
    }
  }
  return [{ code: 'REPEATED_POINTS', severity: 'note', message: `${what}.`, rows }];
}

function fewPoints(
  { points, leaveOneOut }: ModelDiagnostics,
  inputs: readonly Variable[],
): DiagnosticsWarning[] {
  const real = inputs.filter(({ kind }) => kind === 'real').length;
  if (!leaveOneOut || points >= POINTS_AN_INPUT * real) return [];
  const message = `${points} training ${points === 1 ? 'point' : 'points'} for ${real} ${real === 1 ? 'input' : 'inputs'}: a common rule is ${POINTS_AN_INPUT} an input.`;
  return [{ code: 'FEW_POINTS', severity: 'note', message }];
}

function priorOffsets({ leaveOneOut }: ModelDiagnostics, outputs: readonly Variable[]): DiagnosticsWarning[] {
  return (leaveOneOut?.priorOffset ?? []).flatMap((offset, o): DiagnosticsWarning[] => {
    if (offset < FAR_FROM_PRIOR_MEAN) return [];
    const { name } = outputs[o];
    const message = `The mean of ${name} is ${rounded(offset)} prior standard deviations from the prior mean, which the model falls back to away from its points: normalise the outputs, or give it a mean function.`;
    return [{ code: 'FAR_FROM_PRIOR_MEAN', severity: 'warning', message, output: name }];
  });
}

function median(values: Float64Array): number {
  const sorted = values.toSorted();
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

function rangeOf(values: Float64Array): number {
  return (
    values.reduce((a, b) => Math.max(a, b), -Infinity) - values.reduce((a, b) => Math.min(a, b), Infinity)
  );
}
