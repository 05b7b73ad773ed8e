import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { expectNumbers, goldenAnswer } from './support/golden-answers.js';
import { expectNoLeak, expectProblem } from './support/problem.js';
import { EXAMPLE, golden, useApp } from './support/test-app.js';

const ISO = golden('gpy/rbf-iso.pkl');
const iso = goldenAnswer('gpy/rbf-iso');
const THREE = golden('gpy/three-outputs.pkl');

describe('GET /models', () => {
  const app = useApp({
    'example.pkl': EXAMPLE,
    'broken.pkl': 'no pickle at all',
    'refused.pkl': golden('gpy-refused/student-t-process.pkl'),
    'image.png': '\x89PNG',
    'notes.txt': 'not a model',
    'script.PY': 'print()',
    '.hidden.pkl': 'not a model',
    'bad name!.pkl': ISO,
    'many/1/model.pkl': ISO,
    'many/2/model.pkl': 'broken',
    'many/README.md': 'not a version',
    'many/2/other.pkl': 'not the model of this version',
  });

  it('lists what is served and what is not, with the reason', async () => {
    const { body, text } = await app.request().get('/models').expect(200);
    expect(body.default).toBeNull();
    expect(body.models).toEqual([
      { name: 'broken', version: '1', state: 'failed', reason: expect.stringMatching(/\w{3}.*\.$/), file: fileOf('broken.pkl') },
      { name: 'example', version: '1', state: 'ready', type: 'gpr', loaded: true, file: fileOf('example.pkl') },
      { name: 'image', version: '1', state: 'failed', reason: expect.stringContaining('Not a kind of model file'), file: fileOf('image.png') },
      { name: 'many', version: '2', state: 'failed', reason: expect.stringMatching(/\w{3}/), file: fileOf('model.pkl') },
      { name: 'many', version: '1', state: 'ready', type: 'gpr', loaded: true, file: fileOf('model.pkl') },
      { name: 'refused', version: '1', state: 'failed', reason: expect.stringMatching(/TPRegression|Student/), file: fileOf('refused.pkl') },
    ]); // prettier-ignore
    expectNoLeak(text);
  });

  it('shows a model: inputs, outputs, kernel, hyperparameters, file', async () => {
    const { body } = await app.request().get('/models/example').expect(200);
    expect(body).toMatchObject({
      name: 'example',
      version: '1',
      versions: ['1'],
      state: 'ready',
      type: 'gpr',
      format: expect.stringContaining('pickle'),
      inputs: [1, 2, 3, 4].map((i) => ({ name: `x${i}`, kind: 'real' })),
      outputs: [{ name: 'y', kind: 'real' }],
      supports: [
        'variance',
        'quantiles',
        'gradient',
        'covariance',
        'sample',
        'domain',
        'diagnostics',
        'fit',
        'observe',
        'save',
      ],
      description: {
        variance: 'observed',
        trainingPoints: 200,
        kernel: {
          type: 'rbf',
          params: { variance: expect.any(Number), lengthscale: Array(4).fill(expect.any(Number)) },
        },
        noise: { type: 'gaussian', variance: expect.any(Number) },
      },
    });
    const bytes = readFileSync(EXAMPLE.copyOf);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    expect(body.file).toEqual({ name: 'example.pkl', bytes: bytes.length, sha256 });
  });

  it('shows a broken one with its reason', async () => {
    const { body } = await app.request().get('/models/broken').expect(200);
    expect(body).toMatchObject({ state: 'failed', reason: expect.any(String), versions: ['1'] });
    expect(body).not.toHaveProperty('inputs');
  });

  it('shows one version', async () => {
    const { body } = await app.request().get('/models/many/versions/2').expect(200);
    expect(body).toMatchObject({ version: '2', state: 'failed', versions: ['2', '1'] });
  });

  it('answers 409 with the reason to a prediction by a broken one', async () => {
    for (const path of ['/models/broken/predict', '/models/many/versions/2/predict']) {
      const problem = expectProblem(
        await app
          .request()
          .post(path)
          .send([[1, 2, 3]]),
        409,
        'MODEL_NOT_LOADED',
      );
      expect(problem.detail).toContain(problem.reason as string);
    }
  });

  it('predicts with the greatest version that could be loaded', async () => {
    const { body } = await app.request().post('/models/many/predict').send(iso.X_test).expect(200);
    expectNumbers(body.mean, iso.mean.flat());
  });

  it('says which models there are where none is the default', async () => {
    const problem = expectProblem(
      await app.request().post('/predict').send({ x1: 1 }),
      404,
      'NO_DEFAULT_MODEL',
    );
    expect(problem.available).toEqual(['broken', 'example', 'image', 'many', 'refused']);
    expect(problem.detail).toContain('/models/<name>/predict');
  });
});

