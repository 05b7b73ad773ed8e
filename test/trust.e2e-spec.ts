import { createHash } from 'node:crypto';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { npyBytes, readNpy, writeNpy } from '../src/common/media/npy.js';
import { readNpz } from '../src/common/media/npz.js';
import { GaussianProcess } from '../src/numeric/gp/gaussian-process.js';
import { Random } from '../src/numeric/random/random.js';
import { goldenAnswer } from './support/golden-answers.js';
import { expectProblem, paths } from './support/problem.js';
import { exchange } from './support/raw-http.js';
import { golden, useApp } from './support/test-app.js';

const random = new Random(8);
/** So many that single rows are gathered into panels. */
const TRAINING = Array.from({ length: 90 }, () => [random.uniform(), 5 + 3 * random.uniform()]);
const LENGTHSCALES = [0.4, 2];
const PLANE = JSON.stringify({
  kernel: { type: 'rbf', params: { variance: 1.5, lengthscale: LENGTHSCALES } },
  X: TRAINING,
  y: TRAINING.map(([a, b]) => Math.sin(3 * a) + b),
  noise: 0.01,
});
const FORMULA = { type: 'expression', inputs: ['u', 'v'], outputs: { w: 'u + v' } };
const MODELS = {
  'plane.json': PLANE,
  'bounded.json': PLANE,
  'bounded.model.json': JSON.stringify({
    inputs: [{ name: 'a', lower: 0.5 }, { name: 'b', lower: 0, upper: 100 }],
  }),
  'careful.json': PLANE,
  'careful.model.json': JSON.stringify({ options: { trust: true, domain: 'strict' } }),
  'formula.json': JSON.stringify(FORMULA),
  'half.json': JSON.stringify({ ...FORMULA, inputs: [{ name: 'u', upper: 1 }, 'v'] }),
  'dir/2.1/model.json': PLANE,
  'index.pkl': golden('gpy/icm.pkl'),
  'sparse.pkl': golden('gpy/sparse-rbf.pkl'),
  'heteroscedastic.pkl': golden('gpy/heteroscedastic.pkl'),
}; // prettier-ignore
const SHA256 = createHash('sha256').update(PLANE).digest('hex');
const PLANE_1 = { name: 'plane', version: '1', sha256: SHA256, type: 'gpr' };

const column = (q: number): number[] => TRAINING.map((row) => row[q]);
const MIN = [0, 1].map((q) => Math.min(...column(q)));
const MAX = [0, 1].map((q) => Math.max(...column(q)));
const distance = (x: readonly number[]): number =>
  Math.min(...TRAINING.map((z) => Math.hypot(...LENGTHSCALES.map((l, q) => (x[q] - z[q]) / l))));

interface Trusted {
  readonly mean: unknown;
  readonly domain: { inside: unknown; outside: unknown; nearestDistance?: unknown };
  readonly relativeVariance?: unknown;
  readonly latentVariance?: number[];
  readonly model: unknown;
}

