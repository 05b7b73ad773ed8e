import { readFile } from 'node:fs/promises';
import { detectFile } from '../common/media/detect.js';
import { ModelFileError } from '../models/model-errors.js';
import type { OutputScores } from '../diagnostics/diagnostics.dto.js';
import { DiagnosticsService } from '../diagnostics/diagnostics.service.js';
import { scoreOutputs } from '../diagnostics/score-outputs.js';
import { scoreWarnings } from '../diagnostics/score-warnings.js';
import { readTestSet } from '../diagnostics/test-set.js';
import { rounded } from '../diagnostics/warning-text.js';
import type { ModelLoader, OpenedModel } from '../repository/model-loader.js';
import type { Print } from './commands.js';

/** How far a model can be trusted: by its own training data, or by a test set in the file `test`. */
export async function diagnose(
  loader: ModelLoader,
  file: string,
  { manifest, test }: { readonly manifest: string | undefined; readonly test: string | undefined },
  print: Print,
): Promise<number> {
  const opened = await loader.open(file, manifest);
  try {
    print(`${file}: ${opened.format}`);
    for (const line of await (test === undefined ? ownLines(opened) : testLines(opened, test))) {
      print(`  ${line}`);
    }
    return 0;
  } finally {
    opened.model.release();
  }
}

async function ownLines(opened: OpenedModel): Promise<string[]> {
  const found = await new DiagnosticsService().diagnose(opened);
  const { points, pointsAre, logMarginalLikelihood, conditionNumber, leaveOneOut, warnings } = found;
  const facts = [
    `${points} ${pointsAre} points`,
    ...(logMarginalLikelihood === undefined
      ? []
      : [`log marginal likelihood ${logMarginalLikelihood.toPrecision(6)}`]),
    ...(conditionNumber === undefined ? [] : [`condition number ${rounded(conditionNumber)}`]),
  ];
  return [
    facts.join(', '),
    ...(leaveOneOut?.outputs.map((scores) => `left out one by one: ${scoresLine(scores)}`) ?? []),
    ...(found.withoutLeaveOneOut === undefined ? [] : [found.withoutLeaveOneOut]),
    ...warnings.map(({ severity, message }) => `${severity}: ${message}`),
  ];
}

async function testLines({ model, inputs, outputs }: OpenedModel, test: string): Promise<string[]> {
  const body = await readFile(test);
  const format = detectFile(test, undefined, body.subarray(0, 1024));
  if (!format) throw new ModelFileError('The test set is in no known format: CSV, JSON, npy or npz.');
  const [inputNames, outputNames] = [inputs, outputs].map((list) => list.map(({ name }) => name));
  const { X, Y } = readTestSet({
    format,
    body,
    inputs: inputNames,
    outputs: outputNames,
    maxBytes: Infinity,
  });
  const { mean, variance } = await model.predict(X, {});
  const scored = scoreOutputs({ observed: Y, mean, ...(variance && { variance }) }, outputNames, 0);
  const warnings = scored.flatMap((output) => scoreWarnings(output, 'test'));
  return [
    ...scored.map(({ scores }) => `test set of ${scores.rows} rows: ${scoresLine(scores)}`),
    ...warnings.map(({ severity, message }) => `${severity}: ${message}`),
  ];
}

function scoresLine({ output, rmse, mae, q2, nlpd, coverage }: OutputScores): string {
  const number = (value: number | null): string => (value === null ? 'none' : value.toPrecision(4));
  const scores = [`RMSE ${number(rmse)}`, `MAE ${number(mae)}`, `Q² ${number(q2)}`];
  if (nlpd !== undefined) scores.push(`NLPD ${number(nlpd)}`);
  const shares = Object.entries(coverage ?? {});
  if (shares.length > 0) {
    const inside = shares.map(([percent, share]) => `${Math.round(100 * share)}% in the ${percent}%`);
    scores.push(`${inside.join(', ')} interval`);
  }
  return `${output}: ${scores.join(', ')}`;
}
