/** `node kriged-train.ts DATA.json RESTARTS`: trains on each data set with the backend a server has, and prints JSON. */
import { readFileSync } from 'node:fs';
import { fromDist } from '../library/backends.ts';

interface Case {
  readonly X: readonly (readonly number[])[];
  readonly y: readonly number[];
}

interface Found {
  readonly kernel: {
    readonly params: { readonly variance: number; readonly lengthscale: readonly number[] };
  };
  readonly noise: number;
}

type MatrixClass = (new (rows: number, cols: number, data: Float64Array) => object) & {
  fromRows(rows: readonly (readonly number[])[]): object;
};
type BackendClass = { create(blas: string): { readonly linalg: object } };
type Train = (problem: object, options: object) => Found;

const [file, restarts] = process.argv.slice(2);
const { Matrix } = (await fromDist('numeric/linalg/matrix.js')) as { Matrix: MatrixClass };
const { Backend } = (await fromDist('compute/backend.js')) as { Backend: BackendClass };
const { train } = (await fromDist('numeric/training/train.js')) as { train: Train };
const cases = JSON.parse(readFileSync(file, 'utf8')) as Case[];
const { linalg } = Backend.create(process.env['BLAS'] ?? 'auto');

const fit = ({ X, y }: Case): Found =>
  train(
    {
      X: Matrix.fromRows(X),
      Y: new Matrix(y.length, 1, Float64Array.from(y)),
      kernel: { type: 'rbf', params: { variance: 1, lengthscale: [1, 1, 1, 1] } },
      noise: { type: 'free' },
      mean: 'zero',
    },
    { restarts: Number(restarts), seed: 1, linalg },
  );

fit({ X: cases[0].X.slice(0, 160), y: cases[0].y.slice(0, 160) });
const results = cases.map((one) => {
  const before = process.cpuUsage();
  const { kernel, noise } = fit(one);
  const { user, system } = process.cpuUsage(before);
  return { seconds: (user + system) / 1e6, noise, ...kernel.params };
});
process.stdout.write(JSON.stringify(results));
