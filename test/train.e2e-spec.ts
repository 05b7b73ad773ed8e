import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Config } from '../src/common/config/config.js';
import { writeNpy } from '../src/common/media/npy.js';
import { JobEngine } from '../src/jobs/job-engine.js';
import { Random } from '../src/numeric/random/random.js';
import { type TestApp, ROOT, useApp } from './support/test-app.js';
import { ended, type Result, result, trainJson } from './support/train-jobs.js';

const GOLDEN = join(ROOT, 'test/golden/training');
const golden = JSON.parse(readFileSync(join(GOLDEN, 'training.json'), 'utf8')) as {
  X: number[][];
  y: number[];
  scikitLearn: { logMarginalLikelihood: number };
  GPy: { logMarginalLikelihood: number };
  lengthscales: number[];
  query: number[][];
  mean: number[];
  variance: number[];
};
const { X, y } = golden;
const random = new Random(77);
const csv = ['a,b,y', ...X.map((row, i) => [...row, y[i]].join(','))].join('\n');

interface SearchEnd {
  readonly kernel: string;
  readonly logMarginalLikelihood: number;
  readonly hyperparameters: readonly { readonly state: string }[];
}

async function sha256Of(app: TestApp, name: string, version: string): Promise<string> {
  const { body } = await app.request().get(`/models/${name}/versions/${version}`).expect(200);
  return (body as { file: { sha256: string } }).file.sha256;
}

