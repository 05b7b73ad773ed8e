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
}
interface GaussianProcess {
  predict(X: Matrix, wants: { latentVariance: boolean }): Prediction;
  gradients(X: Matrix, wants: { variance: boolean }): { mean: Matrix[]; variance: Matrix[] };
}
interface Fitted {
  readonly alpha: Matrix;
  readonly factor: object;
  readonly jitter: number;
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
}

export async function loadNumeric(): Promise<Numeric> {
  const paths = ['linalg/matrix', 'gp/gaussian-process', 'kernels/kernels', 'gp/fit-posterior'];
  const modules = await Promise.all(paths.map((path) => fromDist(`numeric/${path}.js`)));
  return Object.assign({}, ...modules) as Numeric;
}

/** As a served file: with the posterior that GPy stored. */
export function predictFromFile(numeric: Numeric, study: StudyCase, backend: Backend): Answers {
  const n = study.X.length;
  const { L, alpha } = study.gpyPosterior;
  const factor = { type: 'cholesky', L: new numeric.Matrix(n, n, Float64Array.from(L)) };
  return predict(numeric, study, backend, new numeric.Matrix(n, 1, Float64Array.from(alpha)), factor);
}

/** With Kriged's own factor and weights, from the same data. */
export function predictFromData(
  numeric: Numeric,
  study: StudyCase,
  backend: Backend,
): { readonly answers: Answers; readonly jittered: boolean } {
  const X = numeric.Matrix.fromRows(study.X);
  const Y = new numeric.Matrix(study.y.length, 1, Float64Array.from(study.y));
  const kernel = numeric.buildKernel(study.spec, study.X[0].length, backend);
  const fitted = numeric.inferExact({ kernel, X, Y, noise: study.noise }, backend);
  return {
    answers: predict(numeric, study, backend, fitted.alpha, fitted.factor),
    jittered: fitted.jitter > 0,
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
): Answers {
  const Z = numeric.Matrix.fromRows(X);
  const state = { kernel: spec, Z, alpha, factor, noise: { type: 'gaussian', variance: noise } };
  const gp = new numeric.GaussianProcess(state, backend);
  const points = numeric.Matrix.fromRows(Xs);
  const { mean, latentVariance } = gp.predict(points, { latentVariance: true });
  const gradients = gp.gradients(points, { variance: true });
  return {
    mean: [...mean.data],
    variance: [...latentVariance.data],
    meanGradient: [...gradients.mean[0].data],
    varianceGradient: [...gradients.variance[0].data],
  };
}
