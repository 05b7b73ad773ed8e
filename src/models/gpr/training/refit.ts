import type { GpState, MeanSpec } from '../../../numeric/gp/gp-state.js';
import { transformInputs } from '../../../numeric/gp/input-transform.js';
import type { Matrix } from '../../../numeric/linalg/matrix.js';
import type {
  TrainingMean,
  TrainingNoise,
  TrainingProblem,
} from '../../../numeric/training/training-problem.js';
import { reviveMatrices } from '../../cloned.js';
import { MethodNotSupportedError } from '../../model-errors.js';
import type { GpEngine } from '../gp-engine.js';
import type { ImportedGp, NamedVariable } from '../importers/importer.js';
import { fitTask } from './fit.task.js';
import { normalise, normOf } from './training-problem-of.js';
import { climbTask, startsTask, trainTask } from './train.task.js';

/** What stays as it is when a model learns anew. */
interface Learner {
  readonly type: string;
  readonly state: GpState;
  readonly inputs: readonly NamedVariable[];
  readonly outputs: readonly NamedVariable[];
}

/**
 * Trains a model on other data, N x d and N x p in their own units: its kernel is where the search begins, and what was
 * normalised is normalised again. Throws MethodNotSupportedError where its noise is not one variance, TrainingFailedError
 * or KernelSpecError where the search has no end.
 */
export async function refit(
  { type, state, inputs, outputs }: Learner,
  X: Matrix,
  Y: Matrix,
  engine: GpEngine,
  signal?: AbortSignal,
): Promise<ImportedGp> {
  const { kernel, noise, mean, outputNorm, inputTransform } = state;
  if (noise.type !== 'gaussian') {
    throw new MethodNotSupportedError(type, 'fit', 'its noise is not the same at all points');
  }
  const norm = outputNorm && normOf(Y);
  const problem: TrainingProblem = {
    X: transformInputs(X, inputTransform),
    Y: normalise(Y, norm),
    kernel,
    noise: noiseFrom(noise.variance),
    mean: meanFrom(mean),
    start: 'given',
  };
  const { starts, screened } = await engine.run(startsTask, { problem, restarts: 1, seed: 0 }, signal);
  const start = screened ? (await engine.run(climbTask, { problem, start: starts[0] }, signal)).x : starts[0];
  const result = reviveMatrices(await engine.run(trainTask, { problem, start }, signal));
  const parts = {
    X: problem.X,
    Y: problem.Y,
    kernel: result.kernel,
    noise: result.noise,
    mean: result.mean,
    outputNorm: norm,
    inputTransform,
    inputs,
    outputs,
    warnings: result.warnings,
  };
  return reviveMatrices(await engine.run(fitTask, parts, signal));
}

function noiseFrom(variance: number): TrainingNoise {
  return variance === 0 ? { type: 'fixed', variance } : { type: 'free', initial: variance };
}

function meanFrom(mean: MeanSpec | undefined): TrainingMean {
  if (!mean) return 'zero';
  if (mean.type !== 'sum') return mean.type;
  return mean.parts.some((part) => meanFrom(part) === 'linear') ? 'linear' : 'constant';
}