describe('POST /train', () => {
  const app = useApp({});

  it('finds the maximum that scikit-learn and GPy find, and predicts as GPy does', async () => {
    const found = await trainJson(app, {
      name: 'golden',
      inputs: X,
      outputs: y,
      kernel: 'rbf(ard)',
      seed: 1,
    });
    expect(found).toMatchObject({ model: 'golden', version: '1', kernel: 'rbf(ard)', converged: true });
    const best = Math.max(golden.scikitLearn.logMarginalLikelihood, golden.GPy.logMarginalLikelihood);
    expect(found.logMarginalLikelihood).toBeGreaterThan(best - 1e-3);
    expect(found.diagnostics.leaveOneOut.outputs[0].q2).toBeGreaterThan(0.9);
    expect(found.diagnostics.logMarginalLikelihood).toBeCloseTo(found.logMarginalLikelihood, 6);
    const { body } = await app
      .request()
      .post('/models/golden/predict')
      .send({ inputs: golden.query })
      .expect(200);
    golden.mean.forEach((value, i) => {
      expect((body.mean as number[])[i]).toBeCloseTo(value, 3);
      expect((body.variance as number[])[i]).toBeCloseTo(golden.variance[i], 4);
    });
  });

  it('gives the same file for the same data, settings and seed, however they came', async () => {
    const settings = { name: 'same', kernel: 'rbf(ard)+white', restarts: 3, seed: 5, inputNames: ['a', 'b'] };
    const first = await trainJson(app, { ...settings, inputs: X, outputs: y });
    const again = await trainJson(app, { ...settings, inputs: X, outputs: y, kernel: 'rbf( ard ) + white' });
    expect(again.version).toBe(first.version);
    const rows = await trainJson(app, {
      ...settings,
      data: X.map(([a, b], i) => ({ a, b, y: y[i] })),
      target: 'y',
    });
    expect(rows.version).toBe(first.version);
    const query = 'name=same&restarts=3&seed=5&kernel=rbf(ard)%20%2B%20white';
    const npy = writeNpy([X.length, 3], Float64Array.from(X.flatMap((row, i) => [...row, y[i]])));
    const files: [string, Buffer | string, string?][] = [
      ['application/x-npy', npy, '&inputNames=a,b'],
      ['application/octet-stream', npy, '&inputNames=a,b'],
      ['text/csv', csv],
      ['application/vnd.apache.parquet', readFileSync(join(GOLDEN, 'training.parquet'))],
      ['application/octet-stream', readFileSync(join(GOLDEN, 'training-zstd.parquet'))],
    ];
    for (const [type, content, names = ''] of files) {
      const { body } = await app
        .request()
        .post(`/train?${query}${names}`)
        .set('Content-Type', type)
        .send(content)
        .expect(202);
      expect((await result(app, body.id as string)).version).toBe(first.version);
    }
    const form = app.request().post('/train').field('inputNames', 'a,b');
    for (const [name, value] of Object.entries({ ...settings, inputNames: undefined })) {
      if (value !== undefined) void form.field(name, String(value));
    }
    const { body } = await form.attach('file', join(GOLDEN, 'training.npz')).expect(202);
    expect((await result(app, body.id as string)).version).toBe(first.version);
    const { body: list } = await app.request().get('/models/same/versions').expect(200);
    expect(list.versions).toHaveLength(1);
    const other = await trainJson(app, { ...settings, seed: 6, inputs: X, outputs: y });
    expect(other.version).toBe('2');
    expect(await sha256Of(app, 'same', '2')).not.toBe(await sha256Of(app, 'same', '1'));
    const { body: detail } = await app.request().get('/models/same/versions/1').expect(200);
    const doubles = Float64Array.from([...X.flat(), ...y]);
    expect(detail.description.provenance).toMatchObject({
      library: 'Kriged',
      dataSha256: createHash('sha256').update(doubles).digest('hex'),
      training: { kernel: 'rbf(ard) + white', seed: 5, restarts: 3 },
    });
  });

  it('takes several outputs, noise of each point, no noise, trends, and moves an alias', async () => {
    const Y = X.map(([a, b]) => [Math.sin(3 * a), a + b]);
    const common = { inputs: X, restarts: 2, name: 'forms' };
    const two = await trainJson(app, {
      ...common,
      outputs: Y,
      outputNames: ['u', 'v'],
      noise: 0,
      alias: 'staging',
    });
    const { body } = await app
      .request()
      .post('/models/forms/versions/staging/predict')
      .send({ inputs: [X[3]] })
      .expect(200);
    expect(two.hyperparameters.noise).toBe(0);
    expect((body.mean as number[][]).flat()).toHaveLength(2);
    (body.mean as number[][]).flat().forEach((value, o) => expect(value).toBeCloseTo(Y[3][o], 4));
    const known = await trainJson(app, { ...common, outputs: y, noise: y.map(() => 0.0025) });
    expect(known.version).toBe('2');
    const linear = await trainJson(app, { ...common, outputs: y, mean: 'linear', normalize: false, kernel: 'matern52(a) * rbf(b) + bias', inputNames: ['a', 'b'] }); // prettier-ignore
    expect(linear.hyperparameters.kernel).toMatch(/^matern52\(a, .*\) \* rbf\(b, .*\) \+ bias\(variance=/);
  });

  /** A training, and where each of its searches has ended. */
  async function searched(settings: object): Promise<{ found: Result; ends: readonly SearchEnd[] }> {
    const { body } = await app.request().post('/train').send(settings).expect(202);
    const found = await result(app, body.id as string);
    const engine: JobEngine = app.get(JobEngine);
    const parts = await engine.list({ parent: body.id as string, limit: 200 });
    const ends = parts.map(({ request, result: end }) => ({
      ...(end!.value as unknown as { result: Omit<SearchEnd, 'kernel'> }).result,
      kernel: (request as unknown as { piece: { kernel: string } }).piece.kernel,
    }));
    return { found, ends };
  }

  it('takes the best of its searches', async () => {
    const inputs = Array.from({ length: 40 }, (_, i) => [i / 13]);
    const outputs = inputs.map(([t]) => Math.sin(6 * t) + 0.1 * Math.cos(31 * t));
    const { found, ends } = await searched({
      name: 'best',
      inputs,
      outputs,
      kernel: 'periodic',
      restarts: 12,
    });
    const likelihoods = ends.map(({ logMarginalLikelihood }) => logMarginalLikelihood);
    expect(likelihoods).toHaveLength(12);
    expect(found.logMarginalLikelihood).toBe(Math.max(...likelihoods));
    expect(found.logMarginalLikelihood).toBeGreaterThan(Math.min(...likelihoods) + 1);
  });

  it('chooses a kernel by itself: that of the least information criterion', async () => {
    const { found, ends } = await searched({ name: 'auto', inputs: X, outputs: X.map(([a]) => 3 * a), kernel: 'auto', restarts: 1, noise: 1e-6 }); // prettier-ignore
    const criteria = ends.map(({ hyperparameters, logMarginalLikelihood }) => {
      const free = hyperparameters.filter(({ state }) => state !== 'fixed').length;
      return free * Math.log(X.length) - 2 * logMarginalLikelihood;
    });
    expect(new Set(ends.map(({ kernel }) => kernel)).size).toBe(5);
    expect(found.kernel).toBe(ends[criteria.indexOf(Math.min(...criteria))].kernel);
  });

  it('trains on more data, of which it searches a part first', async () => {
    const inputs = Array.from({ length: 300 }, () => [random.uniform(), random.uniform()]);
    const outputs = inputs.map(([a, b]) => Math.sin(6 * a) + b * b);
    const found = await trainJson(app, { name: 'more', inputs, outputs, noise: 0, kernel: 'matern52(ard)' });
    expect(found.diagnostics.leaveOneOut.outputs[0].q2).toBeGreaterThan(0.999);
  });

  it('makes models that take observations, also where rounding decides the variance', async () => {
    const inputs = Array.from({ length: 80 }, () => [10 * random.uniform(), random.uniform()]);
    const outputs = inputs.map(([a, b]) => Math.sin(a) + b * b);
    await trainJson(app, { name: 'smooth', inputs, outputs, kernel: 'rbf(ard)', restarts: 5, seed: 3 });
    const { status } = await app
      .request()
      .post('/models/smooth/observe')
      .send({ inputs: [[11, 0.5]], outputs: [Math.sin(11) + 0.25] });
    expect(status).toBe(201);
  });

  it('warns of data that tell little, and trains on them', async () => {
    const odd = [...X.map(([a]) => [a, 2 * a + 1, 4]), [X[0][0], 2 * X[0][0] + 1, 4]];
    const found = await trainJson(app, { name: 'odd', inputs: odd, outputs: [...y, y[0]], restarts: 2 });
    const warnings = found.warnings.join('\n');
    expect(warnings).toMatch(/1 row repeats the inputs of an earlier one: 41 \(as 1\)/);
    expect(warnings).toMatch(/x3 is 4 in every row/);
    expect(warnings).toMatch(/x2 is a linear combination of the inputs before it/);
  });

  it.each<[string, object, number, string | RegExp]>([
    ['NaN as null', { inputs: [[1], [null]], outputs: [1, 2] }, 400, 'inputs[1][0]'],
    ['a text', { inputs: [[1], [2]], outputs: [1, '2'] }, 400, 'outputs[1]'],
    ['rows of different widths', { inputs: [[1, 2], [2]], outputs: [1, 2] }, 400, 'inputs[1]'],
    ['fewer outputs', { inputs: [[1], [2], [3]], outputs: [1, 2] }, 400, 'outputs'],
    ['no outputs', { inputs: [[1], [2]] }, 400, 'outputs'],
    ['no rows', { inputs: [], outputs: [] }, 400, 'inputs'],
    ['one row', { inputs: [[1]], outputs: [1] }, 400, 'at least 2 rows'],
    ['a constant output', { inputs: [[1], [2]], outputs: [3, 3] }, 400, 'varies'],
    ['a flat list of inputs', { inputs: [1, 2], outputs: [3, 4] }, 400, 'inputs[0]'],
    [
      'two outputs of one input, without noise',
      { inputs: [[1], [1]], outputs: [3, 4], noise: 0 },
      400,
      'Row 2',
    ],
    ['an unknown kernel', { inputs: X, outputs: y, kernel: 'rbf + mattern32' }, 400, /character 7.*matern32/],
    ['a broken kernel', { inputs: X, outputs: y, kernel: 'rbf(ard' }, 400, /character 8.*the end/],
    ['an unknown setting', { inputs: X, outputs: y, kernle: 'rbf' }, 400, 'Did you mean kernel?'],
    ['a wrong setting', { inputs: X, outputs: y, restarts: 0 }, 400, 'restarts'],
    [
      'bounds upside down',
      { inputs: X, outputs: y, bounds: { lengthscale: [2, 1] } },
      400,
      'bounds.lengthscale',
    ],
    [
      'bounds of nothing',
      { inputs: X, outputs: y, bounds: { lenghtscale: [1, 2] } },
      400,
      'bounds.lenghtscale',
    ],
    ['noise of other points', { inputs: X, outputs: y, noise: [1, 2] }, 400, 'noise'],
    ['an unknown target', { data: [{ a: 1, y: 2 }, { a: 2, y: 3 }], target: 'z' }, 400, 'target'], // prettier-ignore
    ['a row without a column', { data: [{ a: 1, y: 2 }, { a: 2 }] }, 400, '[1].y'],
    ['a name that cannot be', { inputs: X, outputs: y, name: '../x' }, 400, 'name of a model'],
    ['another model type', { inputs: X, outputs: y, type: 'onnx' }, 501, 'gpr'],
  ])('refuses %s', async (_, body, status, said) => {
    const answer = await app.request().post('/train').send(body).expect(status);
    expect(JSON.stringify(answer.body.errors ?? answer.body.detail) + answer.body.detail).toMatch(
      typeof said === 'string' ? new RegExp(said.replaceAll(/[[\]().?]/g, '\\$&')) : said,
    );
  });

  it.each<[string, string, string | Buffer, string]>([
    ['text in a CSV', 'text/csv', 'a,y\n1,2\nx,3\n', 'Line 3'],
    ['an empty cell', 'text/csv', 'a,y\n1,\n2,3\n', 'y must be a finite number'],
    ['inf', 'text/csv', 'a,y\n1,2\n2,inf\n', 'Line 3'],
    ['a short row', 'text/csv', 'a,y\n1,2\n2\n', 'Line 3'],
    ['a column without a name', 'text/csv', ',a,y\n0,1,2\n1,2,3\n', 'column 1 has no name'],
    ['two columns of one name', 'text/csv', 'a,a,y\n0,1,2\n1,2,3\n', 'column of this name'],
    ['one column', 'text/csv', 'y\n1\n2\n', 'at least one input column'],
    ['nothing', 'text/csv', '', 'empty'],
    ['no Parquet', 'application/vnd.apache.parquet', 'PAR1 and nothing else', 'Parquet'],
    [
      'text in Parquet',
      'application/octet-stream',
      readFileSync(join(GOLDEN, 'training-text.parquet')),
      'a must be a column of numbers',
    ],
    [
      'holes in Parquet',
      'application/octet-stream',
      readFileSync(join(GOLDEN, 'training-missing.parquet')),
      'a[1] must be a finite number',
    ],
    ['NaN in npy', 'application/x-npy', writeNpy([2, 2], Float64Array.of(1, 2, NaN, 4)), '[1, 0] must be'],
    ['one column of npy', 'application/x-npy', writeNpy([3], Float64Array.of(1, 2, 3)), 'at least one input'],
    ['a cube of npy', 'application/x-npy', writeNpy([1, 2, 1], Float64Array.of(1, 2)), 'shape (1, 2, 1)'],
    ['half of npy', 'application/x-npy', writeNpy([2, 2], new Float64Array(4)).subarray(0, 100), 'npy'],
    ['broken JSON', 'application/json', '{"inputs": [[1], [2]', 'Malformed JSON'],
  ])('refuses a file with %s', async (_, type, content, said) => {
    const { body } = await app.request().post('/train').set('Content-Type', type).send(content).expect(400);
    expect(JSON.stringify(body.errors ?? '') + body.detail).toContain(said);
  });

  it('refuses what is no data, and is no GET', async () => {
    await app.request().post('/train').set('Content-Type', 'image/png').send('x').expect(415);
    await app.request().get('/train').expect(405);
    const { body } = await app.request().post('/train').field('kernel', 'rbf').expect(400);
    expect(body.detail).toContain('no file');
  });

  it('gives one job for one idempotency key', async () => {
    const send = (seed: number) =>
      app
        .request()
        .post('/train')
        .set('Idempotency-Key', 'once')
        .send({ inputs: X, outputs: y, restarts: 1, seed });
    const artifacts = join(app.get(Config).dataDir, 'artifacts');
    const stored = () => readdirSync(artifacts, { encoding: 'utf8', recursive: true });
    const before = [...stored(), 'jobs'];
    const { body: first } = await send(1);
    const { body: second } = await send(1);
    expect(second.id).toBe(first.id);
    await send(2).expect(422);
    await result(app, first.id as string);
    const more = stored().filter((path) => !before.includes(path));
    expect(more.toSorted()).toEqual([`jobs/${first.id}`, `jobs/${first.id}/data.npz`]);
  });

  it('tells of its progress while it goes on, and stops when it is cancelled', async () => {
    const many = Array.from({ length: 149 }, () => Array.from({ length: 6 }, () => random.uniform()));
    const outputs = many.map(([a, b, c]) => Math.sin(9 * a) + b * c);
    const { body: job } = await app
      .request()
      .post('/train')
      .send({
        name: 'stopped',
        inputs: many,
        outputs,
        restarts: 200,
        kernel: 'rbf(ard) + matern32(ard) * linear(ard)',
      })
      .expect(202);
    const id = job.id as string;
    const events = await fetch(`http://127.0.0.1:${app.port}/jobs/${id}/events`);
    let text = '';
    for await (const chunk of events.body!) {
      text += Buffer.from(chunk).toString();
      if (/event: progress[^]*"done":[1-9]/.test(text)) break;
    }
    await app.request().delete(`/jobs/${id}`);
    expect(await ended(app, id)).toMatchObject({ state: 'cancelled' });
    await app.request().get('/models/stopped').expect(404);
    const engine: JobEngine = app.get(JobEngine);
    const parts = await engine.list({ parent: id, limit: 200 });
    expect(parts).toHaveLength(200);
    await expect
      .poll(async () =>
        (await engine.list({ parent: id, limit: 200 })).filter(
          ({ state }) => state === 'running' || state === 'queued',
        ),
      )
      .toEqual([]);
    expect((await engine.list({ parent: id, limit: 200 })).some(({ state }) => state === 'cancelled')).toBe(
      true,
    );
  });
});

describe('POST /train where models are read-only', () => {
  const app = useApp({}, { MODELS_API: 'read-only' });

  it('refuses', async () => {
    const { body } = await app.request().post('/train').send({ inputs: X, outputs: y }).expect(403);
    expect(body).toMatchObject({ code: 'READ_ONLY' });
  });
});

describe('POST /train with a small limit', () => {
  const app = useApp({}, { MAX_BODY_BYTES: '1024' });

  it('refuses what is larger, and can go on', async () => {
    await app.request().post('/train').send({ inputs: X, outputs: y }).expect(413);
    await app.request().post('/train').attach('file', Buffer.from(csv), 'data.csv').expect(413);
    const few = { inputs: X.slice(0, 5), outputs: y.slice(0, 5) };
    const { body } = await app.request().post('/train').send(few).expect(202);
    expect(await ended(app, body.id as string)).toMatchObject({ state: 'succeeded' });
  });
});
