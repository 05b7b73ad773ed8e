import type { GpState } from '../../../numeric/gp/gp-state.js';
import type { KernelSpec } from '../../../numeric/kernels/kernel-spec.js';
import { Matrix } from '../../../numeric/linalg/matrix.js';
import type {
  Bounds,
  Prior,
  TrainingNoise,
  TrainingProblem,
} from '../../../numeric/training/training-problem.js';
import type { TrainingData } from '../../trainer.js';
import type { GprSettings } from './gpr-settings.js';
import { parseKernel } from './kernel-expression/parse-kernel.js';
import { structureOf, takeNoise } from './kernel-expression/kernel-structure.js';

export type OutputNorm = NonNullable<GpState['outputNorm']>;

/** A problem of the numeric core, in the space of normalised outputs, and what leads to that space. */
export interface NormalisedProblem {
  readonly problem: TrainingProblem;
  readonly outputNorm: OutputNorm | undefined;
}

/** The problem of finding the hyperparameters of one kernel expression. */
export function problemOf(kernel: string, settings: GprSettings, data: TrainingData): NormalisedProblem {
  const { X, inputs } = data;
  const outputNorm = settings.normalize ? normOf(data.Y) : undefined;
  const variance = outputNorm ? outputNorm.std[0] ** 2 : 1;
  const whole = parseKernel(kernel, inputs);
  const noisy = settings.noise === 'free' ? takeNoise(whole) : undefined;
  const { spec, fixed, given } = structureOf(noisy?.kernel ?? whole, deviations(X));
  return {
    outputNorm,
    problem: {
      X,
      Y: normalise(data.Y, outputNorm),
      kernel: spec,
      noise: noisy ? noiseOfWhite(noisy) : noiseOf(settings.noise, variance),
      mean: settings.mean,
      start: given ? 'given' : 'default',
      fixed,
      ...(settings.bounds && { bounds: spreadOver(settings.bounds, spec, toBounds(variance)) }),
      ...(settings.priors && { priors: spreadOver(settings.priors, spec, (prior: Prior) => prior) }),
    },
  };
}

/** Mean and deviation of each output (1 where it is constant), as GPy's normaliser takes them. */
export function normOf(Y: Matrix): OutputNorm {
  const columns = Array.from({ length: Y.cols }, (_, o) => Y.column(o));
  const mean = columns.map(average);
  const std = columns.map(
    (column, o) => Math.sqrt(average(column.map((value) => (value - mean[o]) ** 2))) || 1,
  );
  return { mean, std };
}

export function normalise(Y: Matrix, norm: OutputNorm | undefined): Matrix {
  if (!norm) return Y;
  const { cols } = Y;
  return new Matrix(
    Y.rows,
    cols,
    Y.data.map((value, k) => (value - norm.mean[k % cols]) / norm.std[k % cols]),
  );
}

function deviations(X: Matrix): number[] {
  return [...normOf(X).std];
}

/** A `white` in an expression has its variance in terms of the kernel's other variances. */
function noiseOfWhite({ variance, fixed }: { variance: number | undefined; fixed: boolean }): TrainingNoise {
  if (variance === undefined) return { type: 'free' };
  return fixed ? { type: 'fixed', variance } : { type: 'free', initial: variance };
}

function noiseOf(noise: GprSettings['noise'], outputVariance: number): TrainingNoise {
  if (noise === 'free') return { type: 'free' };
  if (typeof noise === 'number') return { type: 'fixed', variance: noise / outputVariance };
  return { type: 'known', variances: Float64Array.from(noise, (value) => value / outputVariance) };
}

/** Bounds of the noise are in squared units of the output, as the noise is. */
function toBounds(outputVariance: number): (bounds: readonly [number, number], path: string) => Bounds {
  return ([lower, upper], path) => {
    const unit = path === 'noise' ? outputVariance : 1;
    return { lower: lower / unit, upper: upper / unit };
  };
}

/** A bare name stands for the parameter of every leaf that has one of this name; a path for itself. */
function spreadOver<From, To>(
  given: Readonly<Record<string, From>>,
  kernel: KernelSpec,
  convert: (value: From, path: string) => To,
): Record<string, To> {
  const spread: Record<string, To> = {};
  for (const [name, value] of Object.entries(given)) {
    const isPath = name === 'noise' || name.startsWith('kernel.');
    for (const path of isPath ? [name] : pathsOf(name, kernel)) spread[path] = convert(value, path);
  }
  return spread;
}

/** Where a kernel has a hyperparameter of this name. */
function pathsOf(name: string, { params = {}, parts = [] }: KernelSpec, path = 'kernel'): string[] {
  const own = Object.hasOwn(params, name) ? [`${path}.${name}`] : [];
  return [...own, ...parts.flatMap((part, i) => pathsOf(name, part, `${path}.parts[${i}]`))];
}

function average(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
