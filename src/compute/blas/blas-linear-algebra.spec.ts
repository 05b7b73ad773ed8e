import { describe, expect, it } from 'vitest';
import { BlasLinearAlgebra } from '../../numeric/linalg/blas/blas-linear-algebra.js';
import { describeLinearAlgebra } from '../../numeric/linalg/linear-algebra.contract.js';
import { WasmLinearAlgebra } from '../../numeric/linalg/wasm/wasm-linear-algebra.js';
import { BlasError, findBlas } from './find-blas.js';

const library = findBlas('auto');
if (library === undefined) process.stdout.write('No libopenblas here: the BLAS backend is not tested.\n');

describe.runIf(library)('with OpenBLAS', () => {
  describeLinearAlgebra('BLAS', () => {
    if (library === undefined) throw new Error('unreachable: this suite does not run without a library');
    return new BlasLinearAlgebra(library.functions, WasmLinearAlgebra.create());
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
