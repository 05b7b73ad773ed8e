import { describe, expect, it } from 'vitest';
import { JobEngine } from '../src/jobs/job-engine.js';
import { Random } from '../src/numeric/random/random.js';
import { useApp } from './support/test-app.js';
import { ended, result, trainJson } from './support/train-jobs.js';

const random = new Random(41);
const NOISE = 0.05;

function truth([a, b]: readonly number[]): number {
  return Math.sin(4 * a) + a * b;
}

function points(n: number): number[][] {
  return Array.from({ length: n }, () => [random.uniform(), random.uniform()]);
}

function observed(inputs: readonly number[][]): number[] {
  const errors = new Float64Array(inputs.length);
  random.fillNormal(errors);
  return inputs.map((row, i) => truth(row) + NOISE * errors[i]);
}

const X = points(400);
const y = observed(X);
const few = { inputs: X.slice(0, 60), outputs: y.slice(0, 60) };

describe('POST /train with inducing points', () => {
  const app = useApp({});

  it('comes close to the exact model, and gives the same file again', async () => {
    const data = { inputs: X, outputs: y, restarts: 2, seed: 3 };
    const exact = await trainJson(app, { ...data, name: 'exact' });
    const sparse = await trainJson(app, { ...data, name: 'sparse', inducing: 40 });
    expect(exact).toMatchObject({ objective: 'logMarginalLikelihood' });
    expect(sparse).toMatchObject({ objective: 'elbo', converged: true });
    // So smooth a kernel needs no more.
    expect(sparse.inducing).toBeGreaterThan(12);
    expect(sparse.inducing).toBeLessThanOrEqual(40);
    expect(sparse.logMarginalLikelihood).toBeLessThan(exact.logMarginalLikelihood);
    expect(sparse.logMarginalLikelihood).toBeGreaterThan(exact.logMarginalLikelihood - 1);
    expect(sparse.hyperparameters.noise / NOISE ** 2).toBeCloseTo(1, 0);

    const query = points(50);
    const [of, by] = await Promise.all(
      ['exact', 'sparse'].map(async (name) => {
        const { body } = await app.request().post(`/models/${name}/predict`).send({ inputs: query });
        return body as { mean: number[]; variance: number[] };
      }),
    );
    query.forEach((_, i) => {
      expect(Math.abs(by.mean[i] - of.mean[i])).toBeLessThan(0.1 * NOISE);
      expect(by.variance[i] / of.variance[i]).toBeCloseTo(1, 1);
    });

    const again = await trainJson(app, { ...data, name: 'sparse', inducing: 40 });
    expect(again.version).toBe('1');
    const other = await trainJson(app, { ...data, name: 'sparse', inducing: 10 });
    expect(other).toMatchObject({ version: '2', inducing: 10 });
    const { body: detail } = await app.request().get('/models/sparse/versions/1').expect(200);
    expect(detail.description).toMatchObject({
      trainingPoints: 400,
      inducingPoints: sparse.inducing,
      provenance: { training: { inducing: 40, seed: 3 }, dataSha256: expect.any(String) },
    });
  });

  it('says in words that there is no leave-one-out, and is scored on other data', async () => {
    const found = await trainJson(app, { ...few, name: 'words', inducing: 20, restarts: 1 });
    expect(found.diagnostics).toMatchObject({
      pointsAre: 'inducing',
      withoutLeaveOneOut: expect.stringContaining('inducing points'),
    });
    expect(found.diagnostics).not.toHaveProperty('leaveOneOut');
    const inputs = points(100);
    const { body } = await app
      .request()
      .post('/models/words/diagnostics')
      .send({ inputs, outputs: inputs.map(truth) })
      .expect(200);
    expect(JSON.stringify(body)).toMatch(/"q2":0\.9[5-9]/);
  });

  it('is sparse by itself above maxPoints', async () => {
    const exact = await trainJson(app, { ...few, name: 'many', kernel: 'matern32(ard)', maxPoints: 60, restarts: 1 }); // prettier-ignore
    expect(exact).not.toHaveProperty('inducing');
    const sparse = await trainJson(app, { ...few, name: 'many', kernel: 'matern32(ard)', maxPoints: 59, restarts: 1 }); // prettier-ignore
    expect(sparse).toMatchObject({ version: '2', objective: 'elbo', inducing: 30 });
  });

  it('takes several outputs, trends, noise of each point, and auto', async () => {
    const common = { inputs: few.inputs, inducing: 25, restarts: 1, name: 'forms' };
    const outputs = few.outputs.map((value, i) => [value, 10 * i + value]);
    const two = await trainJson(app, { ...common, outputs, mean: 'linear' });
    expect(two.inducing).toBe(25);
    const known = await trainJson(app, { ...common, outputs: few.outputs, noise: few.outputs.map(() => NOISE ** 2) }); // prettier-ignore
    const { body } = await app
      .request()
      .post('/models/forms/predict')
      .send({
        inputs: [
          [0.5, 0.5],
          [0, 0],
        ],
      });
    expect(known.version).toBe('2');
    const { body: detail } = await app.request().get('/models/forms/versions/2').expect(200);
    expect(detail.description).toMatchObject({ noise: { type: 'heteroscedastic' }, inducingPoints: 25 });
    expect(Math.abs((body.mean as number[])[0] - truth([0.5, 0.5]))).toBeLessThan(2 * NOISE);
    const auto = await trainJson(app, { ...common, outputs: few.outputs, kernel: 'auto', inducing: 10 });
    expect(auto.kernel).toMatch(/ard/);
  });

  it('stops when it is cancelled', async () => {
    const inputs = points(2000);
    const { body } = await app
      .request()
      .post('/train')
      .send({
        name: 'stopped',
        inputs,
        outputs: observed(inputs),
        kernel: 'matern32(ard) + matern32(ard) * matern52(ard)',
        inducing: 500,
        restarts: 1,
      }) // prettier-ignore
      .expect(202);
    const engine: JobEngine = app.get(JobEngine);
    const parts = () => engine.list({ parent: body.id as string, limit: 10 });
    await expect
      .poll(async () => (await parts()).map(({ state }) => state), { timeout: 20_000 })
      .toEqual(['running']);
    await app.request().delete(`/jobs/${body.id}`);
    expect(await ended(app, body.id as string)).toMatchObject({ state: 'cancelled' });
    await expect.poll(async () => (await parts()).map(({ state }) => state)).toEqual(['cancelled']);
    await app.request().get('/models/stopped').expect(404);
  });

  it.each<[string, object, string]>([
    ['no whole number', { inducing: 2.5 }, 'inducing'],
    ['a single one', { inducing: 1 }, 'inducing'],
    ['very many', { inducing: 2001 }, '2000'],
    ['a text', { inducing: 'many' }, 'inducing'],
    ['more than rows', { inducing: 61 }, 'inducing must be at most 60'],
    [
      'more than different rows',
      { inputs: few.inputs.map(([a]) => [a > 0.5 ? 1 : 0]), inducing: 3 },
      'at most 2',
    ],
    ['no noise', { inducing: 20, noise: 0 }, 'noise must be "free" or above 0'],
    ['no noise above maxPoints', { maxPoints: 59, noise: 0 }, 'noise must be "free" or above 0'],
    ['no noise of one row', { inducing: 20, noise: few.outputs.map((_, i) => i) }, 'noise must be "free" or'],
    ['a kernel of white noise', { inducing: 20, kernel: 'rbf * white', noise: 1 }, 'kernel must be'],
  ])('refuses %s', async (_, settings, said) => {
    const { body } = await app.request().post('/train').send({ ...few, ...settings }).expect(400); // prettier-ignore
    expect(JSON.stringify(body.errors).replaceAll('\\', '')).toContain(said);
  });
});

describe('POST /train where models must be small', () => {
  const app = useApp({}, { MAX_MODEL_BYTES: String(2 ** 20) });

  it('says that a sparse model would fit, and which', async () => {
    const send = (settings: object) =>
      app
        .request()
        .post('/train')
        .send({ inputs: X, outputs: y, restarts: 1, ...settings });
    const { body: exact } = await send({}).expect(422);
    expect(exact).toMatchObject({ code: 'TOO_MANY_POINTS', detail: expect.stringContaining('`inducing`') });
    const { body: large } = await send({ inducing: 350 }).expect(400);
    expect(large.errors).toMatchObject([
      { path: 'inducing', message: expect.stringContaining('at most 327') },
    ]);
    const { body: job } = await send({ inducing: 20 }).expect(202);
    expect(await result(app, job.id as string)).toMatchObject({ inducing: 20 });
  });
});
