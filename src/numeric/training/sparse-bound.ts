import { GPY_NUGGET } from '../gp/fit-posterior.js';
import type { Kernel } from '../kernels/kernel.js';
import type { KernelSpec } from '../kernels/kernel-spec.js';
import { buildKernel } from '../kernels/kernels.js';
import type { LinearAlgebra } from '../linalg/linear-algebra.js';
import { Matrix } from '../linalg/matrix.js';
import { TypeScriptLinearAlgebra } from '../linalg/typescript-linear-algebra.js';
import type { Likelihood, MarginalLikelihood } from './log-marginal-likelihood.js';
import type { TrainingProblem } from './training-problem.js';
import { Trend } from './trend.js';

const LOG_TWO_PI = Math.log(2 * Math.PI);
/** Training points at a time. */
const WIDTH = 1024;

/** What a value and its gradient have in common. */
interface Parts {
  readonly kernel: Kernel;
  readonly Lm: Matrix;
  readonly B: Matrix;
  readonly LB: Matrix;
  /** V = Lm^-1 K_mn diag(sqrt(w)), in panels of M x WIDTH. */
  readonly V: readonly Matrix[];
  /** The square roots of the weights w, n numbers. */
  readonly root: Float64Array;
  /** diag(sqrt(w)) (Y - m(X)), n x p. */
  readonly R: Matrix;
  /** LB^-1 V R, M x p. */
  readonly c: Matrix;
  readonly value: number;
  readonly beta: Matrix;
}

/**
 * The variational lower bound of the log marginal likelihood of a Gaussian process with M inducing points Z, and its
 * gradient by the hyperparameters and by Z. Titsias (2009), "Variational Learning of Inducing Variables in Sparse Gaussian
 * Processes", eq. (9), summed over p outputs, with noise variances 1 / w_i:
 *
 *   Lm Lm^T = K_mm + 1e-8 I,   V = Lm^-1 K_mn diag(sqrt(w)),   B = I + V V^T = LB LB^T,   c = LB^-1 V R
 *   F = -n p / 2 log 2 pi + p/2 sum_i log w_i - p/2 log |B| - 1/2 tr(R^T R) + 1/2 tr(c^T c)
 *       - p/2 (sum_i w_i k(x_i, x_i) - tr(V V^T))
 *
 * It is that of the posterior of `inferSparse`, and becomes the likelihood where Z are the training points. Costs
 * O(n M^2) time and n M doubles of memory. Throws NotPositiveDefiniteError where K_mm cannot be factored.
 */
export class SparseBound implements Likelihood {
  readonly trend: Trend;

  constructor(
    private readonly problem: TrainingProblem,
    private readonly Z: Matrix,
    private readonly linalg: LinearAlgebra,
  ) {
    this.trend = new Trend(problem.mean, problem.X);
  }

  /**
   * The bound for a kernel and a noise variance (one, or one a point; at least 1e-8 counts). `gradient` is as in
   * `LogMarginalLikelihood`; `byInducing` (M x d) receives the derivatives by Z.
   */
  evaluate(
    spec: KernelSpec,
    noise: number | Float64Array,
    gradient?: Float64Array,
    byInducing?: Matrix,
  ): MarginalLikelihood {
    const parts = this.#parts(spec, noise);
    if (gradient !== undefined || byInducing !== undefined) {
      gradient?.fill(0);
      byInducing?.data.fill(0);
      this.#addGradients(parts, noise, gradient, byInducing);
    }
    return { value: parts.value, beta: parts.beta };
  }

  #parts(spec: KernelSpec, noise: number | Float64Array): Parts {
    const { linalg, Z } = this;
    const { X, Y } = this.problem;
    const [n, p, M] = [X.rows, Y.cols, Z.rows];
    const kernel = buildKernel(spec, X.cols, linalg);
    const Kmm = kernel.matrix(Z);
    addToDiagonal(Kmm, GPY_NUGGET);
    const Lm = linalg.cholesky(Kmm);
    const variance = (i: number): number =>
      Math.max(typeof noise === 'number' ? noise : noise[i], GPY_NUGGET);
    const root = Float64Array.from({ length: n }, (_, i) => 1 / Math.sqrt(variance(i)));

