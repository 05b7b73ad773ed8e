import { pathOf, type KernelParameter } from '../kernels/kernel-parameter.js';
import type { KernelSpec } from '../kernels/kernel-spec.js';
import { buildKernel } from '../kernels/kernels.js';
import { KernelSpecError, UntrainableKernelError } from '../errors.js';
import type { Bounds, TrainingProblem } from './training-problem.js';
import { defaultsOf, noiseDefaults, type Defaults } from './default-bounds.js';
import { DataScales } from './data-scales.js';

/** One number that a model has and training may change. */
export interface Hyperparameter extends Bounds {
  /** `kernel.parts[0].lengthscale[1]`, `noise` */
  readonly path: string;
  /** At the first starting point. */
  readonly value: number;
  /** Where other starting points are drawn from, within the bounds. */
  readonly typical: Bounds;
  /** Of any sign: it is optimised as it is. All others are positive, and their logarithm is optimised. */
  readonly signed: boolean;
  readonly fixed: boolean;
}

/**
 * The hyperparameters of a problem, and its _points_: those that are free, as the optimiser sees them (logarithms, but for
 * the signed ones).
 */
export class Hyperparameters {
  /** Those of the kernel in the order of its gradients; the noise variance last, where it is one number. */
  readonly all: readonly Hyperparameter[];
  /** Places in `all` of those that are free. */
  readonly free: readonly number[];
  readonly warnings: readonly string[];
  readonly #problem: TrainingProblem;
  readonly #kernel: readonly KernelParameter[];

  /** Throws KernelSpecError where the kernel cannot be trained, or a path names nothing. */
  constructor(problem: TrainingProblem) {
    this.#problem = problem;
    const { parameters } = buildKernel(problem.kernel, problem.X.cols);
    if (parameters === undefined) throw new UntrainableKernelError(problem.kernel.type);
    this.#kernel = parameters;
    const scales = new DataScales(problem.X, problem.Y);
    const warnings: string[] = [];
    const all = parameters.map((parameter) =>
      this.#describe(pathOf(parameter), defaultsOf(parameter, problem.kernel, scales), parameter, warnings),
    );
    const { noise } = problem;
    if (noise.type !== 'known') {
      const value = noise.type === 'fixed' ? noise.variance : noise.initial;
      const defaults = noiseDefaults(scales);
      const isGiven = noise.type === 'fixed' || (value !== undefined && value > 0);
      const known = { value: value ?? defaults.value, signed: false };
      const described = this.#describe('noise', defaults, known, warnings, isGiven);
      all.push({ ...described, fixed: described.fixed || noise.type === 'fixed' || scales.outputsVanish });
    }
    if (scales.outputsVanish) {
      warnings.push(
        'The outputs are constant: there is nothing to learn from them, all hyperparameters were kept.',
      );
    }
    checkPaths(problem, all);
    this.all = all;
    this.free = Array.from(all.keys()).filter((k) => !all[k].fixed);
    this.warnings = warnings;
  }

  get lower(): Float64Array {
    return this.point(this.all.map(({ lower }) => lower));
  }

  get upper(): Float64Array {
    return this.point(this.all.map(({ upper }) => upper));
  }

  /** The point before training: the kernel's own values, or what the data suggest. */
  get initial(): Float64Array {
    return this.point(this.all.map(({ value }) => value));
  }

  /** The point of the given values of all hyperparameters. */
  point(values: ArrayLike<number>): Float64Array {
    return Float64Array.from(this.free, (k) => (this.all[k].signed ? values[k] : Math.log(values[k])));
  }

  /** The values of all hyperparameters at a point. */
  values(point: Float64Array): Float64Array {
    const values = Float64Array.from(this.all, ({ value }) => value);
    this.free.forEach((k, i) => {
      values[k] = this.all[k].signed ? point[i] : Math.exp(point[i]);
    });
    return values;
  }

  /** The gradient by a point's numbers, of that by the values. */
  pointGradient(values: Float64Array, byValues: Float64Array, out: Float64Array): void {
    this.free.forEach((k, i) => {
      out[i] = this.all[k].signed ? byValues[k] : byValues[k] * values[k];
    });
  }

  /** The kernel with these values. */
  kernelWith(values: ArrayLike<number>): KernelSpec {
    const spec = copyOf(this.#problem.kernel);
    this.#kernel.forEach(({ parts, name, index = [] }, k) => {
      let node = spec;
      for (const a of parts) node = node.parts[a];
      let holder = node.params as Record<string | number, unknown>;
      const keys = [name, ...index];
      for (const key of keys.slice(0, -1)) holder = holder[key] as typeof holder;
      holder[keys[keys.length - 1]] = values[k];
    });
    return spec as unknown as KernelSpec;
  }

  /** The variance of the noise, or one for each point. */
  noiseWith(values: ArrayLike<number>): number | Float64Array {
    const { noise } = this.#problem;
    return noise.type === 'known' ? noise.variances : values[this.all.length - 1];
  }

  #describe(
    path: string,
    defaults: Defaults,
    { value: given, signed = false }: Pick<KernelParameter, 'value' | 'signed'>,
    warnings: string[],
    keep = this.#problem.start === 'given',
  ): Hyperparameter {
    const { fixed = [], bounds = {} } = this.#problem;
    const isFixed = fixed.some((name) => covers(name, path)) || (!signed && keep && given === 0);
    const wanted = Object.entries(bounds).find(([name]) => covers(name, path))?.[1];
    const { lower, upper } = wanted ?? defaults;
    if (!(lower <= upper) || (!signed && !(lower > 0))) {
      throw new KernelSpecError(
        `The bounds of ${path} must be 0 < lower <= upper, got ${lower} and ${upper}.`,
      );
    }
    const start = keep || isFixed ? given : defaults.value;
    const value = isFixed ? start : Math.max(lower, Math.min(upper, start));
    if (defaults.unidentified !== undefined && !isFixed) warnings.push(`${path}: ${defaults.unidentified}`);
    const typical = {
      lower: Math.max(lower, Math.min(upper, defaults.typical.lower)),
      upper: Math.max(lower, Math.min(upper, defaults.typical.upper)),
    };
    return {
      path,
      value,
      lower,
      upper,
      typical,
      signed,
      fixed: isFixed || defaults.unidentified !== undefined,
    };
  }
}

/** Whether a path, or the whole parameter or part that it stands for, covers another. */
export function covers(name: string, path: string): boolean {
  return path === name || (path.startsWith(name) && /^[.[]/.test(path.slice(name.length)));
}

function checkPaths(problem: TrainingProblem, all: readonly Hyperparameter[]): void {
  const { bounds = {}, priors = {}, fixed = [] } = problem;
  for (const name of [...Object.keys(bounds), ...Object.keys(priors), ...fixed]) {
    if (all.some(({ path }) => covers(name, path))) continue;
    const known = all.map(({ path }) => path).join(', ');
    throw new KernelSpecError(`There is no hyperparameter "${name.slice(0, 80)}", expected one of ${known}.`);
  }
}

interface MutableSpec {
  readonly params: Record<string, unknown>;
  readonly parts: MutableSpec[];
}

function copyOf(spec: KernelSpec): MutableSpec {
  const { params, parts } = spec;
  return {
    ...spec,
    ...(params !== undefined && { params: copyValue(params) }),
    ...(parts !== undefined && { parts: parts.map(copyOf) }),
  } as unknown as MutableSpec;
}

function copyValue(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copyValue);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, copyValue(item)]));
}
