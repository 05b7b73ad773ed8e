import { describe, expect, it } from 'vitest';
import { expectNumbers, goldenAnswer } from './support/golden-answers.js';
import { EXAMPLE, golden, useApp } from './support/test-app.js';

const ROW = { x1: 0.51, x2: 0.76, x3: 0.94, x4: 0.72 };
const ANSWER = { mean: -0.45444343, variance: 3.873637e-6 };

/** The example's covariance is nearly singular: what is beyond the eighth digit differs by processor and backend. */
function expectAnswer(body: unknown): void {
  expectNumbers(body, ANSWER, 'body', 1e-8);
}

describe('POST /predict, for the example model', () => {
  const app = useApp({ 'example.pkl': EXAMPLE });

  it('answers the request of the README as the original service did', async () => {
    const response = await app.request().post('/predict').send(ROW).expect(200);
    expect(response.headers['content-type']).toBe('application/json; charset=utf-8');
    expectAnswer(response.body);
    expect(response.body.variance / ANSWER.variance).toBeCloseTo(1, 5);
  });

  it('takes the names in any order', async () => {
    const { body } = await app
      .request()
      .post('/predict')
      .send(Object.fromEntries(Object.entries(ROW).reverse()));
    expectAnswer(body);
  });

  it.each([
    ['no Content-Type', undefined],
    ['a charset', 'application/json; charset=UTF-8'],
    ['a +json type', 'application/vnd.kriged+json'],
    ['plain bytes', 'application/octet-stream'],
    ['what curl -d says unasked', 'application/x-www-form-urlencoded'],
  ])('reads JSON that comes with %s', async (_what, type) => {
    const request = app.request().post('/predict');
    if (type === undefined) request.unset('Content-Type');
    else request.set('Content-Type', type);
    const response = await request.serialize((text: unknown) => text as string).send(JSON.stringify(ROW));
    expect(response.status).toBe(200);
    expectAnswer(response.body);
  });

  it('reads JSON with a byte order mark', async () => {
    const text = `\ufeff${JSON.stringify(ROW)}`;
    const { body } = await app.request().post('/predict').type('application/json').send(text);
    expectAnswer(body);
  });

  it.each([
    ['HTTP name', '/models/example/predict'],
    ['name and version', '/models/example/versions/1/predict'],
    ['a slash at the end', '/predict/'],
  ])('answers under %s as well', async (_what, path) => {
    const { body } = await app.request().post(path).send(ROW).expect(200);
    expectAnswer(body);
  });
});

describe('the shapes of a JSON body', () => {
  const app = useApp({ 'iso.pkl': golden('gpy/rbf-iso.pkl') });
  const expected = goldenAnswer('gpy/rbf-iso');
  const rows = expected.X_test.map(([x1, x2, x3]) => ({ x1, x2, x3 }));
  const answers = {
    mean: expected.mean.flat(),
    variance: (expected.variance_observed as number[][]).flat(),
  };

  it.each<[string, unknown]>([
    ['an array of objects', rows],
    ['an array of arrays', expected.X_test],
    ['an object with a matrix of inputs', { inputs: expected.X_test }],
    ['an object with objects as inputs', { inputs: rows }],
    ['a mixture', { inputs: [rows[0], ...expected.X_test.slice(1)] }],
  ])('%s is answered with one entry a row', async (_what, body) => {
    const response = await app
      .request()
      .post('/predict')
      .send(body as object)
      .expect(200);
    expectNumbers(response.body, answers);
  });

  it.each<[string, unknown]>([
    ['an object', rows[0]],
    ['an array of one object', [rows[0]]],
    ['an array of one array', [expected.X_test[0]]],
    ['inputs of one row', { inputs: [expected.X_test[0]] }],
  ])('%s is one row, answered with numbers', async (_what, body) => {
    const response = await app
      .request()
      .post('/predict')
      .send(body as object)
      .expect(200);
    expectNumbers(response.body, { mean: answers.mean[0], variance: answers.variance[0] });
  });

  it('keeps one row in arrays with squeeze=false', async () => {
    const squeezed = { mean: [answers.mean[0]], variance: [answers.variance[0]] };
    const byQuery = await app.request().post('/predict?squeeze=false').send(rows[0]);
    expectNumbers(byQuery.body, squeezed);
    const byBody = await app
      .request()
      .post('/predict')
      .send({ ...rows[0], options: { squeeze: false } });
    expectNumbers(byBody.body, squeezed);
  });

  it('answers some thousand rows in their order', async () => {
    const many = Array.from({ length: 5000 }, (_, i) => expected.X_test[i % expected.X_test.length]);
    const { body } = await app.request().post('/predict').send(many).expect(200);
    expectNumbers(body, {
      mean: many.map((_, i) => answers.mean[i % answers.mean.length]),
      variance: many.map((_, i) => answers.variance[i % answers.variance.length]),
    });
  });
});