    const B = Matrix.zeros(M, M);
    const square = Matrix.zeros(M, M);
    const V: Matrix[] = [];
    const H = scaleRows(this.trend.H, root);
    const R = scaleRows(Y, root);
    const cH = Matrix.zeros(M, H.cols);
    const c = Matrix.zeros(M, p);
    for (let start = 0; start < n; start += WIDTH) {
      const end = Math.min(start + WIDTH, n);
      const panel = Matrix.zeros(M, end - start);
      kernel.panel(Z, X.slice(start, end), panel.data);
      linalg.solveLower(Lm, panel);
      scaleColumns(panel, root.subarray(start, end));
      V.push(panel);
      linalg.gram(panel.transpose(), square);
      add(B, square);
      addProduct(panel, R.slice(start, end), c, linalg);
      if (H.cols > 0) addProduct(panel, H.slice(start, end), cH, linalg);
    }
    addToDiagonal(B, 1);
    const LB = linalg.cholesky(B);
    linalg.solveLower(LB, c);
    if (H.cols > 0) linalg.solveLower(LB, cH);
    const beta = generalisedLeastSquares(H, R, cH, c);
    subtractProduct(R, H, beta);
    subtractProduct(c, cH, beta);

    const priors = new Float64Array(n);
    kernel.diagonal(X, priors);
    let value = -0.5 * n * p * LOG_TWO_PI - 0.5 * squareNorm(R) + 0.5 * squareNorm(c);
    for (let i = 0; i < n; i += 1) value += p * (Math.log(root[i]) - 0.5 * root[i] ** 2 * priors[i]);
    for (let k = 0; k < M; k += 1) value += p * (0.5 * (B.get(k, k) - 1) - Math.log(LB.get(k, k)));
    return { kernel, Lm, B, LB, V, root, R, c, value, beta };
  }

  /**
   * With C = LB^-T c, alpha = Lm^-T C and E = R - V^T C:
   *
   *   dF/dK_mn = (p Lm^-T (I - B^-1) V + alpha E^T) diag(sqrt(w)),   dF/dk(x_i, x_i) = -p w_i / 2
   *   dF/dK_mm = p/2 Lm^-T (2 I - B^-1 - B) Lm^-1 - 1/2 alpha alpha^T
   */
  #addGradients(
    { kernel, Lm, B, LB, V, root, R, c }: Parts,
    noise: number | Float64Array,
    gradient: Float64Array | undefined,
    byInducing: Matrix | undefined,
  ): void {
    const { linalg, Z } = this;
    const { X, Y } = this.problem;
    const [n, p, M] = [X.rows, Y.cols, Z.rows];
    const inverseB = Matrix.zeros(M, M);
    addToDiagonal(inverseB, 1);
    linalg.solveLower(LB, inverseB);
    linalg.solveLowerTranspose(LB, inverseB);
    const C = new Matrix(M, p, c.data.slice());
    linalg.solveLowerTranspose(LB, C);
    const alpha = new Matrix(M, p, C.data.slice());
    linalg.solveLowerTranspose(Lm, alpha);
    const T = new Matrix(
      M,
      M,
      inverseB.data.map((value) => -p * value),
    );
    addToDiagonal(T, p);
    linalg.solveLowerTranspose(Lm, T);

    const count = kernel.parameters?.length ?? 0;
    const byKernel = gradient?.subarray(0, count);
    let misfit = 0;
    V.forEach((panel, block) => {
      const start = block * WIDTH;
      const end = start + panel.cols;
      const points = X.slice(start, end);
      const E = R.slice(start, end);
      const fitted = Matrix.zeros(panel.cols, p);
      linalg.transposeMultiply(panel, C, fitted);
      for (let k = 0; k < E.data.length; k += 1) E.data[k] -= fitted.data[k];
      misfit += squareNorm(E);
      const G = Matrix.zeros(M, panel.cols);
      linalg.multiply(T, panel, G);
      addOuter(alpha, E, G);
      scaleColumns(G, root.subarray(start, end));
      if (byKernel) kernel.addParameterGradients(Z, points, G.data, byKernel);
      if (!byInducing) return;
      for (let k = 0; k < M; k += 1) kernel.addGradient(points, Z.row(k), G.row(k), byInducing.row(k));
    });

    const S = this.#byInducingCovariance(Lm, B, inverseB, alpha);
    if (byKernel) {
      kernel.addMatrixParameterGradients(Z, S.data, byKernel);
      const weights = root.map((value) => -0.5 * p * value * value);
      kernel.addDiagonalParameterGradients(X, weights, byKernel);
    }
    if (byInducing) addInducingGradients(kernel, Z, S, byInducing);
    // dF/d(noise), where it is one number: below the least that counts F does not depend on it.
    if (!gradient || gradient.length <= count || typeof noise !== 'number' || noise < GPY_NUGGET) return;
    const w = root[0] ** 2;
    const priors = new Float64Array(n);
    kernel.diagonal(X, priors);
    const prior = priors.reduce((sum, value) => sum + value, 0);
    const left = w * prior - (trace(B) - M);
    gradient[count] = -0.5 * w * (n * p - p * (M - trace(inverseB)) - misfit - p * left);
  }

  #byInducingCovariance(Lm: Matrix, B: Matrix, inverseB: Matrix, alpha: Matrix): Matrix {
    const M = Lm.rows;
    const p = alpha.cols;
    const middle = new Matrix(
      M,
      M,
      B.data.map((value, k) => -0.5 * p * (value + inverseB.data[k])),
    );
    addToDiagonal(middle, p);
    this.linalg.solveLowerTranspose(Lm, middle);
    const S = middle.transpose();
    this.linalg.solveLowerTranspose(Lm, S);
    for (let i = 0; i < M; i += 1) {
      for (let j = 0; j <= i; j += 1) {
        let outer = 0;
        for (let o = 0; o < p; o += 1) outer += alpha.get(i, o) * alpha.get(j, o);
        const value = 0.5 * (S.get(i, j) + S.get(j, i) - outer);
        S.data[i * M + j] = value;
        S.data[j * M + i] = value;
      }
    }
    return S;
  }
}

