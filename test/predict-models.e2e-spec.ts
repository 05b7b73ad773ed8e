import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { writeNpy } from '../src/common/media/npy.js';
import { expectNumbers, goldenAnswer } from './support/golden-answers.js';
import { expectProblem, paths } from './support/problem.js';
import { golden, useApp } from './support/test-app.js';

describe('a model of several outputs', () => {
  const app = useApp({
    'three.pkl': golden('gpy/three-outputs.pkl'),
    'normalised.pkl': golden('gpy/three-outputs-normalized.pkl'),
  });
  const expected = goldenAnswer('gpy/three-outputs');
  /** GPy answers one variance for all outputs. */
  const variance = (expected.variance_observed as number[][]).map(([value]) => [value, value, value]);

  it('answers an array of outputs a row', async () => {
    const { body } = await app.request().post('/models/three/predict').send(expected.X_test).expect(200);
    expectNumbers(body, { mean: expected.mean, variance });
  });

  it('answers one row with one array', async () => {
    const { body } = await app.request().post('/models/three/predict').send([expected.X_test[0]]).expect(200);
    expectNumbers(body, { mean: expected.mean[0], variance: variance[0] });
  });

  it('answers one row with an array of one such array with squeeze=false', async () => {
    const request = app.request().post('/models/three/predict?squeeze=false').send([expected.X_test[0]]);
    expectNumbers((await request).body, { mean: [expected.mean[0]], variance: [variance[0]] });
  });

  it('has a variance of its own for each output where a normaliser scales them', async () => {
    const normalised = goldenAnswer('gpy/three-outputs-normalized');
    const { body } = await app
      .request()
      .post('/models/normalised/predict')
      .send(normalised.X_test)
      .expect(200);
    expectNumbers(body, { mean: normalised.mean, variance: normalised.variance_observed });
    expect(new Set((body as { variance: number[][] }).variance[0]).size).toBe(3);
  });

  it('shapes quantiles, gradients, covariances and samples by output', async () => {
    const X = expected.X_test.slice(0, 2);
    const options = { quantiles: [97.5], gradients: true, covariance: true, samples: 4 };
    const { body } = await app
      .request()
      .post('/models/three/predict')
      .send({ inputs: X, options })
      .expect(200);
    expectNumbers(body.quantiles, { '97.5': expected.quantiles?.['97.5'].slice(0, 2) });
    const byOutput = expected.mean_gradient.map((inputs) => [0, 1, 2].map((q) => inputs.map((p) => p[q])));
    expectNumbers(body.meanGradient, byOutput.slice(0, 2));
    expect(shape(body.varianceGradient)).toEqual([2, 3, 2]);
    expect(shape(body.covariance)).toEqual([3, 2, 2]);
    expect(shape(body.samples)).toEqual([4, 2, 3]);
  });
});

describe('a model whose noise is known at the training points only', () => {
  const app = useApp({ 'model.pkl': golden('gpy/heteroscedastic.pkl') });
  const expected = goldenAnswer('gpy/heteroscedastic');

  it('answers the latent variance, and says so', async () => {
    const { body } = await app.request().post('/predict?latentVariance').send(expected.X_test).expect(200);
    const variance = expected.variance_latent.flat();
    expectNumbers(body, { mean: expected.mean.flat(), variance, latentVariance: variance });
    const shown = await app.request().get('/models/model').expect(200);
    expect(shown.body.description).toMatchObject({ variance: 'latent', noise: { type: 'heteroscedastic' } });
  });

  it('draws latent samples, and refuses noise in them', async () => {
    const body = { inputs: expected.X_test, options: { samples: 2 } };
    await app.request().post('/predict').send(body).expect(200);
    const response = await app.request().post('/predict?sampleNoise=true').send(body);
    expect(expectProblem(response, 501, 'SAMPLE_NOT_SUPPORTED')).toMatchObject({
      method: 'sample',
      modelType: 'gpr',
    });
  });
});

