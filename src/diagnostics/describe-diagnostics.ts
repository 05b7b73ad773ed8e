import type { ModelDiagnostics } from '../models/model-diagnostics.js';
import type { Variable } from '../models/model.js';
import type { Diagnostics, DiagnosticsWarning } from './diagnostics.dto.js';
import { modelWarnings } from './model-warnings.js';
import { scoreOutputs } from './score-outputs.js';
import { scoreWarnings } from './score-warnings.js';

const ASSUMES =
  'Each training point is predicted from all the others by the closed formula (Rasmussen & Williams, eq. 5.12): ' +
  'hyperparameters, mean function and normaliser stay as they were fitted to all points, which is a little kinder ' +
  'than fitting anew without each.';

/** A model's diagnostics in JSON, with the names of its variables; lists the `listed` largest residuals. */
export function describeDiagnostics(
  diagnostics: ModelDiagnostics,
  inputs: readonly Variable[],
  outputs: readonly Variable[],
  listed: number,
): Diagnostics {
  const { points, leaveOneOut, withoutLeaveOneOut, conditionNumber, index } = diagnostics;
  const names = outputs.map(({ name }) => name);
  const byIndex = index && { index: { name: inputs[index.input].name, values: index.values } };
  const scored = leaveOneOut ? scoreOutputs({ ...leaveOneOut, ...byIndex }, names, listed) : [];
  const warnings = [
    ...modelWarnings(diagnostics, inputs, outputs),
    ...scored.flatMap((output) => scoreWarnings(output, 'left out')),
  ];
  return {
    points,
    pointsAre: leaveOneOut ? 'training' : 'inducing',
    ...(leaveOneOut && {
      leaveOneOut: { assumes: ASSUMES, outputs: scored.map(({ scores }) => scores) },
      logMarginalLikelihood: leaveOneOut.logMarginalLikelihood,
      noiseToSignal: leaveOneOut.noiseToSignal,
    }),
    ...(withoutLeaveOneOut !== undefined && { withoutLeaveOneOut }),
    ...(conditionNumber !== undefined && { conditionNumber }),
    inputs: inputs.map(({ name }, q) => {
      const { min, max, lengthscale } = diagnostics.inputs[q];
      const effect = [...diagnostics.effects.row(q)];
      return {
        name,
        min,
        max,
        ...(lengthscale !== undefined && { lengthscale }),
        ...(lengthscale !== undefined && max > min && { lengthscaleToRange: lengthscale / (max - min) }),
        ...(effect.every(Number.isFinite) && {
          effect: Object.fromEntries(effect.map((value, o) => [names[o], value])),
        }),
      };
    }),
    warnings: warningsFirst(warnings),
  };
}

export function warningsFirst(warnings: readonly DiagnosticsWarning[]): DiagnosticsWarning[] {
  const of = (severity: DiagnosticsWarning['severity']): DiagnosticsWarning[] =>
    warnings.filter((warning) => warning.severity === severity);
  return [...of('warning'), ...of('note')];
}
