import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import supertest from 'supertest';
import { describe, expect, it } from 'vitest';
import { createApp } from '../src/app.js';
import { loadConfig } from '../src/common/config/config.js';
import { buildKernel } from '../src/numeric/kernels/kernels.js';
import { inferExact } from '../src/numeric/gp/fit-posterior.js';
import { GaussianProcess } from '../src/numeric/gp/gaussian-process.js';
import { Matrix } from '../src/numeric/linalg/matrix.js';
import type { JobContext } from '../src/jobs/job-type.js';
import { ObserveJobType } from '../src/observe/observe.job-type.js';
import { expectProblem } from './support/problem.js';
import { golden, type TestApp, useApp } from './support/test-app.js';
import { WORKER_ENTRY } from './support/worker-entry.js';

const KERNEL = { type: 'rbf', params: { variance: 1.4, lengthscale: [0.5, 1.2] } };
const NOISE = 0.01;
const X = Array.from({ length: 12 }, (_, i) => [Math.sin(3 * i), Math.cos(5 * i)]);
const y = X.map(([a, b]) => 3 + Math.sin(2 * a) + a * b);
const QUERY = [
  [0.2, 0.1],
  [-0.7, 0.9],
];

/** Plain JSON with a model of the first `n` points. */
function plainModel(n: number, more: object = {}): string {
  const outputNorm = { mean: [3], std: [0.5] };
  return JSON.stringify({
    kernel: KERNEL.type,
    params: KERNEL.params,
    X: X.slice(0, n),
    y: y.slice(0, n),
    noise: NOISE,
    outputNorm,
    ...more,
  });
}

/** Mean and variance at QUERY of a model that was trained on these points from scratch. */
function refit(points: readonly number[][], values: readonly number[]): { mean: number; variance: number }[] {
  const Z = Matrix.fromRows(points);
  const data = {
    kernel: buildKernel(KERNEL, 2),
    X: Z,
    Y: Matrix.fromRows(values.map((value) => [(value - 3) / 0.5])),
    noise: NOISE,
  };
  const { alpha, factor } = inferExact(data);
  const noise = { type: 'gaussian', variance: NOISE } as const;
  const state = { kernel: KERNEL, Z, alpha, factor, noise, outputNorm: { mean: [3], std: [0.5] } };
  const { mean, observedVariance } = new GaussianProcess(state).predict(Matrix.fromRows(QUERY), {
    observedVariance: true,
  });
  return QUERY.map((_, i) => ({ mean: mean.data[i], variance: observedVariance?.data[i] ?? Number.NaN }));
}

async function expectModelOf(
  app: TestApp,
  path: string,
  points: readonly number[][],
  values: readonly number[],
): Promise<void> {
  const { body } = await app.request().post(`${path}/predict`).send({ inputs: QUERY }).expect(200);
  refit(points, values).forEach(({ mean, variance }, i) => {
    expect(body.mean[i]).toBeCloseTo(mean, 9);
    expect(body.variance[i]).toBeCloseTo(variance, 9);
  });
}

const observe = (app: TestApp, model: string) => app.request().post(`/models/${model}/observe`);