describe('a model with an input that picks an output', () => {
  const app = useApp({
    'icm.pkl': golden('gpy/icm.pkl'),
    'mixed.json': golden('gpy-json/mixed-noise.json'),
  });
  const expected = goldenAnswer('gpy/icm');

  it('predicts', async () => {
    const { body } = await app.request().post('/models/icm/predict').send(expected.X_test).expect(200);
    expectNumbers(body, {
      mean: expected.mean.flat(),
      variance: (expected.variance_observed as number[][]).flat(),
    });
  });

  it('is described as an index with bounds', async () => {
    const { body } = await app.request().get('/models/icm').expect(200);
    expect(body.inputs[2]).toEqual({ name: 'x3', kind: 'index', lower: 0, upper: 2 });
  });

  it.each([3, -1, 0.5, 1e308, -1e-300])('refuses the index %d, naming it', async (index) => {
    const row = { x1: 1, x2: 2, x3: index };
    const one = expectProblem(
      await app.request().post('/models/icm/predict').send(row),
      400,
      'INVALID_INPUT',
    );
    expect(one.errors).toEqual([
      expect.objectContaining({
        path: 'x3',
        received: String(index),
        expected: 'a whole number from 0 to 2',
      }),
    ]);
    const rows = [
      [1, 2, 0],
      [1, 2, index],
      [1, 2, index],
    ];
    const many = await app.request().post('/models/icm/predict').send(rows);
    expect(paths(expectProblem(many, 400, 'INVALID_INPUT'))).toEqual(['[1].x3', '[2].x3']);
  });

  it('refuses it in every other form of request', async () => {
    const path = '/models/icm/predict';
    const responses = await Promise.all([
      app.request().get(`${path}?x1=1&x2=1&x3=7`),
      app.request().post(path).type('form').send('x1=1&x2=1&x3=7'),
      app.request().post(path).type('text/csv').send('1,1,7'),
      app.request().post(path).attach('file', Buffer.from('1,1,7'), 'x.csv'),
      app
        .request()
        .post(path)
        .type('application/x-npy')
        .send(writeNpy([3], Float64Array.of(1, 1, 7))),
      app
        .request()
        .post('/models/mixed/predict')
        .send([[1, 2]]),
    ]);
    expect(responses.map((response) => paths(expectProblem(response, 400, 'INVALID_INPUT')))).toEqual([
      ['x3'], ['x3'], ['x3'], ['x3'], ['x3'], ['x2'],
    ]); // prettier-ignore
  });

  it('lists twenty of many', async () => {
    const rows = Array.from({ length: 100 }, () => [1, 2, 9]);
    const response = await app.request().post('/models/icm/predict').send(rows);
    const body = expectProblem(response, 400, 'INVALID_INPUT');
    expect(body.errors).toHaveLength(20);
    expect(body.errorCount).toBe(100);
  });
});

describe('a model whose parts know different numbers of outputs', () => {
  const mixed = readFileSync(golden('gpy-json/mixed-noise.json').copyOf, 'utf8');
  const two = '"W": [[0.9], [-0.4]], "kappa": [0.3, 0.5], "output_dim": 2';
  const three = '"W": [[0.9], [-0.4], [0.1]], "kappa": [0.3, 0.5, 0.2], "output_dim": 3';
  const app = useApp({ 'model.json': mixed.replace(two, three) });

  it('takes the indices that all of them know', async () => {
    const { body, text } = await app.request().get('/models/model').expect(200);
    expect(text).toContain('"kappa":[0.3,0.5,0.2]');
    expect(body.inputs[1]).toMatchObject({ upper: 1 });
    const response = await app.request().post('/predict').send({ x1: 1, x2: 2 });
    expect(paths(expectProblem(response, 400, 'INVALID_INPUT'))).toEqual(['x2']);
    await app.request().post('/predict').send({ x1: 1, x2: 1 }).expect(200);
  });
});

function shape(value: unknown): number[] {
  return Array.isArray(value) ? [value.length, ...shape(value[0])] : [];
}