describe('trust', () => {
  const app = useApp(MODELS);
  const post = (path: string, body: object) => app.request().post(`/models/${path}`).send(body);
  const trust = async (model: string, X: number[][], query = ''): Promise<Trusted> =>
    (await post(`${model}/predict?trust=true${query}`, X).expect(200)).body as Trusted;
  const ROWS = [[0.5, 6.5], [1.5, 6.5], [-3, 99], TRAINING[7], [0.5, 4]]; // prettier-ignore

  it('says of one row where it lies, how much is known there, and who answered', async () => {
    const { domain, relativeVariance, model, ...others } = await trust('plane', [ROWS[1]]);
    expect(domain).toEqual({ inside: false, outside: ['x1'], nearestDistance: expect.closeTo(distance(ROWS[1]), 12) as number }); // prettier-ignore
    const { body } = await post('plane/predict?latentVariance=true', [ROWS[1]]).expect(200);
    expect(relativeVariance).toBeCloseTo((body as { latentVariance: number }).latentVariance / 1.5, 12);
    expect(model).toEqual(PLANE_1);
    expect(others).toEqual((await post('plane/predict', [ROWS[1]]).expect(200)).body);
  });

  it('says of several rows the same, one entry a row', async () => {
    const all = await trust('plane', ROWS, '&latentVariance=true');
    expect(all.domain.inside).toEqual([true, false, false, true, false]);
    expect(all.domain.outside).toEqual([[], ['x1'], ['x1', 'x2'], [], ['x2']]);
    const distances = all.domain.nearestDistance as number[];
    ROWS.forEach((row, i) => expect(distances[i]).toBeCloseTo(distance(row), 11));
    expect(distances[3]).toBe(0);
    (all.relativeVariance as number[]).forEach((ratio, i) =>
      expect(ratio).toBeCloseTo((all.latentVariance?.[i] ?? NaN) / 1.5, 12),
    );
    expect((all.relativeVariance as number[])[2]).toBe(1);
    expect(all.model).toEqual(PLANE_1);
    const unsqueezed = await trust('plane', [ROWS[1]], '&squeeze=false');
    expect(unsqueezed.domain).toMatchObject({ inside: [false], outside: [['x1']] });
    expect(unsqueezed.domain.nearestDistance).toHaveLength(1);
  });

  it('is the same from the query, from the options, and left out without', async () => {
    const { body } = await post('plane/predict', { inputs: ROWS, options: { trust: true } }).expect(200);
    expect(body).toEqual(await trust('plane', ROWS));
    for (const options of [{}, { trust: false }, { domain: 'ignore' }]) {
      const plain = await post('plane/predict', { inputs: ROWS, options }).expect(200);
      expect(Object.keys(plain.body as object)).toEqual(['mean', 'variance']);
    }
    expect(Object.keys(await trust('plane', ROWS, '&meanOnly=true')).sort()).toEqual([
      'domain',
      'mean',
      'model',
    ]);
  });

  it('is the same for many rows, in parts on the workers, in every format', async () => {
    const many = Array.from({ length: 20_000 }, () => [2 * random.uniform() - 0.5, 4 + 5 * random.uniform()]);
    const body = writeNpy([many.length, 2], Float64Array.from(many.flat()));
    const ask = async (accept: string): Promise<Buffer> => {
      const headers = { 'content-type': 'application/x-npy', accept };
      const response = await fetch(`http://127.0.0.1:${app.port}/models/plane/predict?trust=true`, { method: 'POST', headers, body }); // prettier-ignore
      expect(response.status).toBe(200);
      expect(response.headers.get('kriged-model')).toBe(`plane/1; sha256=${SHA256}`);
      return Buffer.from(await response.arrayBuffer());
    };
    const json = JSON.parse((await ask('application/json')).toString()) as Record<string, number[]> & Trusted;
    const { inside, outside, nearestDistance } = json.domain as Record<string, unknown[]>;
    many.forEach((row, i) => {
      const names = ['x1', 'x2'].filter((_, q) => row[q] < MIN[q] || row[q] > MAX[q]);
      if (String(outside[i]) !== String(names)) expect(outside[i], `row ${i}`).toEqual(names);
      if (inside[i] !== (names.length === 0)) expect.fail(`row ${i} is inside: ${String(inside[i])}`);
      if (i % 500 === 0) expect(nearestDistance[i]).toBeCloseTo(distance(row), 11);
    });
    expect([inside.length, outside.length, nearestDistance.length]).toEqual([20_000, 20_000, 20_000]);
    expect(inside.filter((is) => is === true).length).toBeGreaterThan(1000);

    const NAMES = ['mean', 'variance', 'inside', 'nearest_distance', 'relative_variance'];
    const columns = [json.mean, json.variance, inside.map(Number), nearestDistance, json.relativeVariance] as number[][]; // prettier-ignore
    const [header, ...lines] = (await ask('text/csv')).toString().trim().split(/\r?\n/);
    expect(header.split(',')).toEqual(NAMES);
    expect(lines.map((line) => line.split(',').map(Number))).toEqual(many.map((_, i) => columns.map((values) => values[i]))); // prettier-ignore
    const npy = readNpy(await ask('application/x-npy'));
    expect(npy.shape).toEqual([20_000, 5]);
    expect(Buffer.from(npyBytes(npy.data))).toEqual(Buffer.from(npyBytes(Float64Array.from(many.flatMap((_, i) => columns.map((values) => values[i])))))); // prettier-ignore
    const npz = readNpz(await ask('application/x-npz'));
    expect([...npz.keys()]).toEqual(NAMES);
    [...npz.values()].forEach(({ data }, k) => expect(Array.from(data)).toEqual(columns[k]));
  });

  it('takes what lies outside the data or the bounds as outside', async () => {
    const { domain } = await trust('bounded', [[0.49, 6.5], [0.51, 6.5], [0.51, 50], [0.51, 101]]); // prettier-ignore
    expect(domain.outside).toEqual([['a'], [], ['b'], ['b']]);
  });

  it('says of a model without data what its bounds say, and null where it has none', async () => {
    expect(await trust('formula', [[1, 2]])).toEqual({
      mean: 3,
      domain: { inside: null, outside: [] },
      model: expect.objectContaining({ name: 'formula', type: 'expression' }) as object,
    });
    expect((await trust('formula', [[1, 2], [3, 4]])).domain).toEqual({ inside: null, outside: [[], []] }); // prettier-ignore
    expect((await trust('half', [[1, 2], [1.01, 2]])).domain).toEqual({ inside: [true, false], outside: [[], ['u']] }); // prettier-ignore
    const csv = (query: string) => app.request().post(`/models/${query}`).accept('text/csv').send([[1, 2]]).expect(200); // prettier-ignore
    expect((await csv('formula/predict?trust')).text).toBe('mean\n3\n');
    expect((await csv('half/predict?trust')).text).toBe('mean,inside\n3,1\n');
  });

  it('knows an index, the inducing points of a sparse model, and noise known at the data only', async () => {
    const icm = await trust('index', [goldenAnswer('gpy/icm').X_test[0]]);
    expect(icm.domain).toMatchObject({ inside: true, nearestDistance: expect.any(Number) as number });
    const { X_test, variance_latent } = goldenAnswer('gpy/sparse-rbf');
    const sparse = await trust('sparse', X_test);
    (sparse.relativeVariance as number[]).forEach((ratio, i) =>
      expect(ratio).toBeCloseTo(Math.min(variance_latent[i][0], 1), 9),
    );
    const { body } = await app.request().get('/models/sparse').expect(200);
    expect(body).toMatchObject({
      description: { domain: { points: 'inducing', inputs: [{ lengthscale: 0.8 }, { lengthscale: 1.3 }] } },
    });
    const noisy = await trust('heteroscedastic', goldenAnswer('gpy/heteroscedastic').X_test);
    expect((noisy.relativeVariance as number[]).every((ratio) => ratio > 0 && ratio <= 1)).toBe(true);
  });

  it('shows the training ranges of a model', async () => {
    const { body } = await app.request().get('/models/plane').expect(200);
    expect((body as { description: { domain: unknown } }).description.domain).toEqual({
      points: 'training',
      inputs: LENGTHSCALES.map((lengthscale, q) => ({ min: MIN[q], max: MAX[q], lengthscale })),
    });
  });

  it('is true or false', async () => {
    const response = await post('plane/predict?trust=no', ROWS);
    expect(paths(expectProblem(response, 400, 'INVALID_INPUT'))).toEqual(['trust']);
  });
});

