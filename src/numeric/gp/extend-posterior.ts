import { NotPositiveDefiniteError } from '../errors.js';
import { defaultLinearAlgebra } from '../linalg/default-linear-algebra.js';
import type { LinearAlgebra } from '../linalg/linear-algebra.js';
import { Matrix } from '../linalg/matrix.js';
import { isNearlySingular, isNearlySingularFactor } from '../linalg/nearly-singular.js';
import {
  addedToDiagonal,
  type ExactPosterior,
  inferExact,
  residuals,
  type TrainingData,
} from './fit-posterior.js';
import { refinedWeights } from './refine-weights.js';

/** Points that take most of the variance of the others: few smooth kernels leave much after so many. */
const FIRST_ROWS = 128;

/**
 * Exact inference for n + k points of which the first n have been factored, L L^T = K + (noise + nugget) I: what `inferExact` gives for all of them, but
 * for rounding, in O(n^2 k + k^3) instead of O((n + k)^3). The factor gets k rows,
 *
 *   [ L           0   ]      L21 = (L^-1 K12)^T
 *   [ L21   chol(S)   ],     S = K22 - L21 L21^T,  the Schur complement of K11
 *
 * (Golub & Van Loan (2013), Matrix Computations, 4th ed., section 4.2.9), and alpha is solved for anew. Where S is not
 * positive definite, everything is factored anew, with the jitter that all points need together.
 *
 * Throws as `inferExact` does, and what `checkpoint` throws, which is called between the steps.
 */
export function extendExact(
  data: TrainingData,
  known: Matrix,
  linalg: LinearAlgebra = defaultLinearAlgebra(),
  checkpoint?: () => void,
): ExactPosterior {
  const residual = residuals(data);
  const L = extendFactor(data, known, linalg, checkpoint);
  checkpoint?.();
  if (L === undefined) return inferExact(data, linalg);
  const { kernel, X } = data;
  const system = { kernel, X, added: addedToDiagonal(data, 0), residual };
  return { alpha: refinedWeights(system, L, linalg), factor: { type: 'cholesky', L }, jitter: 0 };
}

/** Undefined where the Schur complement is not positive definite. */
function extendFactor(
  data: TrainingData,
  L11: Matrix,
  linalg: LinearAlgebra,
  checkpoint?: () => void,
): Matrix | undefined {
  const { kernel, X } = data;
  const n = L11.rows;
  const k = X.rows - n;
  const more = X.slice(n, X.rows);
  const V = Matrix.zeros(n, k);
  kernel.panel(X.slice(0, n), more, V.data);
  checkpoint?.();
  linalg.solveLower(L11, V);
  checkpoint?.();
  const S = kernel.matrix(more);
  const added = addedToDiagonal(data, 0).subarray(n);
  for (let i = 0; i < k; i += 1) S.data[i * k + i] += added[i];
  subtractGram(V, S, isNearlySingularFactor(L11) ? Math.min(FIRST_ROWS, n) : 0, linalg);
  checkpoint?.();
  const least = added.reduce((a, b) => Math.min(a, b));
  try {
    return assemble(L11, V.transpose(), linalg.cholesky(S, isNearlySingular(trace(S), least)));
  } catch (error) {
    if (error instanceof NotPositiveDefiniteError) return undefined;
    throw error;
  }
}

/**
 * S -= V^T V, in the lower triangle at least; the squares of the `first` rows of V are subtracted one by one, as a careful
 * factorisation does.
 */
function subtractGram(V: Matrix, S: Matrix, first: number, linalg: LinearAlgebra): void {
  const k = S.rows;
  for (let r = 0; r < first; r += 1) {
    const v = V.row(r);
    for (let i = 0; i < k; i += 1) {
      for (let j = 0; j <= i; j += 1) S.data[i * k + j] -= v[i] * v[j];
    }
  }
  if (first === V.rows) return;
  const taken = Matrix.zeros(k, k);
  linalg.gram(V.slice(first, V.rows), taken);
  for (let i = 0; i < S.data.length; i += 1) S.data[i] -= taken.data[i];
}

function trace(A: Matrix): number {
  let sum = 0;
  for (let i = 0; i < A.rows; i += 1) sum += A.get(i, i);
  return sum;
}

/** [L11, 0; L21, L22], of which only the lower triangle of L11 is read. */
function assemble(L11: Matrix, L21: Matrix, L22: Matrix): Matrix {
  const n = L11.rows;
  const L = Matrix.zeros(n + L22.rows, n + L22.rows);
  for (let i = 0; i < n; i += 1) L.row(i).set(L11.row(i).subarray(0, i + 1));
  for (let i = 0; i < L22.rows; i += 1) {
    L.row(n + i).set(L21.row(i));
    L.row(n + i).set(L22.row(i), n);
  }
  return L;
}
