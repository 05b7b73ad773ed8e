import { describe, expect, it } from 'vitest';
import { KernelSpecError } from '../errors.js';
import type { KernelSpec } from './kernel-spec.js';
import { buildKernel, KERNEL_TYPES } from './kernels.js';

const rbf: KernelSpec = { type: 'rbf', dims: [0], params: { variance: 1, lengthscale: 1 } };

function messageOf(spec: unknown, inputDim = 2): string {
  try {
    buildKernel(spec as KernelSpec, inputDim);
  } catch (error) {
    expect(error).toBeInstanceOf(KernelSpecError);
    return (error as Error).message;
  }
  return 'built';
}

describe('buildKernel', () => {
  it('keeps the specification', () => {
    expect(buildKernel(rbf, 1).spec).toBe(rbf);
  });

  it.each([
    [{ type: 'rfb' }, `kernel: unknown kernel type "rfb", expected one of ${KERNEL_TYPES.join(', ')}.`],
    [{ type: '__proto__' }, 'unknown kernel type "__proto__"'],
    [{ type: 7 }, 'unknown kernel type 7'],
    [null, 'kernel must be an object with a "type", got null.'],
    [{ type: 'sum', parts: [rbf, 'x'] }, 'kernel.parts[1] must be an object with a "type", got "x".'],
    [{ type: 'sum' }, '"parts" must list 1 to 1000 kernels, got undefined'],
    [{ type: 'product', parts: [] }, '"parts" must list 1 to 1000 kernels, got a list of 0'],
    [{ type: 'sum', parts: [rbf], dims: [0] }, '"dims" and "params" belong to its parts'],
    [{ ...rbf, parts: [rbf] }, 'has "parts", which only sum, product and power have'],
    [{ ...rbf, dims: [2] }, '"dims" must hold input columns from 0 to 1, got 2.'],
    [{ ...rbf, dims: [-1] }, '"dims" must hold input columns from 0 to 1, got -1.'],
    [{ ...rbf, dims: [0.5] }, 'got 0.5'],
    [{ ...rbf, dims: [0, 0] }, '"dims" names column 0 twice'],
    [{ ...rbf, dims: [] }, '"dims" must list 1 to 2 input columns, got a list of 0'],
    [{ ...rbf, dims: 0 }, '"dims" must list 1 to 2 input columns, got 0'],
    [
      { ...rbf, params: { variance: 1, lengthscale: 0 } },
      '"lengthscale" must be a finite number above 0, got 0.',
    ],
    [
      { ...rbf, params: { variance: -1, lengthscale: 1 } },
      '"variance" must be a finite number of at least 0, got -1.',
    ],
    [{ ...rbf, params: { variance: 1, lengthscale: [1, 2, 3] } }, '"lengthscale" has 3 numbers, expected 1'],
    [{ ...rbf, params: { variance: 1, lengthscale: 5e-324 } }, '"lengthscale" is too small to divide by'],
    [
      { ...rbf, params: { variance: 1, lengthscale: 1, period: 2 } },
      'kernel (rbf): unknown parameter "period", expected only "variance", "lengthscale".',
    ],
    [{ type: 'rbf' }, 'parameter "variance" is missing'],
    [{ type: 'brownian', params: { variance: 1 } }, 'works on one input column, got 2'],
    [
      { type: 'poly', params: { variance: 1, scale: 1, bias: 1, order: 0.5 } },
      '"order" must be at least 1, got 0.5',
    ],
    [
      { type: 'coregionalize', dims: [1], params: { W: [[1], [1, 2]], kappa: [1, 1] } },
      'row 1 of parameter "W" has 2 numbers, expected 1',
    ],
    [
      { type: 'coregionalize', dims: [1], params: { W: [[1]], kappa: [1, 1] } },
      'must be a list of 2 rows, got a list of 1',
    ],
    [
      { type: 'sum', parts: [{ type: 'product', parts: [rbf, { type: 'white' }] }] },
      'kernel.parts[0].parts[1] (white)',
    ],
  ])('explains what is wrong with %j', (spec, message) => {
    expect(messageOf(spec)).toContain(message);
  });

  it('does not take parameters from the prototype', () => {
    const params = Object.create({ variance: 1, lengthscale: 1 }) as Record<string, number>;
    expect(messageOf({ ...rbf, params })).toContain('"variance" is missing');
  });

  it('builds the largest tree that is allowed, and none beyond', () => {
    const flat = (parts: number): KernelSpec => ({
      type: 'sum',
      parts: Array.from({ length: parts }, () => rbf),
    });
    expect(messageOf(flat(999))).toBe('built');
    expect(messageOf(flat(1000))).toBe('The kernel has more than 1000 nodes.');
    const nested = (depth: number): KernelSpec =>
      depth === 1 ? rbf : { type: 'product', parts: [nested(depth - 1)] };
    expect(messageOf(nested(64))).toBe('built');
    expect(messageOf(nested(65))).toBe('The kernel is nested more than 64 levels deep.');
  });

  it('ends on cyclic and on shared specifications', () => {
    const cyclic: { type: string; parts: unknown[] } = { type: 'sum', parts: [] };
    cyclic.parts.push(cyclic);
    expect(messageOf(cyclic)).toContain('levels deep');
    let shared: KernelSpec = rbf;
    for (let level = 0; level < 60; level += 1) shared = { type: 'sum', parts: [shared, shared] };
    expect(messageOf(shared)).toContain('more than 1000 nodes');
  });
});