describe('Kriged-Model', () => {
  const app = useApp(MODELS);

  it('names the version in every answer, whichever way and in whichever format', async () => {
    const body = '{"x1": 0.5, "x2": 6.5}';
    const raw = (path: string, fields: string): string =>
      `POST ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${fields}Content-Length: ${body.length}\r\n\r\n${body}`;
    for (const [path, model] of [['/models/plane/predict', 'plane/1'], ['/models/dir/predict', 'dir/2.1']]) {
      for (const accept of ['application/json', 'text/csv', 'application/x-npy', 'application/x-npz']) {
        for (const fields of ['', 'Proxy-Connection: x\r\n']) {
          for (const query of ['', '?trust=true', '?squeeze=false']) {
            const { status, headers } = await exchange(app.port, raw(path + query, `Accept: ${accept}\r\n${fields}`));
            expect(status).toBe(200);
            expect(headers['kriged-model']).toBe(`${model}; sha256=${SHA256}`);
          }
        }
      }
    }
    const { headers } = await app.request().get('/models/plane/predict?x1=1&x2=6').expect(200);
    expect(headers['kriged-model']).toBe(`plane/1; sha256=${SHA256}`);
  }); // prettier-ignore

  it('and no other', async () => {
    const { headers } = await app.request().post('/models/plane/predict').send({ x1: 1 }).expect(400);
    expect(headers).not.toHaveProperty('kriged-model');
  });
});

