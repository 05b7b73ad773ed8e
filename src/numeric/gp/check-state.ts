import { GpStateError } from '../errors.js';
import type { Matrix } from '../linalg/matrix.js';
import type { GpState } from './gp-state.js';
import { checkNoise } from './noise.js';

/** Throws GpStateError where the parts of a Gaussian process do not fit together. */
export function checkState(state: GpState): void {
  const { Z, alpha, factor, outputNorm } = state;
  const n = Z.rows;
  const p = alpha.cols;
  if (n === 0 || Z.cols === 0 || p === 0) {
    throw new GpStateError(`A model needs points, inputs and outputs, got ${n}, ${Z.cols} and ${p} of them.`);
  }
  expectShape('alpha', alpha, n, p);
  if (factor.type === 'cholesky') {
    expectShape('L', factor.L, n, n);
    for (let i = 0; i < n; i += 1) {
      const pivot = factor.L.get(i, i);
      if (!(pivot > 0 && pivot < Infinity)) {
        throw new GpStateError(`L must have a positive, finite diagonal, got ${pivot} in row ${i}.`);
      }
    }
  } else {
    expectShape('W', factor.W, n, n);
  }
  checkNoise(state.noise, Z.cols);
  checkInputTransform(state);
  if (outputNorm === undefined) return;
  expectNumbers('outputNorm.mean', outputNorm.mean, p, -Infinity);
  expectNumbers('outputNorm.std', outputNorm.std, p, 0);
}

function checkInputTransform({ inputTransform, Z }: GpState): void {
  if (inputTransform === undefined) return;
  const { offset, scale } = inputTransform;
  const finite = [...offset, ...scale].every(Number.isFinite);
  if (finite && offset.length === Z.cols && scale.length === Z.cols && !scale.includes(0)) return;
  throw new GpStateError(
    `inputTransform must hold ${Z.cols} finite offsets and scales, one an input, and no scale of 0.`,
  );
}

function expectShape(name: string, matrix: Matrix, rows: number, cols: number): void {
  if (matrix.rows === rows && matrix.cols === cols) return;
  throw new GpStateError(`${name} must be ${rows} x ${cols}, got ${matrix.rows} x ${matrix.cols}.`);
}

function expectNumbers(name: string, numbers: readonly number[], count: number, above: number): void {
  if (numbers.length === count && numbers.every((x) => Number.isFinite(x) && x > above)) return;
  const range = above === 0 ? 'positive ' : '';
  throw new GpStateError(`${name} must hold ${count} finite ${range}numbers, one an output.`);
}
