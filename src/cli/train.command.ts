import { createReadStream } from 'node:fs';
import { stat, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { DiagnosticsService } from '../diagnostics/diagnostics.service.js';
import type { ModelLoader } from '../repository/model-loader.js';
import { fileFormat } from '../train/data/data-format.js';
import { readAll } from '../train/data-receiver.js';
import { DataFormatError } from '../train/train-errors.js';
import { settingsFromTexts } from '../train/train-request.js';
import type { TrainingService } from '../train/training.service.js';
import type { Print } from './commands.js';
import type { ProgressBar } from './progress-bar.js';

export interface TrainCommand {
  readonly file: string;
  /** As in a query of POST /train. */
  readonly settings: Readonly<Record<string, string>>;
  /** Where the model goes; into the models folder without it. */
  readonly out?: string;
}

export interface TrainServices {
  readonly training: TrainingService;
  readonly diagnostics: DiagnosticsService;
  readonly loader: ModelLoader;
}

/** Trains a model on a data file, and says what has come of it. Returns the exit code. */
export async function train(
  { file, settings, out }: TrainCommand,
  { training, diagnostics, loader }: TrainServices,
  bar: ProgressBar,
  print: Print,
): Promise<number> {
  const body = await readAll(createReadStream(file));
  const format = fileFormat(basename(file), undefined, body.subarray(0, 1024));
  if (format === undefined) throw new DataFormatError(undefined);
  const prepared = await training.prepare(format, body, settingsFromTexts(settings));
  if (out === undefined) training.requireWritable(prepared.target);
  const { X } = prepared.data;
  print(
    `${file}: ${X.rows} points, inputs ${prepared.data.inputs.join(', ')}; outputs ${prepared.data.outputs.join(', ')}`,
  );
  const { signal } = new AbortController();
  const trained = await training
    .train(prepared, {
      signal,
      log: (line) => bar.say(line),
      share: training.shareHere(prepared, signal),
      progress: (done, total) => bar.show(done, total),
    })
    .finally(() => bar.end());
  let path = out;
  if (path === undefined) {
    const entry = await training.commit(prepared.target, trained);
    print(`version ${entry.version} of ${entry.name}, sha256 ${entry.file.sha256}`);
    const found = await diagnostics.diagnoseEntry(entry);
    report(trained.facts, found, trained.warnings, print);
    return 0;
  }
  path = path.endsWith(trained.extension) ? path : `${path}${trained.extension}`;
  await writeFile(path, trained.content, { flag: 'wx' });
  const opened = await loader.open(path);
  try {
    print(`${path}: ${(await stat(path)).size} bytes, sha256 ${opened.sha256}`);
    report(trained.facts, await diagnostics.diagnose(opened), trained.warnings, print);
  } finally {
    opened.model.release();
  }
  return 0;
}

type Found = Awaited<ReturnType<DiagnosticsService['diagnose']>>;

function report(
  facts: Readonly<Record<string, unknown>>,
  { leaveOneOut, withoutLeaveOneOut, warnings }: Found,
  trainingWarnings: readonly string[],
  print: Print,
): void {
  const hyperparameters = facts.hyperparameters as Readonly<Record<string, unknown>>;
  const isBound = facts.objective === 'elbo';
  const value = Number(facts.logMarginalLikelihood).toPrecision(10);
  print(
    `log marginal likelihood: ${value}${isBound ? ` (lower bound, ${String(facts.inducing)} inducing points)` : ''}`,
  );
  print(`kernel: ${String(hyperparameters.kernel)}`);
  if (hyperparameters.noise !== undefined)
    print(`noise variance: ${Number(hyperparameters.noise).toPrecision(6)}`);
  for (const { output, q2, rmse } of leaveOneOut?.outputs ?? []) {
    print(
      `${output}: Q² ${q2?.toPrecision(6) ?? 'unknown'}, RMSE ${rmse?.toPrecision(4) ?? 'unknown'} (leave-one-out)`,
    );
  }
  if (withoutLeaveOneOut !== undefined) print(withoutLeaveOneOut);
  for (const warning of trainingWarnings) print(`warning: ${warning}`);
  for (const { severity, message } of warnings) print(`${severity}: ${message}`);
}
