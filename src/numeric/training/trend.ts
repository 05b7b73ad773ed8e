import type { MeanSpec } from '../gp/gp-state.js';
import { Matrix } from '../linalg/matrix.js';
import type { TrainingMean } from './training-problem.js';

/** A column whose part outside those before it is smaller, relative to itself, adds nothing. */
const RANK_TOLERANCE = 1e-10;

/**
 * The basis of the prior mean, m(X) = H beta, and its coefficients by generalised least squares: beta minimises
 * (Y - H beta)^T K^-1 (Y - H beta), which maximises the marginal likelihood over beta whatever the hyperparameters are. The
 * likelihood at that beta is what is maximised over them (profile likelihood); its gradient is that for a known mean, since
 * the one by beta is zero there. Rasmussen & Williams (2006), eq. (2.43), p. 29; Santner, Williams & Notz (2003), eq. (3.3.4).
 *
 * Columns of a linear mean are centred and divided by their spread, and one that depends on others is left out.
 */
export class Trend {
  /** n x h, h = 0 for a mean of zero. */
  readonly H: Matrix;
  readonly warnings: readonly string[];
  /** For each column of H but the first: its input, and what was taken off and divided by. */
  readonly #columns: readonly { readonly dim: number; readonly centre: number; readonly scale: number }[];

  constructor(
    private readonly form: TrainingMean,
    private readonly X: Matrix,
  ) {
    const n = X.rows;
    const basis: Float64Array[] = form === 'zero' ? [] : [new Float64Array(n).fill(1)];
    const columns: { dim: number; centre: number; scale: number }[] = [];
    const left: number[] = [];
    const orthogonal = basis.map((column) => normalised(column));
    for (let dim = 0; form === 'linear' && dim < X.cols; dim += 1) {
      const column = X.column(dim);
      const centre = column.reduce((sum, value) => sum + value, 0) / n;
      const scale = Math.sqrt(column.reduce((sum, value) => sum + (value - centre) ** 2, 0) / n);
      const scaled = column.map((value) => (value - centre) / scale);
      const rest = scale > 0 && basis.length < n ? outside(scaled, orthogonal) : undefined;
      if (rest === undefined) {
        left.push(dim);
        continue;
      }
      orthogonal.push(rest);
      basis.push(scaled);
      columns.push({ dim, centre, scale });
    }
    this.H = Matrix.zeros(n, basis.length);
    basis.forEach((column, h) => column.forEach((value, i) => (this.H.data[i * basis.length + h] = value)));
    this.#columns = columns;
    this.warnings = left.map(
      (dim) => `The linear mean leaves out input ${dim}: it is constant, or a linear function of the others.`,
    );
  }

  /** The mean with the coefficients beta (h x p); undefined where it is zero. */
  mean(beta: Matrix): MeanSpec | undefined {
    if (this.form === 'zero') return undefined;
    const p = beta.cols;
    const value = Array.from(beta.row(0));
    if (this.form === 'constant') return { type: 'constant', value };
    const A = Matrix.zeros(this.X.cols, p);
    this.#columns.forEach(({ dim, centre, scale }, h) => {
      for (let o = 0; o < p; o += 1) {
        const slope = beta.get(h + 1, o) / scale;
        A.data[dim * p + o] = slope;
        value[o] -= slope * centre;
      }
    });
    return {
      type: 'sum',
      parts: [
        { type: 'constant', value },
        { type: 'linear', A },
      ],
    };
  }
}

/**
 * The least squares solution beta (h x p) of H beta = Y, for H n x h of full rank: modified Gram-Schmidt with the right-hand
 * sides as further columns (Golub & Van Loan, 4th ed., section 5.3.5), each column orthogonalised twice.
 */
export function leastSquares(H: Matrix, Y: Matrix): Matrix {
  const h = H.cols;
  const beta = Matrix.zeros(h, Y.cols);
  const Q: Float64Array[] = [];
  const R: Float64Array[] = [];
  for (let k = 0; k < h; k += 1) {
    const column = H.column(k);
    R.push(project(column, Q));
    const norm = Math.sqrt(dot(column, column));
    R[k][k] = norm;
    Q.push(column.map((value) => value / norm));
  }
  for (let o = 0; o < Y.cols; o += 1) {
    const right = project(Y.column(o), Q);
    for (let k = h - 1; k >= 0; k -= 1) {
      let sum = right[k];
      for (let j = k + 1; j < h; j += 1) sum -= R[j][k] * beta.get(j, o);
      beta.data[k * Y.cols + o] = sum / R[k][k];
    }
  }
  return beta;
}

/** Takes the parts along Q off the column, and returns them (with room for one more). */
function project(column: Float64Array, Q: readonly Float64Array[]): Float64Array {
  const parts = new Float64Array(Q.length + 1);
  for (let pass = 0; pass < 2; pass += 1) {
    Q.forEach((q, k) => {
      const part = dot(q, column);
      parts[k] += part;
      for (let i = 0; i < column.length; i += 1) column[i] -= part * q[i];
    });
  }
  return parts;
}

/** What the column has outside the span of Q, of length 1; undefined where that is rounding. */
function outside(column: Float64Array, Q: readonly Float64Array[]): Float64Array | undefined {
  const rest = column.slice();
  project(rest, Q);
  return dot(rest, rest) > RANK_TOLERANCE ** 2 * dot(column, column) ? normalised(rest) : undefined;
}

function normalised(column: Float64Array): Float64Array {
  const norm = Math.sqrt(dot(column, column));
  return column.map((value) => value / norm);
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i += 1) sum += a[i] * b[i];
  return sum;
}