describe('POST /models/<name>/observe', () => {
  const app = useApp({
    'beam.json': plainModel(8),
    'named.json': plainModel(8),
    'named.model.json': JSON.stringify({
      title: 'Lift',
      inputs: [{ name: 'angle', unit: 'rad' }, { name: 'mach' }],
      outputs: [{ name: 'lift', unit: 'N' }],
      checks: [{ inputs: X[0], mean: y[0], tolerance: 1 }],
      options: { latentVariance: true },
    }),
    'flat.json': plainModel(4, { params: { variance: 1e10, lengthscale: [1e9, 1e9] }, noise: 0 }),
    'clash.json': plainModel(8, { inputs: ['a', 'y'] }),
    'gpy.pkl': golden('gpy/normalized.pkl'),
    'sklearn.pkl': golden('sklearn/sklearn-1.9-trained.pkl'),
    'sparse.pkl': golden('gpy/sparse-rbf.pkl'),
    'heteroscedastic.pkl': golden('gpy/heteroscedastic.pkl'),
    'sum.yaml': 'type: expression\ninputs: [a, b]\noutputs: {y: a + b}\n',
  });

  it('makes a new version, which predicts as if it had been trained on all points', async () => {
    const answer = await observe(app, 'beam')
      .send({ inputs: X.slice(8, 10), outputs: y.slice(8, 10) })
      .expect(201);
    expect(answer.headers['location']).toBe('/models/beam/versions/2');
    const before = await app.request().get('/models/beam/versions/1');
    expect(answer.body).toMatchObject({
      name: 'beam',
      version: '2',
      versions: ['2', '1'],
      format: expect.stringMatching(/safetensors/),
      checks: 2,
      description: {
        trainingPoints: 10,
        kernel: before.body.description.kernel,
        noise: before.body.description.noise,
        normaliser: before.body.description.normaliser,
        warnings: [],
        posteriorCheck: { agreed: true },
        provenance: {
          observed: {
            parentSha256: before.body.file.sha256,
            points: 2,
            dataSha256: expect.stringMatching(/^[0-9a-f]{64}$/),
          },
        },
      },
    });
    await expectModelOf(app, '/models/beam/versions/1', X.slice(0, 8), y.slice(0, 8));
    await expectModelOf(app, '/models/beam', X.slice(0, 10), y.slice(0, 10));

    await observe(app, 'beam').send({ x1: X[10][0], y: y[10], x2: X[10][1] }).expect(201);
    const csv = `y,x2,x1\n${y[11]},${X[11][1]},${X[11][0]}\n`;
    const last = await observe(app, 'beam').set('Content-Type', 'text/csv').send(csv).expect(201);
    expect(last.body).toMatchObject({ version: '4', description: { trainingPoints: 12 } });
    await expectModelOf(app, '/models/beam', X, y);
  });

  it("keeps what model.json says, but for its checks, and reads rows by the manifest's names", async () => {
    const row = { angle: X[8][0], mach: X[8][1], lift: y[8] };
    const { body } = await observe(app, 'named').send([row]).expect(201);
    expect(body).toMatchObject({
      title: 'Lift',
      inputs: [{ name: 'angle', unit: 'rad' }, { name: 'mach' }],
      outputs: [{ name: 'lift', unit: 'N' }],
      checks: 1,
      about: { options: { latentVariance: true } },
    });
    await expectModelOf(app, '/models/named', X.slice(0, 9), y.slice(0, 9));
  });

  it.each(['gpy', 'sklearn'])('continues a %s pickle, pulled towards what was observed', async (model) => {
    const { body: before } = await app.request().get(`/models/${model}`);
    const row = (before.inputs as unknown[]).map(() => 0.3);
    const outputs = before.outputs.length as number;
    const ask = () => app.request().post(`/models/${model}/predict`).send([row]).expect(200);
    const first = (value: unknown): number => (Array.isArray(value) ? first(value[0]) : (value as number));
    const mean = first((await ask()).body.mean);
    const target = Array.from({ length: outputs }, () => mean + 5);
    const { body } = await observe(app, model)
      .send({ inputs: [row], outputs: [target] })
      .expect(201);
    const { trainingPoints } = before.description;
    expect(body.description).toMatchObject({ trainingPoints: trainingPoints + 1, provenance: {} });
    const after = first((await ask()).body.mean);
    expect(after).toBeGreaterThan(mean + 1);
    expect(after).toBeLessThan(mean + 5);
  });

  it('says once that more was added to the diagonal', async () => {
    const warning = [expect.stringMatching(/not positive definite until .* was added to its diagonal/)];
    const { body: before } = await app.request().get('/models/flat');
    expect(before.description.warnings).toEqual(warning);
    const { body: after } = await observe(app, 'flat')
      .send({ inputs: [X[4]], outputs: [y[4]] })
      .expect(201);
    expect(after.description.warnings).toEqual(warning);
  });

  it('moves an alias to the new version', async () => {
    const send = { inputs: [X[8]], outputs: [y[8]], alias: 'fresh' };
    const made = await observe(app, 'named').send(send).expect(201);
    expect(made.body.aliases).toEqual(['fresh']);
    const { body: again } = await observe(app, 'named')
      .query({ alias: 'fresh' })
      .send([{ angle: 0.5, mach: 0.1, lift: 3 }])
      .expect(201);
    expect(again).toMatchObject({ aliases: ['fresh'], version: String(Number(made.body.version) + 1) });
  });

  it.each([
    ['sparse', /does not support observe: it is sparse/],
    ['heteroscedastic', /does not support observe: .* noise variance of its own/],
    ['sum', /\(type expression\) does not support observe/],
  ])('refuses a model that cannot: %s', async (model, message) => {
    const { body: about } = await app.request().get(`/models/${model}`);
    const inputs = [(about.inputs as unknown[]).map(() => 0.5)];
    const outputs = [(about.outputs as unknown[]).map(() => 1)];
    const answer = await observe(app, model).send({ inputs, outputs });
    expectProblem(answer, 501, 'OBSERVE_NOT_SUPPORTED');
    expect(answer.body.detail).toMatch(message);
    expect(about.supports).not.toContain('observe');
  });

  it.each<[string, unknown, string[]]>([
    ['an output is missing', { inputs: [[1, 2]] }, ['outputs']],
    ['there are fewer outputs than inputs', { inputs: [X[8], X[9]], outputs: [1] }, ['outputs']],
    ['a row is short', { inputs: [[1]], outputs: [1] }, ['inputs[0]']],
    ['a value is no number', { inputs: [[1, 'a']], outputs: [null] }, ['inputs[0][1]', 'outputs[0]']],
    ['a name is wrong', { inputs: [{ x1: 1, z: 2 }], outputs: [{ y: 1 }] }, ['inputs[0].x2', 'inputs[0].z']],
    ['a member is unknown', { inputs: [[1, 2]], outputs: [1], kernel: 'rbf' }, ['kernel']],
    ['an alias is no text', { inputs: [[1, 2]], outputs: [1], alias: 3 }, ['alias']],
    ['inputs are no rows', { inputs: 3, outputs: [1] }, ['inputs']],
    ['a row by name lacks the output', [{ x1: 1, x2: 2 }], ['[0].y']],
    ['options come along', { x1: 1, x2: 2, y: 3, options: {} }, ['options']],
  ])('names the fields that are wrong: %s', async (_what, body, paths) => {
    const answer = await observe(app, 'beam').send(body as object);
    const { errors = [] } = expectProblem(answer, 400, 'INVALID_INPUT');
    expect(errors.map(({ path }) => path)).toEqual(paths);
  });

  it('refuses what it cannot read, and rows by name where a name is both', async () => {
    const many = observe(app, 'beam').set('Content-Type', 'application/x-npy').send(Buffer.alloc(9));
    expectProblem(await many, 415, 'UNSUPPORTED_MEDIA_TYPE');
    const broken = observe(app, 'beam').set('Content-Type', 'application/json').send('{"inputs": [');
    expectProblem(await broken, 400, 'MALFORMED_BODY');
    expectProblem(await observe(app, 'clash').send([{ a: 1, y: 2 }]), 400, 'INVALID_INPUT');
    await observe(app, 'clash')
      .send({ inputs: [X[8]], outputs: [1] })
      .expect(201);
    const query = observe(app, 'beam').query({ basVersion: '1' }).send({ x1: 1, x2: 2, y: 3 });
    expectProblem(await query, 400, 'INVALID_INPUT');
    expectProblem(await observe(app, 'nothing').send([]), 404, 'MODEL_NOT_FOUND');
  });
});

