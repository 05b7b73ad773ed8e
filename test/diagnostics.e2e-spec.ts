import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { writeNpy } from '../src/common/media/npy.js';
import { DiagnosticsService } from '../src/diagnostics/diagnostics.service.js';
import { GprModel } from '../src/models/gpr/gpr.model.js';
import { ModelRegistry } from '../src/models/model-registry.js';
import { Random } from '../src/numeric/random/random.js';
import { expectNumbers } from './support/golden-answers.js';
import { expectProblem } from './support/problem.js';
import { EXAMPLE, golden, ROOT, useApp } from './support/test-app.js';

// oxlint-disable-next-line no-explicit-any
type Json = Record<string, any>;

const EXPECTED = (
  JSON.parse(readFileSync(join(ROOT, 'test/golden/diagnostics/expected.json'), 'utf8')) as Json
).cases as Json;

const random = new Random(4);
const X = Array.from({ length: 50 }, () => [random.uniform(), random.uniform()]);
const truth = ([a, b]: readonly number[]): number => Math.sin(5 * a) + b;
const gp = (about: object): string =>
  JSON.stringify({
    kernel: { type: 'rbf', params: { variance: 1.5, lengthscale: [0.4, 2] } },
    X,
    y: X.map(truth),
    noise: 1e-4,
    ...about,
  });
const MODELS = {
  'example.pkl': EXAMPLE,
  'plane.json': gp({}),
  'named.json': gp({ kernel: { type: 'rbf', params: { variance: 1, lengthscale: [0.3, 11.2] } }, y: X.map(([a]) => Math.sin(5 * a)) }),
  'named.model.json': JSON.stringify({ inputs: [{ name: 'angle' }, { name: 'mach' }], outputs: [{ name: 'lift' }], options: { meanOnly: true, domain: 'strict' } }),
  'wrong/1/model.json': gp({ y: X.map((row, i) => (i === 7 ? 30 : truth(row))) }),
  'formula.json': JSON.stringify({ type: 'expression', inputs: ['u', 'v'], outputs: { w: 'u + v', z: 'u' } }),
  'normalized.pkl': golden('gpy/three-outputs-normalized.pkl'),
  'heteroscedastic.pkl': golden('gpy/heteroscedastic.pkl'),
  'sparse.pkl': golden('gpy/sparse-rbf.pkl'),
  'index.pkl': golden('gpy/icm.pkl'),
}; // prettier-ignore

