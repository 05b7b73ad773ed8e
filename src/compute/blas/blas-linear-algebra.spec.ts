import { describe, expect, it } from 'vitest';
import { inferExact } from '../../numeric/gp/fit-posterior.js';
import { GaussianProcess } from '../../numeric/gp/gaussian-process.js';
import { buildKernel } from '../../numeric/kernels/kernels.js';
import { BlasLinearAlgebra } from '../../numeric/linalg/blas/blas-linear-algebra.js';
import { describeLinearAlgebra } from '../../numeric/linalg/linear-algebra.contract.js';
import type { LinearAlgebra } from '../../numeric/linalg/linear-algebra.js';
import { Matrix } from '../../numeric/linalg/matrix.js';
import { Random } from '../../numeric/random/random.js';
import { WasmLinearAlgebra } from '../../numeric/linalg/wasm/wasm-linear-algebra.js';
import { BlasError, findBlas } from './find-blas.js';

const library = findBlas('auto');
if (library === undefined) process.stdout.write('No libopenblas here: the BLAS backend is not tested.\n');

describe.runIf(library)('with OpenBLAS', () => {
  describeLinearAlgebra('BLAS', () => {
    if (library === undefined) throw new Error('unreachable: this suite does not run without a library');
    return new BlasLinearAlgebra(library.functions, WasmLinearAlgebra.create());
  });

  it('keeps the digits of variances where the covariance is nearly singular', () => {
    const wasm = WasmLinearAlgebra.create();
    const blas = new BlasLinearAlgebra(library!.functions, wasm);
    const random = new Random(2);
    const uniform = (rows: number): Matrix =>
      new Matrix(
        rows,
        3,
        Float64Array.from({ length: 3 * rows }, () => random.uniform()),
      );
    const spec = { type: 'rbf', params: { variance: 1e5, lengthscale: 1 } };
    const X = uniform(400);
    const data = { kernel: buildKernel(spec, 3, wasm), X, Y: Matrix.zeros(400, 1), noise: 0 };
    const state = {
      kernel: spec,
      Z: X,
      ...inferExact(data, wasm),
      noise: { type: 'gaussian', variance: 0 },
    } as const;
    const queries = uniform(50);
    const variances = (linalg: LinearAlgebra): Float64Array =>
      new GaussianProcess(state, linalg).predict(queries, { latentVariance: true }).latentVariance!.data;
    const expected = variances(wasm);
    const errors = variances(blas).map((variance, j) => Math.abs(variance / expected[j] - 1));
    expect(Math.max(...errors)).toBeLessThan(0.015);
  });

  it('says what it found', () => {
    expect(library?.name).toMatch(/^OpenBLAS/);
  });
});

describe('findBlas', () => {
  it('looks for nothing when it is off', () => {
    expect(findBlas('off')).toBeUndefined();
  });

  it('refuses a path that is no library', () => {
    expect(() => findBlas('/nowhere/libopenblas.so')).toThrow(BlasError);
    expect(() => findBlas('/nowhere/libopenblas.so')).toThrow(
      'Expected auto, off or the path of libopenblas',
    );
  });
});
