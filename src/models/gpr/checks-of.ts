import type { GaussianProcess } from '../../numeric/gp/gaussian-process.js';
import type { Matrix } from '../../numeric/linalg/matrix.js';
import type { ModelCheck } from '../model-check.js';
import { predictRows } from './compute-prediction.js';

/** In deviations of the output: what another machine's rounding makes of a nearly singular covariance. */
const TOLERANCE = 1e-5;

/**
 * What the GP predicts at X (m x d), for readers of its file to compare with. `Y`: its training outputs (n x p), as the
 * kernel sees them, which tell how large a difference matters.
 */
export function checksOf(gp: GaussianProcess, X: Matrix, Y: Matrix): ModelCheck[] {
  const { mean, variance } = predictRows(gp, X, {});
  const scale = Math.max(...(gp.state.outputNorm?.std ?? [1])) * Math.max(...deviations(Y));
  return Array.from({ length: X.rows }, (_, row) => ({
    x: [...X.row(row)],
    mean: [...mean.row(row)],
    ...(variance && { variance: [...variance.row(row)] }),
    tolerance: { mean: TOLERANCE * scale, variance: TOLERANCE * scale ** 2 },
  }));
}

/** Standard deviation of each column. */
function deviations({ rows, cols, data }: Matrix): number[] {
  return Array.from({ length: cols }, (_, column) => {
    const values = data.filter((_value, k) => k % cols === column);
    const mean = values.reduce((sum, value) => sum + value, 0) / rows;
    return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / rows);
  });
}