describe('domain=strict', () => {
  const app = useApp(MODELS);
  const post = (path: string, body: object) => app.request().post(`/models/${path}`).send(body);
  const predict = vi.spyOn(GaussianProcess.prototype, 'predict');
  afterEach(() => void predict.mockClear());

  it('refuses rows outside, with each value, and computes nothing', async () => {
    const body = expectProblem(
      await post('plane/predict?domain=strict', [[0.5, 6.5], [1.5, 6.5], [-3, 99]]), 422, 'OUTSIDE_DOMAIN'); // prettier-ignore
    expect(paths(body)).toEqual(['[1].x1', '[2].x1', '[2].x2']);
    expect(body.errorCount).toBe(3);
    expect(body.errors?.[0]).toEqual({
      path: '[1].x1',
      received: '1.5',
      expected: `a number from ${MIN[0]} to ${MAX[0]}`,
      message: `[1].x1 must be a number from ${MIN[0]} to ${MAX[0]}, got 1.5: it lies outside the range of the training data.`,
    });
    expect(predict).not.toHaveBeenCalled();
    await post('plane/predict?domain=strict', [[0.5, 6.5]]).expect(200);
    expect(predict).toHaveBeenCalled();
  });

  it('says which limit was passed', async () => {
    const message = async (model: string, row: number[]): Promise<string | undefined> =>
      expectProblem(await post(`${model}/predict?domain=strict`, [row]), 422, 'OUTSIDE_DOMAIN').errors?.[0].message; // prettier-ignore
    const data = 'the range of the training data';
    const bounds = "the input's stated bounds";
    expect(await message('bounded', [0.4, 6.5])).toBe(`a must be a number from 0.5 to ${MAX[0]}, got 0.4: it lies outside ${bounds}.`); // prettier-ignore
    expect(await message('bounded', [0.6, 50])).toContain(`got 50: it lies outside ${data}.`);
    expect(await message('bounded', [-1, 6.5])).toContain(`got -1: it lies outside ${data} and ${bounds}.`);
    expect(await message('half', [1.5, 0])).toBe(`u must be a number of at most 1, got 1.5: it lies outside ${bounds}.`); // prettier-ignore
  });

  it('lists twenty values of many, and takes the ends of the ranges', async () => {
    const far = Array.from({ length: 30_000 }, () => [9, 6.5]);
    const body = expectProblem(await post('plane/predict?domain=strict', far), 422, 'OUTSIDE_DOMAIN');
    expect([body.errors?.length, body.errorCount]).toEqual([20, 30_000]);
    await post('plane/predict?domain=strict', [MIN, MAX]).expect(200);
    await post('formula/predict?domain=strict', [[1e9, 0]]).expect(200);
  });

  it('may be the default of a model, which a request overrides', async () => {
    expectProblem(await post('careful/predict', [[9, 9]]), 422, 'OUTSIDE_DOMAIN');
    const { body } = await post('careful/predict?domain=ignore', [[9, 9]]).expect(200);
    expect(body).toMatchObject({ domain: { inside: false } });
  });

  it.each(['lax', '', 'true'])('domain=%s is refused', async (domain) => {
    const response = await post(`plane/predict?domain=${domain}`, [[0.5, 6.5]]);
    const [error] = expectProblem(response, 400, 'INVALID_INPUT').errors ?? [];
    expect(error).toMatchObject({ path: 'domain', expected: 'strict or ignore' });
  });
});

