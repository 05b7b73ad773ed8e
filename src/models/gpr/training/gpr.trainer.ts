import type { Config } from '../../../common/config/config.js';
import type { TrainingResult } from '../../../numeric/training/training-result.js';
import { reviveMatrices } from '../../cloned.js';
import type { Provenance } from '../../provenance.js';
import type { GpEngine } from '../gp-engine.js';
import type {
  PlainValue,
  TrainedModel,
  Trainer,
  TrainingContext,
  TrainingData,
  TrainingSettings,
} from '../../trainer.js';
import { AUTO, GPR_SETTINGS, type GprSettings, readGprSettings } from './gpr-settings.js';
import { writeTrainedTask } from './fit.task.js';
import { CANDIDATES, informationCriterion } from './kernel-search.js';
import { plainResult, reviveResult } from './plain-result.js';
import { isTrainingFailure, TooManyPointsError, TrainingFailedError } from './training-errors.js';
import { factsOf } from './training-facts.js';
import { problemOf } from './training-problem-of.js';
import { screenTask, trainTask } from './train.task.js';

/** A search from one point, for one kernel. */
type Piece = { readonly kernel: string; readonly start: readonly number[] };

/** How it ended: see `plainResult`. */
type End = { readonly result: PlainValue } | { readonly failed: string };

interface Found {
  readonly kernel: string;
  readonly result: TrainingResult;
}

/** Trains Gaussian processes by maximum marginal likelihood, from several starting points. */
export class GprTrainer implements Trainer {
  readonly settings = GPR_SETTINGS;

  constructor(
    private readonly config: Config,
    private readonly engine: GpEngine,
  ) {}

  async check(given: Readonly<Record<string, unknown>>, data: TrainingData): Promise<TrainingSettings> {
    const settings = await readGprSettings(given, data);
    const { rows: n, cols: d } = data.X;
    if (n > settings.maxPoints) {
      throw new TooManyPointsError(n, settings.maxPoints, 'raise `maxPoints`, or train on fewer of them');
    }
    const { maxModelBytes } = this.config;
    if (8 * n * (n + d) > maxModelBytes) {
      const most = Math.floor((Math.sqrt(d * d + maxModelBytes / 2) - d) / 2);
      throw new TooManyPointsError(n, most, 'MAX_MODEL_BYTES must allow a factor of n x n numbers');
    }
    return settings as unknown as TrainingSettings;
  }

  async train(
    data: TrainingData,
    plain: TrainingSettings,
    provenance: Provenance,
    context: TrainingContext,
  ): Promise<TrainedModel> {
    const settings = plain as unknown as GprSettings;
    const { kernel, result } = await this.#search(data, settings, context);
    const { problem, outputNorm } = problemOf(kernel, settings, data);
    const { content, warnings } = await this.engine.run(
      writeTrainedTask,
      {
        X: problem.X,
        Y: problem.Y,
        kernel: result.kernel,
        noise: result.noise,
        mean: result.mean,
        outputNorm,
        inputs: data.inputs.map((name) => ({ name })),
        outputs: data.outputs.map((name) => ({ name })),
        warnings: result.warnings,
        provenance,
      },
      context.signal,
    );
    return { content, extension: '.safetensors', facts: factsOf(kernel, result, data, outputNorm), warnings };
  }

  async work(
    data: TrainingData,
    plain: TrainingSettings,
    piece: PlainValue,
    signal: AbortSignal,
  ): Promise<PlainValue> {
    const settings = plain as unknown as GprSettings;
    const { kernel, start } = piece as Piece;
    const { problem } = problemOf(kernel, settings, data);
    try {
      const input = { problem, start: Float64Array.from(start) };
      const result = await this.engine.run(trainTask, input, signal);
      return { result: plainResult(reviveMatrices(result)) };
    } catch (error) {
      // Another start may still end well.
      if (isTrainingFailure(error)) return { failed: error.message };
      throw error;
    }
  }

  /** Where searches are worth their time: with few data all starting points. */
  async #starts(
    kernel: string,
    data: TrainingData,
    settings: GprSettings,
    context: TrainingContext,
  ): Promise<Piece[]> {
    const { problem } = problemOf(kernel, settings, data);
    const { restarts, seed } = settings;
    try {
      const starts = await this.engine.run(screenTask, { problem, restarts, seed }, context.signal);
      return starts.map((start) => ({ kernel, start: [...start] }));
    } catch (error) {
      // Of several kernels, another may still do.
      if (settings.kernel !== AUTO || !isTrainingFailure(error)) throw error;
      context.log(`${kernel}: ${error.message}`);
      return [];
    }
  }

  /** The best end of all starts; of several kernels, the one that the data speak for. */
  async #search(data: TrainingData, settings: GprSettings, context: TrainingContext): Promise<Found> {
    const kernels = settings.kernel === AUTO ? CANDIDATES : [settings.kernel];
    const pieces: Piece[] = [];
    for (const kernel of kernels) pieces.push(...(await this.#starts(kernel, data, settings, context)));
    const ends = (await context.share(pieces)) as End[];
    const noise =
      typeof settings.noise === 'object' ? problemOf(kernels[0], settings, data).problem.noise : undefined;
    const known = noise?.type === 'known' ? noise.variances : 0;
    let best: Found | undefined;
    for (const kernel of kernels) {
      let found: Found | undefined;
      ends.forEach((end, i) => {
        if (pieces[i].kernel !== kernel || 'failed' in end) return;
        const result = reviveResult(end.result, known);
        // The first of equals, so that it does not matter which has ended first.
        if (!found || result.objective > found.result.objective) found = { kernel, result };
      });
      if (!found) continue;
      context.log(`${kernel}: log marginal likelihood ${found.result.logMarginalLikelihood.toPrecision(8)}`);
      if (!best || criterion(found, data) < criterion(best, data)) best = found;
    }
    if (best) return best;
    const reason = ends.find((end) => 'failed' in end)?.failed ?? 'no start of the search has ended';
    throw new TrainingFailedError(`No hyperparameters could be found: ${reason}`);
  }
}

function criterion({ result }: Found, { X }: TrainingData): number {
  return informationCriterion(result, X.rows);
}
