import { describe, expect, it } from 'vitest';
import { buildKernel } from '../kernels/kernels.js';
import { defaultLinearAlgebra } from '../linalg/default-linear-algebra.js';
import { Matrix } from '../linalg/matrix.js';
import { Random } from '../random/random.js';
import { addedToDiagonal, inferExact } from './fit-posterior.js';
import { refineStoredWeights } from './refine-stored-weights.js';
import { weightCorrection } from './refine-weights.js';

const random = new Random(3);
const N = 90;
// With ten bits each, every product is exact, and K free of rounding.
const X = Matrix.fromRows(Array.from({ length: N }, () => [Math.ceil(1024 * random.uniform()) / 1024]));

/** With k = s2 x z: K + delta I has the inverse (I - s2 x x^T / (delta + s2 |x|^2)) / delta. */
function linear(s2: number, noise: number) {
  const kernel = buildKernel({ type: 'linear', dims: [0], params: { variances: s2 } }, 1);
  const Y = Matrix.fromRows(Array.from(X.data, (x, i) => [i % 2 === 0 ? x : -x]));
  return { kernel, X, Y, noise };
}

function exactWeights(data: ReturnType<typeof linear>, s2: number): number[] {
  const delta = data.noise + 1e-8;
  let square = 0;
  let product = 0;
  X.data.forEach((x, i) => {
    square += x * x;
    product += x * data.Y.data[i];
  });
  return Array.from(X.data, (x, i) => (data.Y.data[i] - (s2 * x * product) / (delta + s2 * square)) / delta);
}

function error(alpha: Matrix, exact: readonly number[]): number {
  const scale = Math.max(...exact.map(Math.abs));
  return Math.max(...exact.map((value, i) => Math.abs(alpha.data[i] - value) / scale));
}

describe('weightCorrection', () => {
  it('removes what the factorisation did to the weights', () => {
    const data = { ...linear(1, 1e-4) };
    const exact = exactWeights(data, 1);
    const { factor, alpha } = inferExact(data);
    const rough = new Matrix(N, 1, alpha.data.map((value, i) => value * (1 + 1e-9 * Math.sin(i)))); // prettier-ignore
    const system = { ...data, added: addedToDiagonal(data, 0), residual: data.Y };
    const correction = weightCorrection(system, { L: factor.L, alpha: rough }, defaultLinearAlgebra());
    rough.data.forEach((value, i) => (rough.data[i] = value + correction.data[i]));
    expect(error(rough, exact)).toBeLessThan(1e-14);
  });
});

describe('refineStoredWeights', () => {
  const stored = (data: ReturnType<typeof linear>, change: number) => {
    const { factor, alpha, jitter } = inferExact(data);
    const off = new Matrix(N, 1, alpha.data.map((value, i) => value * (1 + change * Math.cos(i)))); // prettier-ignore
    return { L: factor.L, alpha: off, jitter };
  };

  it('corrects weights that are a little off', () => {
    const data = linear(1, 1e-2);
    const exact = exactWeights(data, 1);
    const file = stored(data, 1e-12);
    expect(error(file.alpha, exact)).toBeGreaterThan(1e-13);
    expect(error(refineStoredWeights(data, file), exact)).toBeLessThan(1e-14);
  });

  it('leaves weights whose correction could show in a prediction', () => {
    const data = linear(1, 1e-2);
    const file = stored(data, 1e-3);
    expect(refineStoredWeights(data, file).data).toEqual(file.alpha.data);
  });
});