describe('validate', () => {
  const app = useApp(MODELS, { DEFAULT_MODEL: 'plane', MAX_RESULT_VALUES: '40', MAX_BODY_BYTES: '2000' });
  const predict = vi.spyOn(GaussianProcess.prototype, 'predict');
  afterEach(() => void predict.mockClear());

  it('says what would be predicted, where it lies, and computes nothing', async () => {
    const { body, headers } = await app.request().post('/validate')
      .send([{ x2: 6.5, x1: 0.5 }, { x1: 1.5, x2: 6.5 }, { x1: 2.5, x2: 99 }]).expect(200); // prettier-ignore
    expect(headers['content-type']).toBe('application/json; charset=utf-8');
    expect(body).toEqual({
      valid: true,
      rows: 3,
      model: PLANE_1,
      domain: {
        inside: false,
        rowsOutside: 2,
        inputs: [
          { name: 'x1', min: MIN[0], max: MAX[0], rowsOutside: 2 },
          { name: 'x2', min: MIN[1], max: MAX[1], rowsOutside: 1 },
        ],
      },
    });
    expect(predict).not.toHaveBeenCalled();
  });

  it('says the bounds too, and null where nothing is known', async () => {
    const { body } = await app.request().post('/models/bounded/versions/1/validate').send([[0.6, 6.5]]).expect(200);
    expect(body).toMatchObject({
      valid: true,
      model: { name: 'bounded' },
      domain: { inside: true, rowsOutside: 0, inputs: [{ name: 'a', lower: 0.5 }, { name: 'b', lower: 0, upper: 100 }] },
    });
    const formula = await app.request().post('/models/formula/validate').send([[1, 2]]).expect(200);
    expect((formula.body as { domain: unknown }).domain).toEqual({
      inside: null,
      rowsOutside: 0,
      inputs: [{ name: 'u', rowsOutside: 0 }, { name: 'v', rowsOutside: 0 }],
    });
  }); // prettier-ignore

  it.each<[string, string | Buffer]>([
    ['text/csv', 'x2,x1\n6.5,0.5\n6.5,9\n'],
    ['application/x-npy', writeNpy([2, 2], Float64Array.of(0.5, 6.5, 9, 6.5))],
  ])('reads %s as it arrives', async (type, content) => {
    const { body } = await app.request().post('/validate').type(type).send(content).expect(200);
    expect(body).toMatchObject({ rows: 2, domain: { rowsOutside: 1 } });
  });

  it('reads forms and files', async () => {
    const form = await app.request().post('/validate').type('form').send('x1=0.5&x2=6.5').expect(200);
    expect(form.body).toMatchObject({ rows: 1, domain: { inside: true } });
    const file = await app.request().post('/validate').attach('file', Buffer.from('0.5,6.5\n9,9\n'), 'rows.csv').expect(200); // prettier-ignore
    expect(file.body).toMatchObject({ rows: 2, domain: { rowsOutside: 1 } });
  });

  const row = [[0.5, 6.5]];
  it.each<[number, string, string, object | string, string?]>([
    [400, 'INVALID_INPUT', '', [{ x1: 'a' }]],
    [400, 'MALFORMED_BODY', '', '[[1, 2'],
    [400, 'INVALID_INPUT', '?quantiles=200', row],
    [400, 'INVALID_INPUT', '?nope=1', row],
    [400, 'INVALID_INPUT', 'models/index/', [[0.1, 0.2, 7]]],
    [404, 'MODEL_NOT_FOUND', 'models/nope/', row],
    [406, 'NOT_ACCEPTABLE', '', row, 'text/html'],
    [413, 'RESULT_TOO_LARGE', '?covariance=true', Array.from({ length: 7 }, () => row[0])],
    [413, 'RESULT_TOO_LARGE', '?trust=true', Array.from({ length: 9 }, () => row[0])],
    [413, 'BODY_TOO_LARGE', '', Array.from({ length: 400 }, () => row[0])],
    [422, 'OUTSIDE_DOMAIN', '?domain=strict', [[9, 9]]],
    [422, 'OUTSIDE_DOMAIN', 'models/careful/', [[9, 9]]],
    [501, 'SAMPLE_NOT_SUPPORTED', 'models/formula/?samples=3', row],
    [501, 'SAMPLE_NOT_SUPPORTED', 'models/heteroscedastic/?samples=3&sampleNoise=true', [[0.5, 0.5]]],
  ])('%i %s, as predict does: %s', async (status, code, where, body, accept = '*/*') => {
    const [path, query = ''] = where.split('?');
    const answers = await Promise.all(
      ['validate', 'predict'].map((verb) =>
        app.request().post(`/${path}${verb}?${query}`).type('json').accept(accept).send(body),
      ),
    );
    const [validate, there] = answers.map((answer) => expectProblem(answer, status, code));
    const { requestId: _id, instance: _path, ...facts } = validate;
    expect(there).toMatchObject(facts);
  });

  it('is asked by POST', async () => {
    const response = await app.request().get('/models/plane/validate');
    expectProblem(response, 405, 'METHOD_NOT_ALLOWED');
    expect(response.headers.allow).toBe('POST');
  });
});

describe('a page of another origin', () => {
  const app = useApp({ 'plane.json': PLANE }, { CORS_ORIGINS: 'https://page.example' });

  it('may read which version answered', async () => {
    const { headers } = await app
      .request()
      .post('/predict')
      .set('Origin', 'https://page.example')
      .send([[0.5, 6.5]])
      .expect(200);
    expect(headers['access-control-expose-headers']).toBe(
      'Kriged-Model,Kriged-Warning,Location,Preference-Applied',
    );
    expect(headers['kriged-model']).toBe(`plane/1; sha256=${SHA256}`);
  });
});