describe('diagnostics', () => {
  const app = useApp(MODELS);
  const get = async (path: string): Promise<Json> =>
    (await app.request().get(`/models/${path}`).expect(200)).body as Json;
  const post = (path: string, body: object) => app.request().post(`/models/${path}/diagnostics`).send(body);
  const messages = (body: Json): string[] =>
    (body.warnings as Json[]).map(({ message }) => message as string);

  it.each([
    ['normalized', 'three-outputs-normalized'],
    ['heteroscedastic', 'heteroscedastic'],
  ])('of %s are what GPy, numpy and scipy say', async (model, name) => {
    const { leaveOneOut, logMarginalLikelihood, conditionNumber } = await get(`${model}/diagnostics`);
    const { scores, log_likelihood, condition_number, observed } = EXPECTED[name] as Json;
    for (const [o, found] of (leaveOneOut.outputs as Json[]).entries()) {
      const { output: _name, rows, largestResiduals, ...numbers } = found;
      expectNumbers(numbers, scores[o], name, 1e-7);
      expect(rows).toBe(observed.length);
      expect(largestResiduals).toHaveLength(10);
    }
    expect(logMarginalLikelihood).toBeCloseTo(log_likelihood as number, 7);
    expect(conditionNumber).toBeLessThanOrEqual((condition_number as number) * (1 + 1e-9));
    expect(conditionNumber).toBeGreaterThan((condition_number as number) / 3);
  });

  it('of a model that is well are calm', async () => {
    const { headers, body } = await app.request().get('/models/plane/diagnostics').expect(200);
    const found = body as Json;
    expect(found).toMatchObject({ points: 50, pointsAre: 'training', model: { name: 'plane', version: '1', type: 'gpr' } });
    expect(headers['kriged-model']).toBe(`plane/1; sha256=${found.model.sha256 as string}`);
    expect((found.warnings as Json[]).filter(({ severity }) => severity === 'warning')).toEqual([]);
    expect(found.leaveOneOut.outputs).toHaveLength(1);
    const [{ output, q2 }] = found.leaveOneOut.outputs as Json[];
    expect(output).toBe('y');
    expect(q2).toBeGreaterThan(0.999);
    expect((found.inputs as Json[]).map(({ name }) => name as string)).toEqual(['x1', 'x2']);
    expect(found.inputs[0].effect.y).toBeGreaterThan(0.5);
  }); // prettier-ignore

  it('use the names that model.json gives', async () => {
    const found = await get('named/diagnostics');
    const ratio = Number((found.inputs[1].lengthscaleToRange as number).toPrecision(2));
    expect(messages(found)).toContain(
      `The lengthscale of mach is ${ratio} times its range: the output barely depends on it.`,
    );
    expect(found.leaveOneOut.outputs[0].output).toBe('lift');
    expect(found.inputs[1].effect.lift).toBeLessThan(0.1);
  });

  it('name the row of a wrong value', async () => {
    const found = await get('wrong/versions/1/diagnostics?residuals=1');
    const [{ largestResiduals, q2 }] = found.leaveOneOut.outputs as Json[];
    expect(q2).toBeLessThan(0.5);
    expect(largestResiduals).toEqual([
      { row: 7, observed: expect.closeTo(30, 8), predicted: expect.any(Number), standardised: expect.any(Number) },
    ]); // prettier-ignore
    const outliers = (found.warnings as Json[]).find(({ code }) => code === 'OUTLIERS');
    expect(outliers).toMatchObject({ severity: 'warning', output: 'y' });
    expect(outliers?.rows[0]).toBe(7);
  });

  it('list as many residuals as asked for', async () => {
    const list = async (query: string): Promise<Json[]> =>
      (await get(`plane/diagnostics${query}`)).leaveOneOut.outputs[0].largestResiduals as Json[];
    expect(await list('')).toHaveLength(10);
    expect(await list('?residuals=0')).toHaveLength(0);
    const all = await list('?residuals=10000');
    expect(all.map(({ row }) => row as number).sort((a, b) => a - b)).toEqual([...X.keys()]);
    const sizes = all.map(({ standardised }) => Math.abs(standardised as number));
    expect(sizes).toEqual(sizes.toSorted((a, b) => b - a));
    for (const query of ['residuals=10001', 'residuals=-1', 'residuals=x', 'rows=3']) {
      const response = await app.request().get(`/models/plane/diagnostics?${query}`);
      expectProblem(response, 400, 'INVALID_INPUT');
    }
  });

  it('have a digest, by which nothing is sent twice', async () => {
    const first = await app.request().get('/models/plane/diagnostics').expect(200);
    const { etag } = first.headers as { etag: string };
    expect(etag).toMatch(/^"[0-9a-f]{32}"$/);
    const again = await app.request().get('/models/plane/diagnostics').set('If-None-Match', etag).expect(304);
    expect(again.text).toBe('');
    await app.request().get('/models/plane/diagnostics?residuals=2').set('If-None-Match', etag).expect(200);
  });

  it('are computed once a version', async () => {
    const entry = await app.get(ModelRegistry).ready('example');
    const diagnose = vi.spyOn(GprModel.prototype, 'diagnose');
    const service = new DiagnosticsService();
    await Promise.all([service.diagnoseEntry(entry), service.diagnoseEntry(entry, 3)]);
    await service.diagnoseEntry(entry);
    expect(diagnose).toHaveBeenCalledTimes(1);
    diagnose.mockRestore();
  });

  it('say why a sparse model has no leave-one-out', async () => {
    const found = await get('sparse/diagnostics');
    expect(found.pointsAre).toBe('inducing');
    expect(found.leaveOneOut).toBeUndefined();
    expect(found.logMarginalLikelihood).toBeUndefined();
    expect(found.withoutLeaveOneOut).toMatch(/^This model is sparse: it keeps inducing points/);
    expect(found.inputs[0].lengthscale).toBeGreaterThan(0);
  });

  it('score the outputs apart where an input picks one', async () => {
    const found = await get('index/diagnostics');
    const last = (found.inputs as Json[]).at(-1) as Json;
    const index = last.name as string;
    const names = (found.leaveOneOut.outputs as Json[]).map(({ output }) => output as string);
    expect(names.length).toBeGreaterThan(1);
    expect(names).toEqual(names.map((_, value) => `y (${index} = ${value})`));
    const rows = (found.leaveOneOut.outputs as Json[]).reduce((sum, output) => sum + (output.rows as number), 0);
    expect(rows).toBe(found.points);
    expect(last.effect).toBeUndefined();
  }); // prettier-ignore

  it('are refused for models without training data', async () => {
    const response = await app.request().get('/models/formula/diagnostics');
    expectProblem(response, 501, 'DIAGNOSTICS_NOT_SUPPORTED');
    expectProblem(await app.request().get('/models/nobody/diagnostics'), 404, 'MODEL_NOT_FOUND');
    const other = await app.request().put('/models/plane/diagnostics');
    expectProblem(other, 405, 'METHOD_NOT_ALLOWED');
    expect(other.headers['allow']).toBe('GET, HEAD, POST');
  });

  describe('on a test set', () => {
    const rows = Array.from({ length: 20 }, () => [random.uniform(), random.uniform()]);
    const set = { inputs: rows, outputs: rows.map(truth) };
    const flat = rows.flatMap((row) => [...row, truth(row)]);
    const bytes = writeNpy([20, 3], Float64Array.from(flat));
    const csv = ['y,x2,x1', ...rows.map((row) => [truth(row), row[1], row[0]].join())].join('\n');

    it('score a model as its predictions are', async () => {
      const { body } = await post('plane', set).expect(200);
      const predicted = (await app.request().post('/models/plane/predict').send(rows)).body as Json;
      const errors = rows.map((row, i) => truth(row) - (predicted.mean[i] as number));
      const [scores] = (body as Json).outputs as Json[];
      expect((body as Json).rows).toBe(20);
      expect(scores.rmse).toBeCloseTo(Math.sqrt(errors.reduce((sum, e) => sum + e * e, 0) / 20), 12);
      const inside = errors.filter((e, i) => Math.abs(e) <= 1.959963984540054 * Math.sqrt(predicted.variance[i] as number));
      expect(scores.coverage['95']).toBeCloseTo(inside.length / 20, 12);
      expect(scores.q2).toBeGreaterThan(0.99);
      expect((body as Json).model).toMatchObject({ name: 'plane', version: '1' });
    }); // prettier-ignore

    it('read it in every format', async () => {
      const { body } = await post('plane', set).expect(200);
      const send = (type: string, content: string | Buffer) =>
        app.request().post('/models/plane/versions/1/diagnostics').set('Content-Type', type).send(content);
      expectNumbers((await send('text/csv', csv).expect(200)).body, body);
      expectNumbers((await send('application/x-npy', bytes).expect(200)).body, body);
      const form = app
        .request()
        .post('/models/plane/diagnostics')
        .attach('file', Buffer.from(csv), 'test.csv');
      expectNumbers((await form.expect(200)).body, body);
      // Without a length it is read while it arrives.
      const chunked = app.request().post('/models/plane/diagnostics').set('Content-Type', 'text/csv');
      chunked.set('Transfer-Encoding', 'chunked').write(csv);
      expectNumbers((await chunked.expect(200)).body, body);
    });

    it('score models of every type, also without a variance', async () => {
      const { body } = await post('formula', { inputs: [[1, 2], [3, 4]], outputs: [[3, 2], [7, 3]] }).expect(200); // prettier-ignore
      expect((body as Json).outputs).toEqual([
        { output: 'w', rows: 2, rmse: 0, mae: 0, q2: 1, largestResiduals: [{ row: 0, observed: 3, predicted: 3 }, { row: 1, observed: 7, predicted: 7 }] },
        { output: 'z', rows: 2, rmse: Math.SQRT1_2, mae: 0.5, q2: -1, largestResiduals: [{ row: 0, observed: 2, predicted: 1 }, { row: 1, observed: 3, predicted: 3 }] },
      ]); // prettier-ignore
      expect(messages(body as Json)).toEqual([
        'Q² of z is -1: rows of the test set are predicted worse than by the mean of all.',
      ]);
    });

    it('do not follow the options of model.json', async () => {
      const { body } = await post('named', { inputs: [[0.5, 3], [0.7, 3]], outputs: [1, 2] }).expect(200); // prettier-ignore
      expect((body as Json).outputs[0].nlpd).toEqual(expect.any(Number));
    });

    it('note that a latent variance leaves the noise out', async () => {
      const width = ((await get('heteroscedastic')).inputs as Json[]).length;
      const inputs = [0.1, 0.3].map((value) => Array.from({ length: width }, () => value));
      const { body } = await post('heteroscedastic', { inputs, outputs: [0, 1] }).expect(200);
      expect(((body as Json).warnings as Json[]).map(({ code }) => code as string)).toContain(
        'LATENT_VARIANCE',
      );
    });

    it('are computed by a worker where there are many rows', async () => {
      const many = Array.from({ length: 6000 }, (_, i) => [(i % 83) / 83, (i % 97) / 97]);
      const { body } = await post('plane', { inputs: many, outputs: many.map(truth) }).expect(200);
      expect((body as Json).outputs[0].rows).toBe(6000);
      expect((body as Json).outputs[0].q2).toBeGreaterThan(0.99);
    });

    it('say what is wrong with it', async () => {
      const wrong = async (body: object, model = 'plane'): Promise<Json> => {
        const response = await post(model, body);
        expectProblem(response, 400, 'INVALID_INPUT');
        return response.body as Json;
      };
      expect((await wrong({ inputs: [[1, 2]], outputs: [1, 2] })).detail).toBe(
        'outputs must be 1 row, as inputs, got 2 rows.',
      );
      expect((await wrong({ inputs: [[1, 2]] })).errors[0].path).toBe('inputs[0]');
      expect((await wrong([{ x1: 1, x2: 2 }])).errors[0].path).toBe('[0].y');
      expect((await wrong({ inputs: [[1]], outputs: ['a'] })).errors).toHaveLength(2);
      expectProblem(
        await app.request().post('/models/plane/diagnostics').set('Content-Type', 'text/html').send('<p>'),
        415,
        'UNSUPPORTED_MEDIA_TYPE',
      );
    });
  });
});
