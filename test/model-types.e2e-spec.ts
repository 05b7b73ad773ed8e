import { describe, expect, it } from 'vitest';
import { readNpy, writeNpy } from '../src/common/media/npy.js';
import { expectProblem } from './support/problem.js';
import { useApp } from './support/test-app.js';

const ISHIGAMI = {
  type: 'expression',
  inputs: ['x1', 'x2', 'x3'],
  parameters: { a: 7, b: 0.1 },
  outputs: { y: 'sin(x1) + a * sin(x2)^2 + b * x3^4 * sin(x1)' },
};
const TWO = {
  type: 'expression',
  inputs: ['u', 'v'],
  outputs: { root: 'sqrt(u) / v', steps: { expression: 'floor(u)', unit: 'm' } },
};
const NOISY = {
  type: 'expression',
  inputs: ['x'],
  outputs: { y: { expression: 'x^2', variance: '0.1 + x' } },
};
const BROKEN = { ...TWO, outputs: { y: 'u + w' } };

/** A model that has no variance answers in every format without one. */
describe('models of formulas', () => {
  const app = useApp({
    'ishigami.json': JSON.stringify(ISHIGAMI),
    'two.json': JSON.stringify(TWO),
    'noisy.json': JSON.stringify(NOISY),
    'broken.json': JSON.stringify(BROKEN),
  });
  const y = (x1: number, x2: number, x3: number): number =>
    Math.sin(x1) + 7 * Math.sin(x2) ** 2 + 0.1 * x3 ** 4 * Math.sin(x1);
  const post = (model: string, body: object, query = '') =>
    app.request().post(`/models/${model}/predict${query}`).send(body);

  /** A POST whose answer is bytes. */
  async function binary(model: string, format: string, type: string, body: string | Buffer): Promise<Buffer> {
    const response = await fetch(`http://127.0.0.1:${app.port}/models/${model}/predict`, {
      method: 'POST',
      headers: { 'content-type': type, accept: `application/x-${format}` },
      body,
    });
    expect(response.status).toBe(200);
    return Buffer.from(await response.arrayBuffer());
  }

  it('are listed with what they are', async () => {
    const { body } = await app.request().get('/models/ishigami').expect(200);
    expect(body).toMatchObject({
      type: 'expression',
      state: 'ready',
      inputs: [{ name: 'x1' }, { name: 'x2' }, { name: 'x3' }],
      supports: ['gradient'],
      description: { formulas: ISHIGAMI.outputs },
    });
    const broken = await app.request().get('/models/broken').expect(200);
    expect(broken.body).toMatchObject({
      state: 'failed',
      reason: expect.stringContaining('outputs.y uses "w"'),
    });
  });

  it('answer JSON with the mean alone', async () => {
    const one = await post('ishigami', { x1: 1, x2: 2, x3: 3 }).expect(200);
    expect(one.body).toEqual({ mean: expect.closeTo(y(1, 2, 3), 12) });
    const several = await post('two', [
      { u: 4, v: 2 },
      { u: 9.5, v: 1 },
    ]).expect(200);
    expect(several.body).toEqual({
      mean: [
        [1, 4],
        [Math.sqrt(9.5), 9],
      ],
    });
  });

  it('answer CSV, npy and npz with the mean alone', async () => {
    const body = [
      { u: 4, v: 2 },
      { u: 16, v: 2 },
    ];
    const csv = await post('two', body).set('Accept', 'text/csv').expect(200);
    expect(csv.text.trim().split(/\r?\n/)).toEqual(['mean_root,mean_steps', '1,4', '2,16']);
    const json = JSON.stringify(body);
    const npy = readNpy(await binary('two', 'npy', 'application/json', json));
    expect(npy).toMatchObject({ shape: [2, 2], data: Float64Array.of(1, 4, 2, 16) });
    const npz = await binary('two', 'npz', 'application/json', json);
    expect(npz.includes('mean_root.npy')).toBe(true);
    expect(npz.includes('variance')).toBe(false);
  });

  it('answer gradients without that of a variance', async () => {
    const { body } = await post('ishigami', { x1: 1, x2: 2, x3: 3 }, '?gradients').expect(200);
    expect(Object.keys(body as object)).toEqual(['mean', 'meanGradient']);
    expect((body as { meanGradient: number[] }).meanGradient[0]).toBeCloseTo(Math.cos(1) * (1 + 8.1), 12);
    const csv = await post('ishigami', [[1, 2, 3]], '?gradients')
      .set('Accept', 'text/csv')
      .expect(200);
    expect(csv.text.split(/\r?\n/)[0]).toBe('mean,mean_gradient_x1,mean_gradient_x2,mean_gradient_x3');
  });

  it('refuse what they do not have, with the reason', async () => {
    for (const [option, code] of [
      ['latentVariance', 'VARIANCE_NOT_SUPPORTED'],
      ['quantiles=5', 'QUANTILES_NOT_SUPPORTED'],
      ['covariance', 'COVARIANCE_NOT_SUPPORTED'],
      ['samples=1', 'SAMPLE_NOT_SUPPORTED'],
    ]) {
      expectProblem(await post('ishigami', [[1, 2, 3]], `?${option}`), 501, code);
    }
    const steps = expectProblem(await post('two', [[1, 2]], '?gradients'), 501, 'GRADIENT_NOT_SUPPORTED');
    expect(steps.detail).toContain('floor has no derivative');
  });

  it('name the output and the row where they are not defined', async () => {
    const complex = expectProblem(
      await post('two', [
        [1, 1],
        [-1, 1],
      ]),
      422,
      'RESULT_NOT_FINITE',
    );
    expect(complex).toMatchObject({ field: 'mean', output: 'root', row: 1 });
    expect(complex.detail).toContain(
      'mean of root in row 1 is NaN: the model is not defined at the inputs of that row',
    );
    const pole = expectProblem(await post('two', [[1, 0]]), 422, 'RESULT_NOT_FINITE');
    expect(pole.detail).toContain('mean of root in row 0 is Infinity');
  });

  it('have the variance that the file gives them', async () => {
    const { body } = await post('noisy', [[2]], '?latentVariance').expect(200);
    expect(body).toEqual({ mean: 4, variance: 2.1, latentVariance: 0 });
    const negative = expectProblem(await post('noisy', [[-2]]), 422, 'NEGATIVE_VARIANCE');
    expect(negative).toMatchObject({ output: 'y', row: 0 });
  });

  it('answer a million rows while others are answered too', async () => {
    const count = 1_000_000;
    const X = Float64Array.from({ length: 3 * count }, (_, k) => Math.sin(k));
    const state = { done: false };
    const large = binary('ishigami', 'npy', 'application/x-npy', writeNpy([count, 3], X)).finally(() => {
      state.done = true;
    });
    let between = 0;
    while (!state.done) {
      await post('ishigami', [[1, 2, 3]]).expect(200);
      if (!state.done) between++;
    }
    const { data } = readNpy(await large);
    expect(data).toHaveLength(count);
    for (const i of [0, 123_456, count - 1]) {
      expect(data[i]).toBeCloseTo(y(X[3 * i], X[3 * i + 1], X[3 * i + 2]), 12);
    }
    expect(between).toBeGreaterThan(0);
  });
});
