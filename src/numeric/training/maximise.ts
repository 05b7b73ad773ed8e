import { NotPositiveDefiniteError } from '../errors.js';
import { GPY_NUGGET } from '../gp/fit-posterior.js';
import { isNearlySingular } from '../linalg/nearly-singular.js';
import { buildKernel } from '../kernels/kernels.js';
import { defaultLinearAlgebra } from '../linalg/default-linear-algebra.js';
import type { LinearAlgebra } from '../linalg/linear-algebra.js';
import { minimise, type Minimum } from '../optimize/lbfgsb.js';
import { covers, type Hyperparameter, Hyperparameters } from './hyperparameters.js';
import { type Likelihood, LogMarginalLikelihood } from './log-marginal-likelihood.js';
import { logPrior } from './prior.js';
import type { Prior, TrainingProblem } from './training-problem.js';
import type { FittedHyperparameter, TrainingProgress, TrainingResult } from './training-result.js';

export interface MaximiseOptions {
  readonly linalg?: LinearAlgebra;
  /** Called before each evaluation; what it throws ends the work. */
  readonly checkpoint?: (() => void) | undefined;
  readonly onIteration?: ((progress: TrainingProgress) => void) | undefined;
  /** Default 1000. */
  readonly mostIterations?: number;
}

/** So often a start is moved half of the way to what the data suggest. */
const MOST_STEPS_BACK = 10;

/** How far back towards what the data suggest a search begins where K is nearly singular. */
const STEP_BACK = 0.25;

/** Closer than this part to a bound, in the optimiser's units, is at it. */
const AT_BOUND = 1e-6;

/**
 * Follows the marginal likelihood from one of `startingPoints` up to a maximum, by L-BFGS-B on logarithms. Values that
 * cannot be computed (K is not positive definite) are steps too far. A start where K is nearly singular is left for one
 * nearer to what the data suggest. The same problem, start and backend give the same bits.
 *
 * Throws as `Hyperparameters` does, and NotPositiveDefiniteError where the likelihood cannot be computed at the start, even
 * with more noise.
 */
export function maximise(
  problem: TrainingProblem,
  start: Float64Array,
  options: MaximiseOptions = {},
): TrainingResult {
  return maximiseLikelihood(problem, regularStart(problem, start), exact(problem, options), options);
}

/** As `maximise`, for another likelihood of the same problem. */
export function maximiseLikelihood(
  problem: TrainingProblem,
  start: Float64Array,
  likelihood: Likelihood,
  options: MaximiseOptions = {},
): TrainingResult {
  const search = new Search(problem, options, likelihood);
  return search.result(search.run(start));
}

/** The point where a search from `start` ends, in the bounds of one problem, for the data of another: its subset. */
export function climb(
  problem: TrainingProblem,
  start: Float64Array,
  options: MaximiseOptions,
  data: TrainingProblem,
): Minimum {
  return new Search(problem, options, exact(data, options)).run(start);
}

/** That of the highest objective; of equal ones the first. */
export function best(results: readonly TrainingResult[]): TrainingResult {
  return results.reduce((found, result) => (result.objective > found.objective ? result : found));
}

/**
 * The start, or a point nearer to what the data suggest where rounding has a say in the likelihood, which has many small
 * maxima there. Searches of a part of deterministic data end at such points: with fewer points, K is less singular.
 */
function regularStart(problem: TrainingProblem, start: Float64Array): Float64Array {
  const hyperparameters = new Hyperparameters(problem);
  const { X, nugget = GPY_NUGGET } = problem;
  const values = hyperparameters.values(start);
  const diagonal = new Float64Array(X.rows);
  buildKernel(hyperparameters.kernelWith(values), X.cols).diagonal(X, diagonal);
  const noise = hyperparameters.noiseWith(values);
  const least = nugget + (typeof noise === 'number' ? noise : noise.reduce((a, b) => Math.min(a, b)));
  const trace = diagonal.reduce((sum, value) => sum + value, 0);
  if (!isNearlySingular(trace, least)) return start;
  const suggested = hyperparameters.initial;
  return start.map((value, i) => value + STEP_BACK * (suggested[i] - value));
}

function exact(problem: TrainingProblem, { linalg = defaultLinearAlgebra() }: MaximiseOptions): Likelihood {
  return new LogMarginalLikelihood(problem, linalg);
}

class Search {
  readonly #hyperparameters: Hyperparameters;
  readonly #priors: readonly { readonly k: number; readonly prior: Prior }[];

