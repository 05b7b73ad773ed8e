import type { KernelParameter } from '../kernels/kernel-parameter.js';
import type { KernelSpec } from '../kernels/kernel-spec.js';
import type { DataScales } from './data-scales.js';
import type { Bounds } from './training-problem.js';

/** What the data say of a hyperparameter before training. */
export interface Defaults extends Bounds {
  readonly value: number;
  /** Where starting points are drawn from. */
  readonly typical: Bounds;
  /** Why the data cannot tell its value: then it stays as it is. */
  readonly unidentified?: string;
}

/** Lengthscales of these are numbers, not distances between inputs. */
const PERIODIC = new Set(['periodic', 'exp-sine-squared']);

/**
 * Bounds and starting values of a kernel's hyperparameter. Lengthscales lie between a thousandth and 1e8 times the
 * range of their inputs (an input that a smooth, noise-free function does not depend on, or linearly, wants one of 1e5 and
 * more), variances between a millionth and a million times the mean square of the outputs: wide enough that
 * a maximum is rarely outside, and narrow enough that K stays a matrix of numbers.
 */
export function defaultsOf(parameter: KernelParameter, kernel: KernelSpec, scales: DataScales): Defaults {
  const { name, parts, dims } = parameter;
  const { type } = parts.reduce((node, a) => (node.parts as readonly KernelSpec[])[a], kernel);
  const s2 = scales.outputSquare;
  switch (name) {
    case 'lengthscale':
      return PERIODIC.has(type) ? around(1, 100, 5) : distance(dims, scales);
    case 'period':
      return type === 'exp-quad-cosine' ? around(1, 100, 5) : period(dims, scales);
    case 'variances': {
      const square = dims.reduce((sum, q) => sum + scales.squares[q], 0);
      if (square === 0) return { ...around(s2, 1e6, 10), unidentified: 'the input is 0 everywhere; kept.' };
      return { ...around(s2 / square, 1e6, 10), lower: (1e-10 * s2) / square };
    }
    case 'scale':
      return around(1 / (dims.reduce((sum, q) => sum + scales.squares[q], 0) || 1), 1e6, 10);
    case 'power':
      return around(1, 1e3, 5);
    case 'W':
      return {
        value: parameter.value,
        lower: -100 * Math.sqrt(s2),
        upper: 100 * Math.sqrt(s2),
        typical: { lower: -Math.sqrt(s2), upper: Math.sqrt(s2) },
      };
    case 'kappa':
      return { ...around(s2, 1e6, 10), lower: 1e-10 * s2 };
    default:
      return type === 'white' ? noiseDefaults(scales) : around(s2, 1e6, 10);
  }
}

/**
 * The noise variance: down to 1e-15 of the outputs' mean square, which is nothing beside the nugget and stands for a
 * deterministic simulator.
 */
export function noiseDefaults({ outputSquare: s2 }: DataScales): Defaults {
  return {
    value: 1e-2 * s2,
    lower: 1e-15 * s2,
    upper: 1e2 * s2,
    typical: { lower: 1e-6 * s2, upper: 0.3 * s2 },
  };
}

/** Between a factor below and above a value. */
function around(value: number, factor: number, typical: number): Defaults {
  return {
    value,
    lower: value / factor,
    upper: value * factor,
    typical: { lower: value / typical, upper: value * typical },
  };
}

function distance(dims: readonly number[], scales: DataScales): Defaults {
  const range = Math.hypot(...dims.map((q) => scales.ranges[q]));
  if (range === 0) return { ...around(1, 1e3, 5), unidentified: constant(dims) };
  const gap = Math.min(...dims.map((q) => scales.gaps[q]).filter((value) => value > 0));
  const lower = Math.max(1e-3 * range, Math.min(gap, 1e-2 * range));
  // In many dimensions points are far apart: lengthscales that see any neighbours grow with the root of their number.
  const typical = range * Math.sqrt(dims.length === 1 ? scales.X.cols : 1);
  return {
    value: 0.5 * typical,
    lower,
    upper: 1e8 * range,
    typical: { lower: 0.1 * typical, upper: 2 * typical },
  };
}

function period(dims: readonly number[], scales: DataScales): Defaults {
  const range = Math.hypot(...dims.map((q) => scales.ranges[q]));
  if (range === 0) return { ...around(1, 1e3, 5), unidentified: constant(dims) };
  const gap = Math.min(...dims.map((q) => scales.gaps[q]).filter((value) => value > 0));
  return {
    value: range / 2,
    lower: Math.min(2 * gap, range / 100),
    upper: 100 * range,
    typical: { lower: range / 20, upper: range },
  };
}

function constant(dims: readonly number[]): string {
  return `input ${dims.join(', ')} has the same value at all points, and says nothing about it; kept.`;
}
