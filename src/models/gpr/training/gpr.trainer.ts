import type { Config } from '../../../common/config/config.js';
import type { Matrix } from '../../../numeric/linalg/matrix.js';
import { reviveMatrices } from '../../cloned.js';
import type { Provenance } from '../../provenance.js';
import { type GpEngine, shareMatrix } from '../gp-engine.js';
import type {
  PlainValue,
  TrainedModel,
  Trainer,
  TrainingContext,
  TrainingData,
  TrainingSettings,
} from '../../trainer.js';
import { GPR_SETTINGS, type GprSettings, readGprSettings } from './gpr-settings.js';
import { writeTrainedTask } from './fit.task.js';
import { AUTO, CANDIDATES, informationCriterion } from './kernel-search.js';
import { type FoundResult, plainResult, reviveResult } from './plain-result.js';
import { isTrainingFailure, TrainingFailedError } from './training-errors.js';
import { factsOf } from './training-facts.js';
import { type NormalisedProblem, problemOf } from './training-problem-of.js';
import { screenTask, trainTask } from './train.task.js';

/** A search from one point, for one kernel. */
type Piece = { readonly kernel: string; readonly start: readonly number[] };

/** How it ended: see `plainResult`. */
type End = { readonly result: PlainValue } | { readonly failed: string };

interface Found {
  readonly kernel: string;
  readonly result: FoundResult;
}

/** The first look at many points takes so many of them, exactly. */
const MOST_SCREENED = 1000;

/** Trains Gaussian processes by maximum marginal likelihood, or its variational lower bound, from several starting points. */
export class GprTrainer implements Trainer {
  readonly settings = GPR_SETTINGS;
  /** Inputs of sparse trainings, where all workers see them: no piece of a search brings them along. */
  readonly #shared = new WeakMap<Matrix, Matrix>();

  constructor(
    private readonly config: Config,
    private readonly engine: GpEngine,
  ) {}

  async check(given: Readonly<Record<string, unknown>>, data: TrainingData): Promise<TrainingSettings> {
    return (await readGprSettings(given, data, this.config.maxModelBytes)) as unknown as TrainingSettings;
  }

  async train(
    data: TrainingData,
    plain: TrainingSettings,
    provenance: Provenance,
    context: TrainingContext,
  ): Promise<TrainedModel> {
    const settings = plain as unknown as GprSettings;
    const { kernel, result } = await this.#search(data, settings, context);
    const { problem, outputNorm } = this.#problem(kernel, settings, data);
    const { content, warnings } = await this.engine.run(
      writeTrainedTask,
      {
        X: problem.X,
        Y: problem.Y,
        kernel: result.kernel,
        noise: result.noise,
        mean: result.mean,
        inducingPoints: result.inducingPoints,
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
    const { problem } = this.#problem(kernel, settings, data);
    try {
      const input = { problem, start: Float64Array.from(start), inducing: settings.inducing };
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
    const { problem } = this.#problem(kernel, settings, data);
    const { restarts, seed } = settings;
    const mostPoints = settings.inducing === undefined ? undefined : MOST_SCREENED;
    try {
      const input = { problem, restarts, seed, mostPoints };
      const starts = await this.engine.run(screenTask, input, context.signal);
      return starts.map((start) => ({ kernel, start: [...start] }));
    } catch (error) {
      // Of several kernels, another may still do.
      if (settings.kernel !== AUTO || !isTrainingFailure(error)) throw error;
      context.log(`${kernel}: ${error.message}`);
      return [];
    }
  }

  #problem(kernel: string, settings: GprSettings, data: TrainingData): NormalisedProblem {
    if (settings.inducing === undefined) return problemOf(kernel, settings, data);
    const X = this.#shared.get(data.X) ?? shareMatrix(data.X);
    this.#shared.set(data.X, X);
    return problemOf(kernel, settings, { ...data, X });
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
      const what = settings.inducing === undefined ? '' : 'lower bound of the ';
      context.log(
        `${kernel}: ${what}log marginal likelihood ${found.result.logMarginalLikelihood.toPrecision(8)}`,
      );
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
