import { boundedStep } from './bounded-step.js';
import { LbfgsMatrix } from './lbfgs-matrix.js';
import { searchLine } from './line-search.js';
import { dot, type Objective } from './objective.js';

/** In directions that no bound ends. */
const LONGEST = 1e10;

export interface MinimiseOptions {
  /** May hold -Infinity and Infinity. */
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  /** Pairs that the Hessian's approximation remembers (default 10). */
  readonly memory?: number;
  /** Ends where no entry of the projected gradient is larger (default 1e-5). */
  readonly gradientTolerance?: number;
  /** Ends where an iteration gains less than this part of max(|f|, 1) (default 2.2e-9). */
  readonly valueTolerance?: number;
  /** Default 1000. */
  readonly mostIterations?: number;
  /** Called after each iteration; what it throws ends the search. */
  readonly onIteration?: (iteration: number, evaluations: number, value: number) => void;
}

export interface Minimum {
  readonly x: Float64Array;
  readonly value: number;
  readonly iterations: number;
  readonly evaluations: number;
  /**
   * 'stalled': no step from x gives a lower value, though the gradient is not small: what f has left to gain there is below
   * its rounding, or its gradient is wrong. 'failed': f is not finite at the start.
   */
  readonly reason: 'gradient' | 'value' | 'iterations' | 'stalled' | 'failed';
}

/**
 * Minimises a smooth function within bounds by L-BFGS-B: Byrd, Lu, Nocedal & Zhu (1995), SIAM J. Sci. Comput. 16(5),
 * 1190-1208, with the projection of Morales & Nocedal (2011) and the line search of More & Thuente (1994).
 *
 * `start` is projected on the bounds first. The same function and start give the same bits.
 */
export function minimise(f: Objective, start: Float64Array, options: MinimiseOptions): Minimum {
  const { lower, upper, memory = 10, gradientTolerance = 1e-5, valueTolerance = 2.2e-9 } = options;
  const { mostIterations = 1000, onIteration } = options;
  const B = new LbfgsMatrix(memory);
  let evaluations = 0;
  const evaluate = (x: Float64Array): Point => {
    const g = new Float64Array(x.length);
    evaluations += 1;
    const value = f(x, g);
    return { x, g, value: g.every(Number.isFinite) ? value : NaN };
  };
  let at = evaluate(start.map((value, i) => inside(value, lower[i], upper[i])));
  let iteration = 0;
  const end = (reason: Minimum['reason']): Minimum => ({
    x: at.x,
    value: at.value,
    iterations: iteration,
    evaluations,
    reason,
  });
  if (!Number.isFinite(at.value)) return end('failed');
  while (projectedGradient(at, lower, upper) > gradientTolerance) {
    if (iteration === mostIterations) return end('iterations');
    const next = nextPoint(at, lower, upper, B, evaluate);
    if (next === undefined) {
      // What was remembered misleads: once more from the gradient alone.
      if (B.rank === 0) return end('stalled');
      B.reset();
      continue;
    }
    iteration += 1;
    const before = at;
    at = next;
    onIteration?.(iteration, evaluations, at.value);
    const scale = Math.max(Math.abs(before.value), Math.abs(at.value), 1);
    if (before.value - at.value <= valueTolerance * scale) return end('value');
    B.update(difference(at.x, before.x), difference(at.g, before.g));
  }
  return end('gradient');
}

interface Point {
  readonly x: Float64Array;
  readonly g: Float64Array;
  readonly value: number;
}

/** A lower point towards the minimum of the quadratic model; undefined where there is none. */
function nextPoint(
  at: Point,
  lower: Float64Array,
  upper: Float64Array,
  B: LbfgsMatrix,
  evaluate: (x: Float64Array) => Point,
): Point | undefined {
  const direction = difference(boundedStep(at.x, at.g, lower, upper, B), at.x);
  const slope = dot(direction, at.g);
  if (!(slope < 0)) return undefined;
  const tried = new Map<number, Point>();
  const found = searchLine(
    { value: at.value, slope },
    B.rank === 0 ? Math.min(1, 1 / Math.sqrt(dot(direction, direction))) : 1,
    longestStep(at.x, direction, lower, upper),
    (step) => {
      const point = evaluate(at.x.map((xi, i) => inside(xi + step * direction[i], lower[i], upper[i])));
      tried.set(step, point);
      return { value: point.value, slope: dot(point.g, direction) };
    },
  );
  return found && tried.get(found.step);
}

/** The largest entry of P(x - g) - x, P the projection on the bounds. */
function projectedGradient({ x, g }: Point, lower: Float64Array, upper: Float64Array): number {
  let largest = 0;
  for (let i = 0; i < x.length; i += 1) {
    largest = Math.max(largest, Math.abs(inside(x[i] - g[i], lower[i], upper[i]) - x[i]));
  }
  return largest;
}

/** How often the direction fits between x and the bounds: at least once, as it ends within them. */
function longestStep(x: Float64Array, d: Float64Array, lower: Float64Array, upper: Float64Array): number {
  let longest = LONGEST;
  for (let i = 0; i < x.length; i += 1) {
    if (d[i] > 0) longest = Math.min(longest, (upper[i] - x[i]) / d[i]);
    if (d[i] < 0) longest = Math.min(longest, (lower[i] - x[i]) / d[i]);
  }
  return Math.max(1, longest);
}

function inside(value: number, lower: number, upper: number): number {
  return Math.max(lower, Math.min(upper, value));
}

function difference(a: Float64Array, b: Float64Array): Float64Array {
  return a.map((value, i) => value - b[i]);
}