describe('several observers', () => {
  const app = useApp({ 'beam.json': plainModel(4), 'wing/v9/model.json': plainModel(4) });

  it('lose none of their points', async () => {
    const answers = await Promise.all(
      X.slice(4).map((point, i) =>
        observe(app, 'beam')
          .send({ inputs: [point], outputs: [y[4 + i]] })
          .expect(201),
      ),
    );
    const versions = answers.map(({ body }) => Number(body.version)).sort((a, b) => a - b);
    expect(versions).toEqual([2, 3, 4, 5, 6, 7, 8, 9]);
    const { body } = await app.request().get('/models/beam');
    expect(body).toMatchObject({ version: '9', description: { trainingPoints: 12 } });
    await expectModelOf(app, '/models/beam', X, y);
  });

  it('are told that the version they mean is not the latest, where they name one', async () => {
    const send = { inputs: [X[5]], outputs: [y[5]], baseVersion: '1' };
    const answer = await observe(app, 'beam').send(send);
    expectProblem(answer, 409, 'VERSION_NOT_LATEST');
    expect(answer.body).toMatchObject({ version: '1', latest: '9' });
    const digest = (await app.request().get('/models/beam/versions/9')).body.file.sha256 as string;
    const rows = { inputs: [X[5]], outputs: [y[5]] };
    await observe(app, 'beam')
      .send({ ...rows, baseVersion: `sha256:${digest}` })
      .expect(201);
    expectProblem(
      await observe(app, 'beam').send({ ...rows, baseVersion: '77' }),
      404,
      'MODEL_VERSION_NOT_FOUND',
    );
  });

  it('may be other processes: a version that appears meanwhile is continued, not covered', async () => {
    const arriving = join(app.folder, '.arriving');
    mkdirSync(arriving);
    copyFileSync(join(app.folder, 'beam', '9', 'model.safetensors'), join(arriving, 'model.safetensors'));
    writeFileSync(join(arriving, '.uploaded'), '');
    renameSync(arriving, join(app.folder, 'beam', '11'));
    const { body } = await observe(app, 'beam')
      .send({ inputs: [[2, 2]], outputs: [1] })
      .expect(201);
    expect(body.version).toBe('12');
    expect(body.description.trainingPoints).toBe(13);
  });

  it('continue the names of versions that are no numbers', async () => {
    for (const version of ['v10', 'v11']) {
      const { body } = await observe(app, 'wing')
        .send({ inputs: [X[5]], outputs: [y[5]] })
        .expect(201);
      expect(body.version).toBe(version);
    }
  });
});

