import { type Backend, fromDist } from '../library/backends.ts';
import type { Answers, KernelValues, StudyCase } from './study-file.ts';

interface Matrix {
  readonly data: Float64Array;
}
interface Kernel {
  panel(Z: Matrix, X: Matrix, out: Float64Array): void;
}
interface Prediction {
  readonly mean: Matrix;
  readonly latentVariance: Matrix;
  readonly varianceAtRounding?: Uint32Array;
}
interface GaussianProcess {
  predict(X: Matrix, wants: { latentVariance: boolean }): Prediction;
  gradients(X: Matrix, wants: { variance: boolean }): { mean: Matrix[]; variance: Matrix[] };
  covariance(X: Matrix): Matrix[];
}
interface Fitted {
  readonly alpha: Matrix;
  readonly factor: object;
  readonly jitter: number;
}
interface Stored {
  readonly L: Matrix;
  readonly alpha: Matrix;
}

/** Answers, and whether something had to be added to the diagonal: then they are those of another model. */
export interface Predicted {
  readonly answers: KrigedAnswers;
  readonly jittered: boolean;
}

/** What Kriged says: the answers, and the query points whose variance it says is decided by rounding. */
interface KrigedAnswers extends Answers {
  readonly atRounding: readonly number[];
}

/** The parts of src/numeric that the study needs, as they are compiled. */
interface Numeric {
  readonly Matrix: {
    new (rows: number, cols: number, data: Float64Array): Matrix;
    fromRows(rows: readonly (readonly number[])[]): Matrix;
  };
  readonly GaussianProcess: new (state: object, backend: Backend) => GaussianProcess;
  buildKernel(spec: object, inputDim: number, backend: Backend): Kernel;
  inferExact(data: object, backend: Backend): Fitted;
  checkPosterior(data: object, stored: Stored, backend: Backend): { agreed: boolean; jitter: number };
  refineStoredWeights(data: object, stored: Stored & { jitter: number }, backend: Backend): Matrix;
}

export async function loadNumeric(): Promise<Numeric> {
  const paths = [
    'linalg/matrix',
    'kernels/kernels',
    'gp/gaussian-process',
    'gp/fit-posterior',
    'gp/check-posterior',
    'gp/refine-stored-weights',
  ];
  const modules = await Promise.all(paths.map((path) => fromDist(`numeric/${path}.js`)));
  return Object.assign({}, ...modules) as Numeric;
}

/** As a served file: with the posterior that GPy stored, checked and refined as it is at load. */
export function predictFromFile(numeric: Numeric, study: StudyCase, backend: Backend): Predicted {
  const n = study.X.length;
  const L = new numeric.Matrix(n, n, Float64Array.from(study.gpyPosterior.L));
  const alpha = new numeric.Matrix(n, 1, Float64Array.from(study.gpyPosterior.alpha));
  const data = trainingData(numeric, study, backend);
  const { agreed, jitter } = numeric.checkPosterior(data, { L, alpha }, backend);
  if (!agreed) return predictFromData(numeric, study, backend);
  const refined = numeric.refineStoredWeights(data, { L, alpha, jitter }, backend);
  const answers = predict(numeric, study, backend, refined, { type: 'cholesky', L });
  return { answers, jittered: study.gpyJitter };
}

/** With Kriged's own factor and weights, from the same data. */
export function predictFromData(numeric: Numeric, study: StudyCase, backend: Backend): Predicted {
  const fitted = numeric.inferExact(trainingData(numeric, study, backend), backend);
  return {
    answers: predict(numeric, study, backend, fitted.alpha, fitted.factor),
    jittered: fitted.jitter > 0,
  };
}

function trainingData(numeric: Numeric, { X, y, spec, noise }: StudyCase, backend: Backend): object {
  return {
    kernel: numeric.buildKernel(spec, X[0].length, backend),
    X: numeric.Matrix.fromRows(X),
    Y: new numeric.Matrix(y.length, 1, Float64Array.from(y)),
    noise,
  };
}

/** k at each pair of points. */
export function kernelValues(numeric: Numeric, { spec, X, Z }: KernelValues, backend: Backend): number[] {
  const kernel = numeric.buildKernel(spec, X[0].length, backend);
  const out = new Float64Array(1);
  return X.map((x, i) => {
    kernel.panel(numeric.Matrix.fromRows([Z[i]]), numeric.Matrix.fromRows([x]), out);
    return out[0];
  });
}

function predict(
  numeric: Numeric,
  { spec, X, Xs, noise }: StudyCase,
  backend: Backend,
  alpha: Matrix,
  factor: object,
): KrigedAnswers {
  const Z = numeric.Matrix.fromRows(X);
  const state = { kernel: spec, Z, alpha, factor, noise: { type: 'gaussian', variance: noise } };
  const gp = new numeric.GaussianProcess(state, backend);
  const points = numeric.Matrix.fromRows(Xs);
  const { mean, latentVariance, varianceAtRounding = [] } = gp.predict(points, { latentVariance: true });
  const gradients = gp.gradients(points, { variance: true });
  const [covariance] = gp.covariance(points);
  const diagonal = Xs.map((_, j) => covariance.data[j * (Xs.length + 1)]);
  requireSound('variance', [...latentVariance.data, ...diagonal], 0);
  requireSound('covariance', covariance.data);
  requireSound('gradient', [...gradients.mean[0].data, ...gradients.variance[0].data]);
  return {
    mean: [...mean.data],
    variance: [...latentVariance.data],
    meanGradient: [...gradients.mean[0].data],
    varianceGradient: [...gradients.variance[0].data],
    atRounding: [...varianceAtRounding],
  };
}

/** However near singular the matrix: no NaN, no infinity, no negative variance. */
function requireSound(what: string, numbers: Iterable<number>, least = Number.NEGATIVE_INFINITY): void {
  for (const value of numbers) {
    if (Number.isFinite(value) && value >= least) continue;
    throw new Error(`Kriged gave a ${what} of ${value}.`);
  }
}
