import { describe, expect, it } from 'vitest';
import { readNpy } from '../src/common/media/npy.js';
import { readNpz } from '../src/common/media/npz.js';
import { expectNumbers, goldenAnswer } from './support/golden-answers.js';
import { expectProblem } from './support/problem.js';
import { golden, useApp } from './support/test-app.js';

const one = goldenAnswer('gpy/rbf-iso');
const three = goldenAnswer('gpy/three-outputs');
const variance = (one.variance_observed as number[][]).flat();

describe('what Accept asks for', () => {
  const app = useApp({
    'iso.pkl': golden('gpy/rbf-iso.pkl'),
    'three.pkl': golden('gpy/three-outputs.pkl'),
  });
  const predict = (model: string, rows: number[][], accept: string, query = '') =>
    app
      .request()
      .post(`/models/${model}/predict${query}`)
      .set('Accept', accept)
      .buffer(true)
      .parse((response, done) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => done(null, Buffer.concat(chunks)));
      })
      .send(rows);
  const csv = (body: Buffer): { names: string[]; rows: number[][] } => {
    const [names, ...rows] = body.toString().trimEnd().split('\n');
    return { names: names.split(','), rows: rows.map((row) => row.split(',').map(Number)) };
  };

  it('CSV', async () => {
    const response = await predict('iso', one.X_test, 'text/csv').expect(200);
    expect(response.headers['content-type']).toBe('text/csv; charset=utf-8');
    const { names, rows } = csv(response.body as Buffer);
    expect(names).toEqual(['mean', 'variance']);
    expectNumbers(
      rows,
      one.mean.map(([mean], i) => [mean, variance[i]]),
    );
  });

  it('npy: a table, N x columns', async () => {
    const response = await predict('iso', one.X_test, 'application/x-npy').expect(200);
    expect(response.headers['content-type']).toBe('application/x-npy');
    const { shape, data } = readNpy(response.body as Buffer);
    expect(shape).toEqual([one.X_test.length, 2]);
    expectNumbers(
      [...data],
      one.mean.flatMap(([mean], i) => [mean, variance[i]]),
    );
  });

  it('npz: an array a column', async () => {
    const response = await predict('iso', one.X_test, 'application/x-npz').expect(200);
    expect(response.headers['content-type']).toBe('application/x-npz');
    const arrays = readNpz(response.body as Buffer);
    expect([...arrays.keys()]).toEqual(['mean', 'variance']);
    expectNumbers([...(arrays.get('mean')?.data ?? [])], one.mean.flat());
    expect(arrays.get('variance')?.shape).toEqual([one.X_test.length]);
  });

  it('names a column for every option', async () => {
    const query = '?latentVariance&quantiles=2.5,97.5&credibleInterval=90&gradients&covariance&samples=2';
    const { body } = await predict('iso', one.X_test.slice(0, 2), 'text/csv', query).expect(200);
    expect(csv(body as Buffer).names).toEqual([
      'mean', 'variance', 'latent_variance', 'quantile_2.5', 'quantile_97.5', 'lower', 'upper',
      'mean_gradient_x1', 'mean_gradient_x2', 'mean_gradient_x3',
      'variance_gradient_x1', 'variance_gradient_x2', 'variance_gradient_x3',
      'covariance_1', 'covariance_2', 'sample_1', 'sample_2',
    ]); // prettier-ignore
  });

  it('names the output where there are several', async () => {
    const { body } = await predict('three', three.X_test, 'text/csv', '?gradients').expect(200);
    const { names, rows } = csv(body as Buffer);
    expect(names).toEqual([
      'mean_y1', 'mean_y2', 'mean_y3', 'variance_y1', 'variance_y2', 'variance_y3',
      'mean_gradient_x1_y1', 'mean_gradient_x2_y1', 'mean_gradient_x1_y2', 'mean_gradient_x2_y2', 'mean_gradient_x1_y3', 'mean_gradient_x2_y3',
      'variance_gradient_x1_y1', 'variance_gradient_x2_y1', 'variance_gradient_x1_y2', 'variance_gradient_x2_y2', 'variance_gradient_x1_y3', 'variance_gradient_x2_y3',
    ]); // prettier-ignore
    expectNumbers(
      rows.map((row) => row.slice(0, 3)),
      three.mean,
    );
    const gradients = three.mean_gradient.map(([x1, x2]) => [0, 1, 2].flatMap((q) => [x1[q], x2[q]]));
    expectNumbers(
      rows.map((row) => row.slice(6, 12)),
      gradients,
    );
  });

  it('streams a CSV of many rows whole', async () => {
    const rows = Array.from({ length: 20_000 }, () => one.X_test[0]);
    const { body } = await predict('iso', rows, 'text/csv').expect(200);
    const parsed = csv(body as Buffer).rows;
    expect(parsed).toHaveLength(rows.length);
    expect(new Set(parsed.map(([mean]) => mean.toPrecision(9))).size).toBe(1);
  });

  it.each([
    ['*/*', 'application/json; charset=utf-8'],
    ['text/html,application/xhtml+xml,*/*;q=0.8', 'application/json; charset=utf-8'],
    ['text/*', 'text/csv; charset=utf-8'],
    ['text/csv;q=0.1, application/json;q=0.9', 'application/json; charset=utf-8'],
    ['application/json;q=0.1, text/csv', 'text/csv; charset=utf-8'],
  ])('Accept: %s is answered with %s', async (accept, type) => {
    const response = await predict('iso', one.X_test, accept).expect(200);
    expect(response.headers['content-type']).toBe(type);
  });

  it.each(['application/xml', 'image/*', 'application/json;q=0', 'nonsense'])(
    'Accept: %s is refused with 406',
    async (accept) => {
      const response = await app.request().post('/models/iso/predict').set('Accept', accept).send(one.X_test);
      expect(expectProblem(response, 406, 'NOT_ACCEPTABLE').expected).toContain('text/csv');
    },
  );

  it('tells an error as a problem, whatever was asked for', async () => {
    const response = await app
      .request()
      .post('/models/iso/predict')
      .set('Accept', 'text/csv')
      .send([[1]]);
    expectProblem(response, 400, 'INVALID_INPUT');
  });

  it('answers HEAD for CSV without a body', async () => {
    const response = await app.request().head('/models/iso/predict?x1=1&x2=2&x3=3').set('Accept', 'text/csv');
    expect(response.status).toBe(200);
    expect(response.headers['content-type']).toBe('text/csv; charset=utf-8');
  });
});
