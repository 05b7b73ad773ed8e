/**
 * `npm run bench:sparse [-- n M]`: sparse training of n points (20,000) of 4 inputs with M inducing points (300), one thread.
 * Prints seconds of the processor, iterations, the bound, the error on 2,000 other points, and the peak of memory.
 */
import { fromDist } from '../library/backends.ts';

interface Matrix {
  readonly data: Float64Array;
  row(i: number): Float64Array;
  slice(start: number, end: number): Matrix;
  readonly rows: number;
}
interface Numeric {
  readonly Backend: {
    create(blas: string): { readonly linalg: object; readonly description: string };
  };
  readonly Matrix: (new (rows: number, cols: number, data: Float64Array) => Matrix) & {
    zeros(rows: number, cols: number): Matrix;
  };
  readonly Random: new (seed: number) => { uniform(): number; fillNormal(out: Float64Array): void };
  readonly buildKernel: (spec: object, inputs: number, linalg: object) => object;
  readonly inferSparse: (data: object, linalg: object) => { alpha: Matrix; factor: object };
  readonly GaussianProcess: new (state: object, linalg: object) => { predict(X: Matrix): { mean: Matrix } };
  readonly startingPoints: (problem: object, restarts: number, seed: number) => Float64Array[];
  readonly maximiseSparse: (
    problem: object,
    start: Float64Array,
    options: object,
  ) => {
    readonly kernel: object;
    readonly noise: number;
    readonly inducingPoints: Matrix;
    readonly iterations: number;
    readonly evaluations: number;
    readonly logMarginalLikelihood: number;
  };
}

const parts = await Promise.all(
  [
    'compute/backend.js',
    'numeric/linalg/matrix.js',
    'numeric/random/random.js',
    'numeric/kernels/kernels.js',
    'numeric/gp/fit-posterior.js',
    'numeric/gp/gaussian-process.js',
    'numeric/training/starting-points.js',
    'numeric/training/maximise-sparse.js',
  ].map((path) => fromDist(path)),
);
const { Backend, Matrix, Random, buildKernel, inferSparse, GaussianProcess, startingPoints, maximiseSparse } =
  Object.assign({}, ...parts) as Numeric;
const [n = 20_000, inducing = 300] = process.argv.slice(2).map(Number);
const TEST = 2000;
const NOISE = 0.05;
const { linalg, description } = Backend.create('auto');
const random = new Random(1);

const X = Matrix.zeros(n + TEST, 4);
for (let k = 0; k < X.data.length; k += 1) X.data[k] = 2 * random.uniform() - 1;
const errors = new Float64Array(n + TEST);
random.fillNormal(errors);
const truth = Float64Array.from({ length: n + TEST }, (_, i) => {
  const [a, b, c, d] = X.row(i);
  return Math.sin(3 * a) + b * c + 0.5 * Math.cos(2 * d);
});
const Y = new Matrix(
  n,
  1,
  truth.slice(0, n).map((value, i) => value + NOISE * errors[i]),
);

const problem = {
  X: X.slice(0, n),
  Y,
  kernel: { type: 'rbf', params: { variance: 1, lengthscale: [1, 1, 1, 1] } },
  noise: { type: 'free' },
  mean: 'zero',
} as const;
const before = process.cpuUsage();
const began = performance.now();
const [start] = startingPoints(problem, 1, 1);
const result = maximiseSparse(problem, start, { inducing, linalg });
const { user, system } = process.cpuUsage(before);
const seconds = (user + system) / 1e6;
const kernel = buildKernel(result.kernel, 4, linalg);
const noise = result.noise;
const { alpha, factor } = inferSparse({ kernel, X: problem.X, Y, noise, Z: result.inducingPoints }, linalg);
const gp = new GaussianProcess(
  {
    kernel: result.kernel,
    Z: result.inducingPoints,
    alpha,
    factor,
    noise: { type: 'gaussian', variance: noise },
  },
  linalg,
);
const { mean } = gp.predict(X.slice(n, n + TEST));
const squares = mean.data.reduce((sum, value, i) => sum + (value - truth[n + i]) ** 2, 0);
console.log(
  JSON.stringify({
    backend: description,
    n,
    inducing: result.inducingPoints.rows,
    processorSeconds: Number(seconds.toFixed(1)),
    wallSeconds: Number(((performance.now() - began) / 1e3).toFixed(1)),
    iterations: result.iterations,
    evaluations: result.evaluations,
    bound: result.logMarginalLikelihood,
    noiseStd: Math.sqrt(noise),
    rmse: Math.sqrt(squares / TEST),
    peakMiB: Math.round(process.resourceUsage().maxRSS / 1024),
  }),
);
