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
  /** rank x rank */
  #M: Float64Array = new Float64Array(0);

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
    this.#M = this.#middle();
  }

  reset(): void {
    this.#steps.length = 0;
    this.#changes.length = 0;
    this.#M = new Float64Array(0);
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
    const n = v.length;
    const M = this.#M;
    const result = new Float64Array(n);
    for (let a = 0, k = 0; a < n; a += 1) {
      let sum = 0;
      for (let b = 0; b < n; b += 1, k += 1) sum += M[k] * v[b];
      result[a] = sum;
    }
    return result;
  }

  #middle(): Float64Array {
    const k = this.#steps.length;
    const n = 2 * k;
    const inverse = new Float64Array(n * n);
    const M = new Float64Array(n * n);
    for (let i = 0; i < k; i += 1) {
      for (let j = 0; j < k; j += 1) {
        const sy = dot(this.#steps[i], this.#changes[j]);
        if (i === j) inverse[i * n + i] = -sy;
        if (i > j) {
          inverse[(k + i) * n + j] = sy;
          inverse[j * n + k + i] = sy;
        }
        inverse[(k + i) * n + k + j] = this.theta * dot(this.#steps[i], this.#steps[j]);
      }
    }
    for (let i = 0; i < n; i += 1) M[i * (n + 1)] = 1;
    solveDense(inverse, n, M, n);
    return M;
  }
}
