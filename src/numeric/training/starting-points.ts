import { Random } from '../random/random.js';
import { Hyperparameters } from './hyperparameters.js';
import type { TrainingProblem } from './training-problem.js';

/**
 * Where `restarts` searches of the maximum begin, as points of `Hyperparameters`: the kernel's own values, or what the data
 * suggest, first; the others a Latin hypercube over the typical ranges (McKay, Beckman & Conover 1979, Technometrics 21(2)),
 * in logarithms. The same problem, number and seed give the same points.
 *
 * Throws as `Hyperparameters` does, and RangeError for a number of restarts that is not a whole number above 0.
 */
export function startingPoints(problem: TrainingProblem, restarts: number, seed: number): Float64Array[] {
  if (!Number.isSafeInteger(restarts) || restarts < 1) {
    throw new RangeError(`The number of restarts must be a whole number above 0, got ${restarts}.`);
  }
  const hyperparameters = new Hyperparameters(problem);
  const { all, free, initial } = hyperparameters;
  const others = restarts - 1;
  const random = new Random(seed);
  const lower = hyperparameters.point(all.map(({ typical }) => typical.lower));
  const upper = hyperparameters.point(all.map(({ typical }) => typical.upper));
  const strata = free.map(() => permutation(others, random));
  const points = Array.from({ length: others }, (_, k) =>
    Float64Array.from(free, (_unused, i) => {
      const u = (strata[i][k] + random.uniform()) / others;
      return lower[i] + u * (upper[i] - lower[i]);
    }),
  );
  return [initial, ...points];
}

/** 0 .. count-1 in random order: Fisher and Yates. */
function permutation(count: number, random: Random): number[] {
  const order = Array.from({ length: count }, (_, k) => k);
  for (let k = count - 1; k > 0; k -= 1) {
    const other = Math.floor(random.uniform() * (k + 1));
    [order[k], order[other]] = [order[other], order[k]];
  }
  return order;
}
