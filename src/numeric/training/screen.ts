import { Matrix } from '../linalg/matrix.js';
import type { Minimum } from '../optimize/lbfgsb.js';
import { Random } from '../random/random.js';
import { climb, type MaximiseOptions } from './maximise.js';
import type { TrainingProblem } from './training-problem.js';

/** With fewer points than this a search costs too little to be prepared. */
const FEWEST = 150;
/** The part of the points that is searched first, and how many at least. */
const PART = 4;
const SMALLEST_SUBSET = 100;
/** Ends of searches whose values differ by less are one maximum. */
const SAME_VALUE = 1e-3;
/** Maxima that are followed on all data: lower ones of the part do not become the highest of the whole. */
export const MOST_MAXIMA = 3;
/** The order in which points are left out: any would do, but always the same one. */
const SUBSET_SEED = 1;

/** Where a search has ended, and minus its objective there. */
export type SearchEnd = Pick<Minimum, 'x' | 'value'>;

interface ScreenOptions extends MaximiseOptions {
  /** Most points of the part. */
  readonly mostPoints?: number | undefined;
}

/**
 * Fewer starting points that lead to the same maxima: follows each start on a part of the data, where an evaluation costs a
 * small part of a whole one, and returns where these searches ended, one point for each of the three highest maxima.
 * `maximise` from there takes a few steps, where it would have taken many, and starts that lead to one maximum cost one
 * search. Data with few points are left as they are: then the starts are returned.
 *
 * The same problem, starts and backend give the same points. Throws as `maximise` does.
 */
export function screen(
  problem: TrainingProblem,
  starts: readonly Float64Array[],
  { mostPoints, ...options }: ScreenOptions = {},
): readonly Float64Array[] {
  if (!isScreened(problem, starts)) return starts;
  const part = screeningPart(problem, mostPoints);
  return highestMaxima(starts.map((start) => climb(problem, start, options, part)));
}

/** Whether there is something to gain from it. */
export function isScreened({ X }: TrainingProblem, starts: readonly Float64Array[]): boolean {
  return X.rows >= FEWEST && starts[0]?.length !== 0;
}

/** The part of the data that starts are followed on. */
export function screeningPart(problem: TrainingProblem, mostPoints = Infinity): TrainingProblem {
  const count = Math.max(SMALLEST_SUBSET, Math.ceil(problem.X.rows / PART));
  return subset(problem, Math.min(count, mostPoints));
}

/**
 * Of the ends of searches, those that are worth following on all data: each maximum once, at most MOST_MAXIMA. Where none
 * has a value, the first: following it says why.
 */
export function highestMaxima(ends: readonly SearchEnd[]): readonly Float64Array[] {
  const valued = ends.filter(({ value }) => Number.isFinite(value));
  if (valued.length === 0) return ends.slice(0, 1).map(({ x }) => x);
  const order = valued.toSorted((a, b) => a.value - b.value);
  const maxima = order.filter((end, k) => k === 0 || end.value - order[k - 1].value > SAME_VALUE);
  return maxima.slice(0, MOST_MAXIMA).map(({ x }) => x);
}

/** The problem with `count` of its points, in their order. */
function subset(problem: TrainingProblem, count: number): TrainingProblem {
  const { X, Y, noise } = problem;
  const random = new Random(SUBSET_SEED);
  const keys = Float64Array.from({ length: X.rows }, () => random.uniform());
  const chosen = Array.from(keys.keys())
    .sort((a, b) => keys[a] - keys[b])
    .slice(0, count)
    .sort((a, b) => a - b);
  return {
    ...problem,
    X: Matrix.fromRows(chosen.map((i) => X.row(i))),
    Y: Matrix.fromRows(chosen.map((i) => Y.row(i))),
    ...(noise.type === 'known' && {
      noise: { type: 'known', variances: Float64Array.from(chosen, (i) => noise.variances[i]) },
    }),
  };
}
