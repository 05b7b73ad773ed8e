/** Times Kriged's prediction, one thread: node kriged-predict.ts MODELS SECONDS. Prints JSON, as numpy_predict.py. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { availableBackends, fromDist } from './backends.ts';

interface Matrix {
  readonly data: Float64Array;
}
interface GaussianProcess {
  predict(X: Matrix, wants: { observedVariance: boolean }): { mean: Matrix; observedVariance: Matrix };
}
type MatrixClass = new (rows: number, cols: number, data: Float64Array) => Matrix;
type GaussianProcessClass = new (state: unknown, backend: unknown) => GaussianProcess;

const [models, secondsText] = process.argv.slice(2);
const seconds = Number(secondsText);
const { Matrix } = (await fromDist('numeric/linalg/matrix.js')) as { Matrix: MatrixClass };
const { GaussianProcess } = (await fromDist('numeric/gp/gaussian-process.js')) as {
  GaussianProcess: GaussianProcessClass;
};

const hyper = JSON.parse(readFileSync(join(models, 'hyperparameters.json'), 'utf8')) as {
  variance: number;
  lengthscale: number[];
  noise: number;
};
const queries = doubles(join(models, 'queries.f64'));

const results: object[] = [];
for (const [name, backend] of await availableBackends()) {
  for (const n of [200, 1000, 2000]) {
    const gp = new GaussianProcess(readState(n), backend);
    for (const rows of [1, 1000, 10_000]) {
      const X = new Matrix(rows, 4, queries.subarray(0, rows * 4));
      const secondsPredict = best(() => gp.predict(X, { observedVariance: true }));
      const { mean, observedVariance } = gp.predict(X, { observedVariance: true });
      const answers = { mean: first(mean), variance: first(observedVariance) };
      results.push({ backend: name, n, rows, secondsPredict, ...answers });
    }
  }
}
console.log(JSON.stringify(results));

function readState(n: number): object {
  const folder = join(models, `n${n}`, 'library');
  return {
    kernel: {
      type: 'rbf',
      dims: [0, 1, 2, 3],
      params: { variance: hyper.variance, lengthscale: hyper.lengthscale },
    },
    Z: new Matrix(n, 4, doubles(join(folder, 'Z.f64'))),
    alpha: new Matrix(n, 1, doubles(join(folder, 'alpha.f64'))),
    factor: { type: 'cholesky', L: new Matrix(n, n, doubles(join(folder, 'L.f64'))) },
    noise: { type: 'gaussian', variance: hyper.noise },
  };
}

function doubles(path: string): Float64Array {
  return new Float64Array(new Uint8Array(readFileSync(path)).buffer);
}

function first({ data }: Matrix): number[] {
  return Array.from(data.subarray(0, 1000));
}

/** The shortest time of one call, in seconds: what the machine can do when nothing disturbs it. */
function best(run: () => unknown): number {
  let shortest = Number.POSITIVE_INFINITY;
  const began = performance.now();
  for (let calls = 0; calls < 3 || performance.now() - began < seconds * 1000; calls += 1) {
    const start = performance.now();
    run();
    shortest = Math.min(shortest, performance.now() - start);
  }
  return shortest / 1000;
}