/** Adds sum_ij S_ij dK(Z, Z)_ij/dZ for a symmetric S. */
function addInducingGradients(kernel: Kernel, Z: Matrix, S: Matrix, out: Matrix): void {
  for (let k = 0; k < Z.rows; k += 1) {
    const weights = S.row(k).map((value) => 2 * value);
    weights[k] = 0;
    kernel.addGradient(Z, Z.row(k), weights, out.row(k));
    kernel.addDiagonalGradient(Z.row(k), S.get(k, k), out.row(k));
  }
}

/**
 * beta (h x p) that minimises tr(R^T R) - tr(c^T c) for R - H beta and c - cH beta: the normal equations, whose matrix is
 * small, and well conditioned as the columns of the trend are.
 */
function generalisedLeastSquares(H: Matrix, R: Matrix, cH: Matrix, c: Matrix): Matrix {
  if (H.cols === 0) return Matrix.zeros(0, R.cols);
  const small = new TypeScriptLinearAlgebra();
  const product = (A: Matrix, b: Matrix): Matrix => {
    const out = Matrix.zeros(A.cols, b.cols);
    small.transposeMultiply(A, b, out);
    return out;
  };
  const difference = (A: Matrix, b: Matrix): Matrix =>
    new Matrix(
      A.rows,
      A.cols,
      A.data.map((value, k) => value - b.data[k]),
    );
  const L = small.cholesky(difference(product(H, H), product(cH, cH)));
  const beta = difference(product(H, R), product(cH, c));
  small.solveLower(L, beta);
  small.solveLowerTranspose(L, beta);
  return beta;
}

function scaleRows(A: Matrix, scale: Float64Array): Matrix {
  return new Matrix(
    A.rows,
    A.cols,
    A.data.map((value, k) => value * scale[Math.floor(k / A.cols)]),
  );
}

function scaleColumns({ rows, cols, data }: Matrix, scale: Float64Array): void {
  for (let i = 0, k = 0; i < rows; i += 1) {
    for (let j = 0; j < cols; j += 1, k += 1) data[k] *= scale[j];
  }
}

/** out += A B */
function addProduct(A: Matrix, B: Matrix, out: Matrix, linalg: LinearAlgebra): void {
  const product = Matrix.zeros(out.rows, out.cols);
  linalg.multiply(A, B, product);
  add(out, product);
}

/** A -= B beta, for few columns. */
function subtractProduct(A: Matrix, B: Matrix, beta: Matrix): void {
  for (let i = 0; i < A.rows; i += 1) {
    for (let o = 0; o < A.cols; o += 1) {
      for (let h = 0; h < B.cols; h += 1) A.data[i * A.cols + o] -= B.get(i, h) * beta.get(h, o);
    }
  }
}

/** out += a E^T, for a with few columns. */
function addOuter(a: Matrix, E: Matrix, out: Matrix): void {
  for (let i = 0, k = 0; i < out.rows; i += 1) {
    for (let j = 0; j < out.cols; j += 1, k += 1) {
      for (let o = 0; o < a.cols; o += 1) out.data[k] += a.get(i, o) * E.get(j, o);
    }
  }
}

function add(to: Matrix, what: Matrix): void {
  for (let k = 0; k < to.data.length; k += 1) to.data[k] += what.data[k];
}

function addToDiagonal(A: Matrix, value: number): void {
  for (let i = 0; i < A.rows; i += 1) A.data[i * A.cols + i] += value;
}

function squareNorm({ data }: Matrix): number {
  return data.reduce((sum, value) => sum + value * value, 0);
}

function trace(A: Matrix): number {
  let sum = 0;
  for (let i = 0; i < A.rows; i += 1) sum += A.get(i, i);
  return sum;
}