  constructor(
    problem: TrainingProblem,
    private readonly options: MaximiseOptions,
    private readonly likelihood: Likelihood,
  ) {
    this.#hyperparameters = new Hyperparameters(problem);
    const priors = Object.entries(problem.priors ?? {});
    this.#priors = this.#hyperparameters.free.flatMap((k) =>
      priors
        .filter(([name]) => covers(name, this.#hyperparameters.all[k].path))
        .map(([, prior]) => ({ k, prior })),
    );
  }

  /**
   * From the start. Where K cannot be factored there: from more noise, and where there is none to learn, from nearer to what
   * the data suggest, since a search of a part of the data ends where K of all of them is singular.
   */
  run(start: Float64Array): Minimum {
    const { all, free, upper } = this.#hyperparameters;
    const noise = free.findIndex((k) => all[k].path === 'noise');
    const suggested = this.#hyperparameters.initial;
    const point = start.slice();
    for (let steps = 1; ; steps += 1) {
      const { found, failure } = this.#minimise(point);
      if (found.evaluations > 1 || failure === undefined) return found;
      if (noise >= 0 && point[noise] < upper[noise]) {
        point[noise] = Math.min(upper[noise], point[noise] + Math.log(100));
      } else if (noise < 0 && steps <= MOST_STEPS_BACK) {
        for (let i = 0; i < point.length; i += 1) point[i] += (suggested[i] - point[i]) / 2;
      } else throw failure;
    }
  }

  /** `failure`: that of the last evaluation where K could not be factored. */
  #minimise(start: Float64Array): { found: Minimum; failure: NotPositiveDefiniteError | undefined } {
    const failures: NotPositiveDefiniteError[] = [];
    const { onIteration, mostIterations } = this.options;
    const { lower, upper } = this.#hyperparameters;
    const found = minimise(
      (point, gradient) => {
        try {
          return this.#evaluate(point, gradient);
        } catch (error) {
          if (!(error instanceof NotPositiveDefiniteError)) throw error;
          failures[0] = error;
          return NaN;
        }
      },
      start,
      {
        lower,
        upper,
        ...(mostIterations !== undefined && { mostIterations }),
        ...(onIteration !== undefined && {
          onIteration: (iteration: number, evaluations: number, value: number) =>
            onIteration({ iteration, evaluations, objective: -value }),
        }),
      },
    );
    return { found, failure: failures[0] };
  }

  result({ x, value, iterations, evaluations, reason }: Minimum): TrainingResult {
    const hyperparameters = this.#hyperparameters;
    const values = hyperparameters.values(x);
    const kernel = hyperparameters.kernelWith(values);
    const noise = hyperparameters.noiseWith(values);
    const likelihood = this.likelihood.evaluate(kernel, noise);
    const mean = this.likelihood.trend.mean(likelihood.beta);
    const fitted = hyperparameters.all.map((one, k) => this.#fitted(one, values[k]));
    return {
      kernel,
      noise,
      ...(mean !== undefined && { mean }),
      logMarginalLikelihood: likelihood.value,
      objective: -value,
      hyperparameters: fitted,
      iterations,
      evaluations,
      converged: reason === 'gradient' || reason === 'value' || (reason === 'stalled' && iterations > 0),
      warnings: [
        ...hyperparameters.warnings,
        ...this.likelihood.trend.warnings,
        ...fitted.flatMap(boundWarning),
      ],
    };
  }

  /** Minus the objective, and its gradient by the point's numbers. */
  #evaluate(point: Float64Array, gradient?: Float64Array): number {
    this.options.checkpoint?.();
    const hyperparameters = this.#hyperparameters;
    const values = hyperparameters.values(point);
    const byValues = gradient && new Float64Array(values.length);
    const kernel = hyperparameters.kernelWith(values);
    let { value } = this.likelihood.evaluate(kernel, hyperparameters.noiseWith(values), byValues);
    for (const { k, prior } of this.#priors) {
      const term = logPrior(prior, values[k]);
      value += term.value;
      if (byValues !== undefined) byValues[k] += term.slope;
    }
    if (gradient !== undefined && byValues !== undefined) {
      hyperparameters.pointGradient(values, byValues, gradient);
      for (let i = 0; i < gradient.length; i += 1) gradient[i] = -gradient[i];
    }
    return -value;
  }

  #fitted({ path, lower, upper, fixed, signed }: Hyperparameter, value: number): FittedHyperparameter {
    const place = (number: number): number => (signed ? number : Math.log(number));
    const tolerance = AT_BOUND * (place(upper) - place(lower));
    const atLower = place(value) - place(lower) <= tolerance;
    const atUpper = place(upper) - place(value) <= tolerance;
    const state = fixed ? 'fixed' : atLower ? 'lower' : atUpper ? 'upper' : 'free';
    return { path, value, lower, upper, state };
  }
}

/** The noise's lower bound is what a deterministic simulator ends at: nothing to warn of. */
function boundWarning({ path, value, state }: FittedHyperparameter): string[] {
  if (state !== 'lower' && state !== 'upper') return [];
  if (path === 'noise' && state === 'lower') return [];
  if (state === 'upper' && path.includes('lengthscale')) {
    return [`${path} ended at its upper bound, ${value}: the outputs barely depend on this input.`];
  }
  return [`${path} ended at its ${state} bound, ${value}: a wider one may give a better model.`];
}
