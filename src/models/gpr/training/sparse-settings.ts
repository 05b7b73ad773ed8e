import { count } from '../../../common/media/describe.js';
import type { InputIssue } from '../../../common/media/issue.js';
import { issue } from '../../../common/media/value-issue.js';
import type { Matrix } from '../../../numeric/linalg/matrix.js';
import type { TrainingData } from '../../trainer.js';
import type { KernelNode } from './kernel-expression/kernel-node.js';
import { parseKernel } from './kernel-expression/parse-kernel.js';
import { AUTO } from './kernel-search.js';
import { TooManyPointsError } from './training-errors.js';

/** More points are not trained on, whatever the memory: an evaluation of the bound would take minutes. */
const MOST_POINTS = 100_000;
/** By default one inducing point for so many data points, within limits. */
const POINTS_EACH = 50;
const FEWEST_BY_DEFAULT = 300;
const MOST_BY_DEFAULT = 500;
/** Fewer than this, for want of memory, would say little of many data. */
const LEAST_USEFUL = 20;
const BYTES = Float64Array.BYTES_PER_ELEMENT;

/** What decides whether a training is sparse. */
interface Asked {
  readonly kernel: string;
  readonly noise: 'free' | number | readonly number[];
  readonly maxPoints: number;
  readonly inducing: number | undefined;
}

/**
 * How many inducing points a training has; undefined where it is exact. Adds to `issues` what is wrong with the settings.
 * Throws TooManyPointsError where an array of n x n numbers (n x M, of a sparse model) would be larger than a model may be.
 */
export function readInducing(
  { kernel, noise, maxPoints, inducing }: Asked,
  { X, inputs }: TrainingData,
  maxModelBytes: number,
  issues: InputIssue[],
): number | undefined {
  const { rows: n, cols: d } = X;
  if (inducing === undefined && n <= maxPoints) {
    requireMemory(n, d, maxModelBytes);
    return undefined;
  }
  if (n > MOST_POINTS) throw new TooManyPointsError(n, MOST_POINTS, 'train on fewer of them');
  const fitting = Math.floor(maxModelBytes / (BYTES * n));
  if (fitting < LEAST_USEFUL) {
    const most = Math.floor(maxModelBytes / (BYTES * LEAST_USEFUL));
    throw new TooManyPointsError(n, most, 'raise MAX_MODEL_BYTES, or train on fewer of them');
  }
  if (kernel !== AUTO && isWhite(parseKernel(kernel, inputs))) {
    const expected = 'a kernel by which one point tells something of another, in a sparse model';
    issues.push(issue('kernel', kernel, expected));
  }
  if ([noise].flat().includes(0)) {
    const why = 'what the inducing points leave out of the data is noise to the others';
    issues.push(
      issue('noise', noise === 0 ? '0' : 'a list with 0', '"free" or above 0 in a sparse model', why),
    );
  }
  const wanted =
    inducing ?? Math.min(MOST_BY_DEFAULT, Math.max(FEWEST_BY_DEFAULT, Math.round(n / POINTS_EACH)));
  const distinct = distinctRows(X, wanted);
  if (inducing === undefined) return Math.min(wanted, fitting, distinct, Math.ceil(n / 2));
  if (inducing > distinct) {
    const expected = `at most ${distinct}, the number of different rows of inputs`;
    issues.push(issue('inducing', String(inducing), expected));
  } else if (inducing > fitting) {
    const expected = `at most ${fitting} for ${count(n, 'row')}`;
    issues.push(issue('inducing', String(inducing), expected, 'MAX_MODEL_BYTES must allow n x M numbers'));
  }
  return inducing;
}

function requireMemory(n: number, d: number, maxModelBytes: number): void {
  if (BYTES * n * (n + d) <= maxModelBytes) return;
  const most = Math.floor((Math.sqrt(d * d + maxModelBytes / 2) - d) / 2);
  const advice = 'MAX_MODEL_BYTES must allow a factor of n x n numbers, or set `inducing` for a sparse model';
  throw new TooManyPointsError(n, most, advice);
}

/** Whether the covariance of any two points is 0. */
function isWhite(node: KernelNode): boolean {
  if (node.kind === 'leaf') return node.type === 'white';
  return node.kind === 'product' ? node.parts.some(isWhite) : node.parts.every(isWhite);
}

/** How many rows are different; counts up to `enough`. */
function distinctRows(X: Matrix, enough: number): number {
  const seen = new Set<string>();
  for (let i = 0; i < X.rows && seen.size < enough; i += 1) seen.add(X.row(i).join());
  return seen.size;
}