describe('Idempotency-Key', () => {
  const app = useApp({ 'beam.json': plainModel(4) });
  const send = (body: object, key: string) => observe(app, 'beam').set('Idempotency-Key', key).send(body);
  const rows = { inputs: [X[4]], outputs: [y[4]] };

  it('adds the same rows once', async () => {
    const both = await Promise.all([send(rows, 'a'), send(rows, 'a')]);
    expect(both.map(({ status }) => status).sort((a, b) => a - b)).toEqual([200, 201]);
    expect(both.map(({ body }) => body.version)).toEqual(['2', '2']);
    await send({ inputs: [X[5]], outputs: [y[5]] }, 'b').expect(201);
    const again = await send({ outputs: rows.outputs, inputs: rows.inputs }, 'a').expect(200);
    expect(again.body.version).toBe('2');
    const { body } = await app.request().get('/models/beam');
    expect(body).toMatchObject({ version: '3', description: { trainingPoints: 6 } });
  });

  it('is known of versions that are not loaded yet', async () => {
    const { body: made } = await send(rows, 'a');
    await send({ inputs: [X[5]], outputs: [y[5]] }, 'b');
    const data = mkdtempSync(join(tmpdir(), 'kriged-data-'));
    const settings = { HOST: '127.0.0.1', PORT: '0', LOG_LEVEL: 'silent', MODEL_LOADING: 'lazy' };
    const other = await createApp(
      loadConfig({ ...settings, MODELS_DIR: app.folder, DATA_DIR: data }),
      WORKER_ENTRY,
    );
    try {
      const answer = supertest(await other.listen(0, '127.0.0.1')).post('/models/beam/observe');
      const { body } = await answer.set('Idempotency-Key', 'a').send(rows).expect(200);
      expect(body.version).toBe(made.version);
    } finally {
      await other.close();
      rmSync(data, { recursive: true });
    }
  });

  it('is no key for other rows', async () => {
    expectProblem(await send({ inputs: [X[6]], outputs: [1] }, 'a'), 422, 'IDEMPOTENCY_KEY_REUSED');
    expectProblem(await send({ ...rows, baseVersion: '1' }, 'a'), 422, 'IDEMPOTENCY_KEY_REUSED');
    expectProblem(await send(rows, 'ä'), 400, 'INVALID_INPUT');
  });
});

