import { dot } from './objective.js';
import { solveDense } from './solve-dense.js';

/** A pair is left out where s.y is not above this part of y.y: it would make the matrix indefinite. */
const LEAST_CURVATURE = 2.2e-16;

/**
 * The limited-memory BFGS approximation of a Hessian from the last steps s and changes of the gradient y, in compact form:
 *
 *   B = theta I - W M W^T,  W = [Y  theta S],  M^-1 = [-D  L^T; L  theta S^T S]
 *
 * with D the diagonal and L the part below it of S^T Y. Byrd, Lu, Nocedal & Zhu (1995), "A Limited Memory Algorithm for
 * Bound Constrained Optimization", SIAM J. Sci. Comput. 16(5), 1190-1208, eq. (3.2) to (3.4).
 */
export class LbfgsMatrix {
  theta = 1;
  readonly #steps: Float64Array[] = [];
  readonly #changes: Float64Array[] = [];
  #inverse: Float64Array[] = [];

  constructor(private readonly memory: number) {}

  /** How many columns W has. */
  get rank(): number {
    return 2 * this.#steps.length;
  }

  /** Takes over the pair, or leaves it out where the curvature along it is not positive. */
  update(s: Float64Array, y: Float64Array): void {
    const curvature = dot(s, y);
    const yy = dot(y, y);
    if (!(curvature > LEAST_CURVATURE * yy)) return;
    if (this.#steps.length === this.memory) {
      this.#steps.shift();
      this.#changes.shift();
    }
    this.#steps.push(s);
    this.#changes.push(y);
    this.theta = yy / curvature;
    this.#inverse = this.#inverseOfM();
  }

  reset(): void {
    this.#steps.length = 0;
    this.#changes.length = 0;
    this.#inverse = [];
    this.theta = 1;
  }

  /** Row i of W. */
  row(i: number): Float64Array {
    const k = this.#steps.length;
    const row = new Float64Array(2 * k);
    for (let a = 0; a < k; a += 1) {
      row[a] = this.#changes[a][i];
      row[k + a] = this.theta * this.#steps[a][i];
    }
    return row;
  }

  /** M v */
  timesM(v: Float64Array): Float64Array {
    return solveDense(this.#inverse, v);
  }

  #inverseOfM(): Float64Array[] {
    const k = this.#steps.length;
    const rows = Array.from({ length: 2 * k }, () => new Float64Array(2 * k));
    for (let i = 0; i < k; i += 1) {
      for (let j = 0; j < k; j += 1) {
        const sy = dot(this.#steps[i], this.#changes[j]);
        if (i === j) rows[i][i] = -sy;
        if (i > j) {
          rows[k + i][j] = sy;
          rows[j][k + i] = sy;
        }
        rows[k + i][k + j] = this.theta * dot(this.#steps[i], this.#steps[j]);
      }
    }
    return rows;
  }
}
