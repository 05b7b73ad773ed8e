import type { Config } from '../../../common/config/config.js';
import type { Matrix } from '../../../numeric/linalg/matrix.js';
import { highestMaxima, MOST_MAXIMA, type SearchEnd } from '../../../numeric/training/screen.js';
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
import { climbTask, startsTask, trainTask } from './train.task.js';

/** A search from one point, for one kernel; `screening`: on a part of the data. */
type Piece = { readonly kernel: string; readonly start: readonly number[]; readonly screening?: true };

/** How it ended: see `plainResult`, or where. */
type End = { readonly result: PlainValue } | { readonly failed: string };
type ScreeningEnd = { readonly x: readonly number[]; readonly value: number } | { readonly failed: string };

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
    const { kernel, start: from, screening } = piece as Piece;
    const { problem } = this.#problem(kernel, settings, data);
    const start = Float64Array.from(from);
    const { inducing } = settings;
    try {
      if (screening) {
        const mostPoints = inducing === undefined ? undefined : MOST_SCREENED;
        const { x, value } = await this.engine.run(climbTask, { problem, start, mostPoints }, signal);
        return { x: [...x], value };
      }
      const result = await this.engine.run(trainTask, { problem, start, inducing }, signal);
      return { result: plainResult(reviveMatrices(result)) };
    } catch (error) {
      // Another start may still end well.
      if (isTrainingFailure(error)) return { failed: error.message };
      throw error;
    }
  }

  /** The searches on all data: from every starting point where there are few data, else from where those on a part ended. */
  async #pieces(
    kernels: readonly string[],
    data: TrainingData,
    settings: GprSettings,
    context: TrainingContext,
  ): Promise<Piece[]> {
    const pieces: Piece[] = [];
    for (const kernel of kernels) pieces.push(...(await this.#starts(kernel, data, settings, context)));
    const screening = pieces.filter((piece) => piece.screening);
    if (screening.length === 0) return pieces;
    const most = kernels.length * Math.min(settings.restarts, MOST_MAXIMA);
    const ends = (await context.share(screening, most)) as ScreeningEnd[];
    const maxima = kernels.flatMap((kernel) => {
      const found = ends.flatMap((end, i): SearchEnd[] =>
        screening[i].kernel === kernel && 'x' in end ? [{ ...end, x: Float64Array.from(end.x) }] : [],
      );
      return highestMaxima(found).map((start): Piece => ({ kernel, start: [...start] }));
    });
    const rest = pieces.filter((piece) => !piece.screening);
    if (maxima.length + rest.length === 0) throw noneFound(ends);
    return [...rest, ...maxima];
  }

  async #starts(
    kernel: string,
    data: TrainingData,
    settings: GprSettings,
    context: TrainingContext,
  ): Promise<Piece[]> {
    const { problem } = this.#problem(kernel, settings, data);
    const { restarts, seed } = settings;
    try {
      const input = { problem, restarts, seed };
      const { starts, screened } = await this.engine.run(startsTask, input, context.signal);
      return starts.map((start) => ({ kernel, start: [...start], ...(screened && { screening: true }) }));
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
    const pieces = await this.#pieces(kernels, data, settings, context);
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
    throw noneFound(ends);
  }
}

function noneFound(ends: readonly (End | ScreeningEnd)[]): TrainingFailedError {
  const reason = ends.find((end) => 'failed' in end)?.failed ?? 'no start of the search has ended';
  return new TrainingFailedError(`No hyperparameters could be found: ${reason}`);
}

function criterion({ result }: Found, { X }: TrainingData): number {
  return informationCriterion(result, X.rows);
}
