import { describe, expect, it } from 'vitest';
import { writeNpy } from '../src/common/media/npy.js';
import { expectNumbers, goldenAnswer } from './support/golden-answers.js';
import { expectProblem, paths } from './support/problem.js';
import { golden, useApp } from './support/test-app.js';

const expected = goldenAnswer('gpy/rbf-iso');
const X = expected.X_test;
const repeated = <T>(list: readonly T[], count: number): T[] =>
  Array.from({ length: count }, (_, i) => list[i % list.length]);
const answers = (count: number): object => ({
  mean: repeated(expected.mean.flat(), count),
  variance: repeated((expected.variance_observed as number[][]).flat(), count),
});

/** Bodies and answers beyond what the HTTP thread reads and writes itself: a worker thread does. */
describe('large requests', () => {
  const app = useApp({ 'iso.pkl': golden('gpy/rbf-iso.pkl') }, { THREADS: '2' });
  const post = (type: string, body: string | Buffer) => app.request().post('/predict').type(type).send(body);
  const csv = (count: number): string => `x1,x2,x3\n${repeated(X, count).join('\n')}`;

  it.each<[string, string, number, () => string | Buffer]>([
    ['JSON', 'application/json', 10_000, () => JSON.stringify(repeated(X, 10_000))],
    ['CSV', 'text/csv', 25_000, () => csv(25_000)],
  ])('%s is answered row by row', async (_what, type, count, make) => {
    const response = await post(type, make()).expect(200);
    expectNumbers(response.body, answers(count));
  });

  it('npy of some hundred thousand rows is answered', async () => {
    const count = 400_000;
    const data = Float64Array.from({ length: count * 3 }, (_, i) => X[Math.floor(i / 3) % X.length][i % 3]);
    const response = await app
      .request()
      .post('/predict?meanOnly')
      .type('application/x-npy')
      .send(writeNpy([count, 3], data))
      .expect(200);
    const { mean } = response.body as { mean: number[] };
    expect(mean).toHaveLength(count);
    expectNumbers(mean.slice(-X.length), repeated(expected.mean.flat(), count).slice(-X.length));
  });

  it('a large file in a form is answered', async () => {
    const response = await app
      .request()
      .post('/predict')
      .attach('file', Buffer.from(csv(25_000)), 'x.csv')
      .expect(200);
    expectNumbers(response.body, answers(25_000));
  });

  it('options of a large JSON body hold', async () => {
    const { body } = await app
      .request()
      .post('/predict')
      .send({ inputs: repeated(X, 10_000), options: { meanOnly: true } });
    expect(Object.keys(body as object)).toEqual(['mean']);
  });

  it('what is wrong in a large body is named as in a small one', async () => {
    const rows: unknown[] = repeated(X, 10_000);
    rows[9_000] = [1, null, 3];
    const json = expectProblem(await post('application/json', JSON.stringify(rows)), 400, 'INVALID_INPUT');
    expect(paths(json)).toEqual(['[9000][1]']);
    const cell = expectProblem(await post('text/csv', `${csv(25_000)}\n1,abc,3`), 400, 'INVALID_INPUT');
    expect(cell.errors).toMatchObject([{ path: 'x2', line: 25_002 }]);
    const broken = JSON.stringify(repeated(X, 10_000)).slice(0, -1);
    expect(expectProblem(await post('application/json', broken), 400, 'MALFORMED_BODY').line).toBe(1);
    const option = { inputs: repeated(X, 10_000), options: { samples: 0 } };
    const refused = expectProblem(await app.request().post('/predict').send(option), 400, 'INVALID_INPUT');
    expect(paths(refused)).toEqual(['options.samples']);
  });

  it('small requests are answered right beside large ones', async () => {
    const large = Array.from({ length: 4 }, () => app.request().post('/predict').send(repeated(X, 20_000)));
    const small = Array.from({ length: 50 }, () => app.request().post('/predict').send([X[0]]));
    const [bodies, few] = await Promise.all([Promise.all(large), Promise.all(small)]);
    for (const { body } of bodies) expectNumbers(body, answers(20_000));
    for (const { body } of few)
      expectNumbers(body, { mean: expected.mean[0][0], variance: expected.variance_observed?.[0][0] });
  });
});
