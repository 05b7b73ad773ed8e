/**
 * Leave-one-out by the closed formula against one Cholesky factorisation, by backend, one thread:
 * npm run build && node bench/library/leave-one-out-benchmark.ts [N...]. Processor time, the best of a few runs in turn.
 */
import { availableBackends, fromDist } from './backends.ts';

interface Matrix {
  readonly data: Float64Array;
}
type MatrixClass = new (rows: number, cols: number, data: Float64Array) => Matrix;
interface LinearAlgebra {
  cholesky(A: Matrix): Matrix;
  adopt(A: Matrix): Matrix;
}
interface Kernel {
  matrix(X: Matrix): Matrix;
}

const RUNS = 5;
const { Matrix } = (await fromDist('numeric/linalg/matrix.js')) as { Matrix: MatrixClass };
const { buildKernel } = (await fromDist('numeric/kernels/kernels.js')) as {
  buildKernel: (spec: object, d: number, linalg: unknown) => Kernel;
};
const { inferExact } = (await fromDist('numeric/gp/fit-posterior.js')) as {
  inferExact: (data: object, linalg: unknown) => object;
};
const { GaussianProcess } = (await fromDist('numeric/gp/gaussian-process.js')) as {
  GaussianProcess: new (state: object, linalg: unknown) => object;
};
const { leaveOneOut } = (await fromDist('numeric/diagnostics/leave-one-out.js')) as {
  leaveOneOut: (gp: object, linalg: unknown) => object;
};
const { Random } = (await fromDist('numeric/random/random.js')) as {
  Random: new (seed: number) => { uniform(): number };
};

const sizes = process.argv.slice(2).map(Number);
for (const n of sizes.length > 0 ? sizes : [200, 1000, 2000]) {
  const random = new Random(1);
  const X = new Matrix(
    n,
    4,
    Float64Array.from({ length: 4 * n }, () => random.uniform()),
  );
  const Y = new Matrix(
    n,
    1,
    Float64Array.from({ length: n }, (_, i) => Math.sin(5 * X.data[4 * i])),
  );
  const spec = { type: 'rbf', params: { variance: 1, lengthscale: 0.7 } };
  for (const [name, backend] of await availableBackends()) {
    const kernel = buildKernel(spec, 4, backend);
    const posterior = inferExact({ kernel, X, Y, noise: 1e-3 }, backend);
    const state = { kernel: spec, Z: X, ...posterior, noise: { type: 'gaussian', variance: 1e-3 } };
    const gp = new GaussianProcess(state, backend);
    const linalg = backend as unknown as LinearAlgebra;
    const K = kernel.matrix(X);
    for (let i = 0; i < n; i += 1) K.data[i * n + i] += 1e-3;
    let cholesky = Number.POSITIVE_INFINITY;
    let left = Number.POSITIVE_INFINITY;
    for (let run = 0; run < RUNS; run += 1) {
      cholesky = Math.min(
        cholesky,
        milliseconds(() => linalg.cholesky(K)),
      );
      left = Math.min(
        left,
        milliseconds(() => leaveOneOut(gp, backend)),
      );
    }
    const times = `Cholesky ${cholesky.toFixed(1)} ms, leave-one-out ${left.toFixed(1)} ms`;
    console.log(`n = ${n}, ${name}: ${times}, ${(left / cholesky).toFixed(2)} times`);
  }
}

function milliseconds(work: () => unknown): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
