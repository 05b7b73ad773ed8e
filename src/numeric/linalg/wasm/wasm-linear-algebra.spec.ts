import { describe, expect, it } from 'vitest';
import { Random } from '../../random/random.js';
import { describeLinearAlgebra } from '../linear-algebra.contract.js';
import { Matrix } from '../matrix.js';
import { plainModule } from './wasm-module.js';
import { WasmLinearAlgebra } from './wasm-linear-algebra.js';

const MIB = 2 ** 20;

describeLinearAlgebra('WebAssembly', () => WasmLinearAlgebra.create());
describeLinearAlgebra('WebAssembly without fused multiply-add', () =>
  WasmLinearAlgebra.create(undefined, plainModule()),
);
describeLinearAlgebra('WebAssembly with a full heap', () => {
  const linalg = WasmLinearAlgebra.create(65 * MIB);
  // Neither the heap nor working memory has room: everything is copied, or left to plain TypeScript.
  linalg.scratch.take((64 * MIB) / 8 - 1024);
  return linalg;
});

describe('WasmLinearAlgebra', () => {
  const random = new Random(8);
  const uniform = (rows: number, cols: number): Matrix =>
    new Matrix(
      rows,
      cols,
      Float64Array.from({ length: rows * cols }, () => random.uniform()),
    );

  it('uses matrices of its heap without copying them, and frees them', () => {
    const linalg = WasmLinearAlgebra.create();
    const before = linalg.heap.usedBytes;
    const L = linalg.adopt(uniform(10, 10));
    expect(linalg.heap.owns(L.data)).toBe(true);
    expect(linalg.adopt(L)).toBe(L);
    expect(linalg.heap.usedBytes).toBeGreaterThan(before);
    linalg.release(L);
    linalg.release(L);
    expect(linalg.heap.usedBytes).toBe(before);
  });

  it('knows its memory again after growing', () => {
    const linalg = WasmLinearAlgebra.create();
    const early = linalg.adopt(uniform(4, 4));
    const expected = early.data.slice();
    const late = linalg.adopt(uniform(4000, 1000));
    expect(linalg.heap.owns(early.data) && linalg.heap.owns(late.data)).toBe(true);
    expect(early.data.slice()).toEqual(expected);
  });

  it('leaves a matrix where it is when the heap is full', () => {
    const linalg = WasmLinearAlgebra.create(66 * MIB);
    const large = uniform(600, 600);
    expect(linalg.adopt(large)).toBe(large);
  });

  it('works on the heap of another thread', () => {
    const owner = WasmLinearAlgebra.create();
    const L = owner.adopt(
      owner.cholesky(
        Matrix.fromRows([
          [4, 2],
          [2, 5],
        ]),
      ),
    );
    const share = owner.share(MIB);
    const other = WasmLinearAlgebra.attach(share);
    const view = other.heap.view({ byteOffset: L.data.byteOffset, byteLength: L.data.byteLength });
    const panel = Matrix.fromRows([[2], [5]]);
    other.solveLower(new Matrix(2, 2, view), panel);
    expect([...panel.data]).toEqual([1, 2]);
    const outside = uniform(2, 2);
    expect(other.adopt(outside)).toBe(outside);
    expect(() => other.share()).toThrow(RangeError);
    const before = owner.heap.usedBytes;
    owner.unshare(share);
    expect(owner.heap.usedBytes).toBe(before - MIB);
  });

  it.each([1, 5, 6, 7, 8, 31, 64, 97])('gives a column the same bits alone and in any panel, n = %i', (n) => {
    const linalg = WasmLinearAlgebra.create();
    const L = linalg.adopt(uniform(n, n));
    for (let i = 0; i < n; i += 1) L.data[i * n + i] += n;
    const alpha = linalg.adopt(uniform(n, 2));
    const results = (panel: Matrix): number[][] => {
      const sums = Matrix.zeros(panel.cols, 2);
      const product = Matrix.zeros(n, panel.cols);
      const squares = new Float64Array(panel.cols);
      linalg.transposeMultiply(panel, alpha, sums);
      linalg.multiply(L, panel, product);
      linalg.solveLower(L, panel);
      linalg.subtractColumnSquares(panel, squares);
      return Array.from({ length: panel.cols }, (_, j) => [
        ...sums.row(j),
        ...product.column(j),
        ...panel.column(j),
        squares[j],
      ]);
    };
    const K = uniform(n, 45);
    const together = results(new Matrix(n, 45, K.data.slice()));
    for (let j = 0; j < 45; j += 1) {
      expect(results(new Matrix(n, 1, K.column(j)))[0]).toEqual(together[j]);
    }
    const few = Matrix.fromRows(Array.from({ length: n }, (_, i) => K.row(i).slice(0, 6)));
    expect(results(few)).toEqual(together.slice(0, 6));
  });
});
