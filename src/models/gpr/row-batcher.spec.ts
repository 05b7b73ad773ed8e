import { describe, expect, it } from 'vitest';
import { GaussianProcess } from '../../numeric/gp/gaussian-process.js';
import { inferExact } from '../../numeric/gp/fit-posterior.js';
import { buildKernel } from '../../numeric/kernels/kernels.js';
import { Matrix } from '../../numeric/linalg/matrix.js';
import { predictRows } from './compute-prediction.js';
import { RowBatcher } from './row-batcher.js';

const X = Matrix.fromRows(Array.from({ length: 70 }, (_, i) => [Math.sin(i), Math.cos(2 * i)]));
const Y = Matrix.fromRows(Array.from({ length: 70 }, (_, i) => [Math.sin(i) * Math.cos(2 * i)]));
const spec = { type: 'rbf', dims: [0, 1], params: { variance: 1, lengthscale: 0.7 } };
const noise = { type: 'gaussian', variance: 1e-4 } as const;
const posterior = inferExact({ kernel: buildKernel(spec, 2), X, Y, noise: noise.variance });
const gp = new GaussianProcess({ kernel: spec, Z: X, ...posterior, noise });
const row = (i: number): Matrix => Matrix.fromRows([[i / 40, 1 - i / 20]]);

describe('RowBatcher', () => {
  it('gives each caller its own rows, bit by bit those it would get alone', async () => {
    const batcher = new RowBatcher(gp, 16);
    const answers = await Promise.all(Array.from({ length: 50 }, (_, i) => batcher.predict(row(i), {})));
    answers.forEach((answer, i) => {
      expect(answer).toEqual(predictRows(gp, row(i), {}));
    });
  });

  it('gives each caller what its own options ask for', async () => {
    const batcher = new RowBatcher(gp, 16);
    const options = [{}, { meanOnly: true }, { quantiles: [2.5, 97.5] }, {}, { latentVariance: true }];
    const answers = await Promise.all(options.map((wanted, i) => batcher.predict(row(i), wanted)));
    answers.forEach((answer, i) => {
      expect(answer).toEqual(predictRows(gp, row(i), options[i]));
    });
  });

  it('fails the row that fails, and no other', async () => {
    const batcher = new RowBatcher(gp, 16);
    const narrow = Matrix.fromRows([[1]]);
    const [before, wrong, after] = await Promise.allSettled([
      batcher.predict(row(1), {}),
      batcher.predict(narrow, {}),
      batcher.predict(row(2), {}),
    ]);
    expect(before).toEqual({ status: 'fulfilled', value: predictRows(gp, row(1), {}) });
    expect(wrong).toMatchObject({ status: 'rejected', reason: { code: 'numeric-input' } });
    expect(after).toEqual({ status: 'fulfilled', value: predictRows(gp, row(2), {}) });
  });

  it('keeps a batch as small as it was told', async () => {
    const sizes: number[] = [];
    const counting = Object.create(gp) as GaussianProcess;
    counting.predict = (rows, wants) => {
      sizes.push(rows.rows);
      return gp.predict(rows, wants);
    };
    const batcher = new RowBatcher(counting, 4);
    await Promise.all(Array.from({ length: 10 }, (_, i) => batcher.predict(row(i), {})));
    expect(sizes).toEqual([4, 4, 2]);
  });
});