describe('Prefer: respond-async', () => {
  const app = useApp({ 'beam.json': plainModel(4), 'sparse.pkl': golden('gpy/sparse-rbf.pkl') });
  const later = (body: object, prefer = 'respond-async, wait=20') =>
    observe(app, 'beam').set('Prefer', prefer).set('Idempotency-Key', JSON.stringify(body)).send(body);

  it('makes the version as a job', async () => {
    const rows = { inputs: [X[4], X[5]], outputs: [y[4], y[5]], alias: 'candidate' };
    const accepted = await later(rows, 'respond-async').expect(202);
    const job = accepted.headers['location'];
    expect(job).toBe(`/jobs/${accepted.body.id}`);
    const again = await later(rows).expect(200);
    expect(again.body).toMatchObject({ id: accepted.body.id, type: 'observe', state: 'succeeded' });
    const { body: result } = await app.request().get(`${job}/result`).expect(200);
    expect(result).toMatchObject({ model: 'beam', version: '2', observations: 2 });
    const { body } = await app.request().get('/models/beam/versions/candidate');
    expect(body).toMatchObject({ version: '2', file: { sha256: result.sha256 } });
    await expectModelOf(app, '/models/beam', X.slice(0, 6), y.slice(0, 6));
  });

  it('comes to the same version when it is attempted again', async () => {
    const type = app.get(ObserveJobType);
    const request = { model: 'beam', inputs: [X[6]], outputs: [[y[6]]] };
    const context = { job: { id: 'j' }, signal: new AbortController().signal, log: () => undefined };
    const first = await type.run(request, context as unknown as JobContext);
    expect(await type.run(request, context as unknown as JobContext)).toEqual(first);
    expect(first.value).toMatchObject({ version: '3' });
  });

  it('fails in the words of the answer that it would have been', async () => {
    const rows = { inputs: [X[7]], outputs: [y[7]], baseVersion: '1' };
    const { body } = await later(rows).expect(200);
    expect(body).toMatchObject({ state: 'failed', failure: { code: 'VERSION_NOT_LATEST' } });
  });

  it('is no way around what a model does not support, or wrong rows', async () => {
    const refused = await observe(app, 'sparse')
      .set('Prefer', 'respond-async')
      .send({ inputs: [[1, 1]], outputs: [1] });
    expectProblem(refused, 501, 'OBSERVE_NOT_SUPPORTED');
    expectProblem(await later({ inputs: [[1]], outputs: [1] }), 400, 'INVALID_INPUT');
  });
});

describe('limits', () => {
  const app = useApp({ 'beam.json': plainModel(8) }, { MAX_MODEL_BYTES: '1048576' });

  it('are told before anything is computed', async () => {
    const inputs = Array.from({ length: 400 }, (_, i) => [i, -i]);
    const answer = await observe(app, 'beam').send({ inputs, outputs: inputs.map(() => 0) });
    expectProblem(answer, 422, 'OBSERVATIONS_REFUSED');
    expect(answer.body.detail).toMatch(/408 points .* MAX_MODEL_BYTES/);
  });
});

describe('with MODELS_API=read-only', () => {
  const app = useApp({ 'beam.json': plainModel(8) }, { MODELS_API: 'read-only' });

  it('refuses', async () => {
    expectProblem(await observe(app, 'beam').send({ x1: 1, x2: 2, y: 3 }), 403, 'READ_ONLY');
    const later = observe(app, 'beam').set('Prefer', 'respond-async').send({ x1: 1, x2: 2, y: 3 });
    expectProblem(await later, 403, 'READ_ONLY');
    expect(readFileSync(join(app.folder, 'beam.json'), 'utf8')).toBe(plainModel(8));
  });
});