describe('versions', () => {
  const app = useApp({
    'm/2/model.pkl': THREE,
    'm/10/model.pkl': ISO,
    'm/9/model.pkl': THREE,
    'm/v1.9/model.pkl': THREE,
    'single.pkl': THREE,
  });

  it('lists them greatest first, 10 above 9 above 2', async () => {
    const { body } = await app.request().get('/models/m').expect(200);
    expect(body.versions).toEqual(['v1.9', '10', '9', '2']);
  });

  it('predicts with each under its own address', async () => {
    const { body } = await app.request().post('/models/m/versions/10/predict').send(iso.X_test).expect(200);
    expectNumbers(body.mean, iso.mean.flat());
    const other = await app
      .request()
      .post('/models/m/versions/9/predict')
      .send([[1, 2]])
      .expect(200);
    expect(other.body.mean).toHaveLength(3);
  });
});

describe('the greatest version', () => {
  const app = useApp({ 'm/2/model.pkl': THREE, 'm/10/model.pkl': ISO });

  it('is the default by number, not by letter', async () => {
    expectNumbers(
      (await app.request().post('/predict').send(iso.X_test).expect(200)).body.mean,
      iso.mean.flat(),
    );
  });
});

describe('the default model', () => {
  describe('is the only one', () => {
    const app = useApp({ 'one.pkl': ISO });
    it('as /models and /predict tell', async () => {
      expect((await app.request().get('/models')).body.default).toBe('one');
      await app.request().post('/predict').send(iso.X_test).expect(200);
    });
  });

  describe('is the only one that could be loaded', () => {
    const app = useApp({ 'one.pkl': ISO, 'broken.pkl': 'broken' });
    it('as /models and /predict tell', async () => {
      expect((await app.request().get('/models')).body.default).toBe('one');
      await app.request().post('/predict').send(iso.X_test).expect(200);
    });
  });

  describe('is the one that DEFAULT_MODEL names', () => {
    const app = useApp({ 'one.pkl': THREE, 'two.pkl': ISO }, { DEFAULT_MODEL: 'two' });
    it('as /models and /predict tell', async () => {
      expect((await app.request().get('/models')).body.default).toBe('two');
      expectNumbers((await app.request().post('/predict').send(iso.X_test)).body.mean, iso.mean.flat());
    });
  });

  describe('that DEFAULT_MODEL names is not there', () => {
    const app = useApp({ 'one.pkl': ISO }, { DEFAULT_MODEL: 'two' });
    it('as /models and /predict tell', async () => {
      const problem = expectProblem(
        await app.request().post('/predict').send(iso.X_test),
        404,
        'MODEL_NOT_FOUND',
      );
      expect(problem).toMatchObject({ model: 'two', available: ['one'] });
      await app.request().post('/models/one/predict').send(iso.X_test).expect(200);
    });
  });

  describe('is broken and the only one', () => {
    const app = useApp({ 'one.pkl': 'broken' });
    it('as /models and /predict tell', async () => {
      expectProblem(await app.request().post('/predict').send(iso.X_test), 409, 'MODEL_NOT_LOADED');
    });
  });

  describe('of an empty folder', () => {
    const app = useApp({});
    it('as /models and /predict tell', async () => {
      expect((await app.request().get('/models').expect(200)).body).toEqual({ default: null, models: [] });
      const problem = expectProblem(
        await app
          .request()
          .post('/predict')
          .send([[1]]),
        404,
        'NO_DEFAULT_MODEL',
      );
      expect(problem.detail).toContain('No model is being served');
      await app.request().get('/health/ready').expect(200);
    });
  });
});

describe('two files of one name', () => {
  const app = useApp({ 'm.json': '{"notes": "on the model"}', 'm.pkl': ISO, 'm.pkl.bak': 'old' });

  it('are one model: the one that can be loaded', async () => {
    const { body } = await app.request().get('/models').expect(200);
    expect(body.models).toEqual([
      expect.objectContaining({ name: 'm', state: 'ready', file: fileOf('m.pkl') }),
    ]);
    await app.request().post('/predict').send(iso.X_test).expect(200);
  });
});

describe('a file beyond MAX_MODEL_FILE_BYTES', () => {
  const app = useApp({ 'big.pkl': EXAMPLE, 'small.pkl': ISO }, { MAX_MODEL_FILE_BYTES: '100000' });

  it('is not opened', async () => {
    const { body } = await app.request().get('/models/big').expect(200);
    expect(body).toMatchObject({ state: 'failed', reason: expect.stringContaining('MAX_MODEL_FILE_BYTES') });
    await app.request().post('/predict').send(iso.X_test).expect(200);
  });
});

function fileOf(name: string): unknown {
  return expect.objectContaining({ name, bytes: expect.any(Number) });
}
