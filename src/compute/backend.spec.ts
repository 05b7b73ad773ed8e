import { Worker } from 'node:worker_threads';
import { afterAll, expect, it } from 'vitest';
import { GaussianProcess } from '../numeric/gp/gaussian-process.js';
import { inferExact } from '../numeric/gp/fit-posterior.js';
import { postState, receiveState } from '../numeric/gp/posted-state.js';
import { buildKernel } from '../numeric/kernels/kernels.js';
import { Matrix } from '../numeric/linalg/matrix.js';
import { Random } from '../numeric/random/random.js';
import { Backend } from './backend.js';

const random = new Random(2);
const points = (rows: number, cols: number): Matrix =>
  new Matrix(
    rows,
    cols,
    Float64Array.from({ length: rows * cols }, () => random.uniform()),
  );
const kernel = { type: 'rbf', params: { variance: 1, lengthscale: 0.5 } };
const backend = Backend.create('auto');
const gp = fitted();

afterAll(() => gp.dispose());

it('says what it computes with', () => {
  expect(backend.description).toMatch(/WebAssembly SIMD$/);
  expect(Backend.create('off').description).toBe('WebAssembly SIMD');
});

it('holds its models in memory that another backend reads without a copy', () => {
  const share = backend.share();
  const other = Backend.attach(share);
  const state = receiveState(structuredClone(postState(gp.state, backend.heap)), other.heap);
  expect(other.heap.owns(state.Z.data)).toBe(true);
  expect(state.Z.data.byteOffset).toBe(gp.state.Z.data.byteOffset);
  expect(state.mean).toEqual(gp.state.mean);
  const X = points(40, 2);
  const wants = { observedVariance: true };
  expect(new GaussianProcess(state, other.linalg).predict(X, wants)).toEqual(gp.predict(X, wants));
  backend.unshare(share);
});

it('can be posted to a worker, whatever grows meanwhile', async () => {
  const share = backend.share();
  const late = backend.linalg.adopt(points(1500, 1500));
  const script = `
    const { parentPort, workerData: { share, byteOffset, length } } = require('node:worker_threads');
    const { memory, module } = share.wasm;
    if (byteOffset + 8 * length > memory.buffer.byteLength) memory.grow(0);
    const view = new Float64Array(memory.buffer, byteOffset, length);
    new WebAssembly.Instance(module, { env: { memory, sin: Math.sin, cos: Math.cos } });
    parentPort.postMessage(view.reduce((sum, x) => sum + x, 0));
  `;
  const { byteOffset, length } = late.data;
  const worker = new Worker(script, { eval: true, workerData: { share, byteOffset, length } });
  const sum = await new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
  await worker.terminate();
  expect(sum).toBe(late.data.reduce((total, x) => total + x, 0));
  backend.linalg.release(late);
  backend.unshare(share);
});

it('gives back all memory of a model that is disposed of', () => {
  const before = backend.heap.usedBytes;
  const other = fitted();
  expect(backend.heap.usedBytes).toBeGreaterThan(before);
  other.dispose();
  expect(backend.heap.usedBytes).toBe(before);
});

function fitted(): GaussianProcess {
  const X = points(120, 2);
  const mean = {
    type: 'sum',
    parts: [
      { type: 'constant', value: [1] },
      { type: 'linear', A: points(2, 1) },
    ],
  } as const;
  const data = { kernel: buildKernel(kernel, 2), X, Y: points(120, 1), noise: 0.01, mean };
  const { alpha, factor } = inferExact(data, backend.linalg);
  const noise = { type: 'gaussian', variance: 0.01 } as const;
  return new GaussianProcess({ kernel, Z: X, alpha, factor, noise, mean }, backend.linalg);
}
