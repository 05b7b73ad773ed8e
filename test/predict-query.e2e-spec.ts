import { describe, expect, it } from 'vitest';
import { expectNumbers, goldenAnswer } from './support/golden-answers.js';
import { expectProblem, paths } from './support/problem.js';
import { golden, useApp } from './support/test-app.js';

const expected = goldenAnswer('gpy/rbf-iso');
const [x1, x2, x3] = expected.X_test[0];
const query = `x1=${x1}&x2=${x2}&x3=${x3}`;
const answer = { mean: expected.mean[0][0], variance: expected.variance_observed?.[0][0] };

describe('GET /predict', () => {
  const app = useApp({ 'iso.pkl': golden('gpy/rbf-iso.pkl') });

  it.each([`/predict?${query}`, `/models/iso/predict?${query}`, `/models/iso/versions/1/predict?${query}`])(
    'answers %s',
    async (path) => {
      const { body } = await app.request().get(path).expect(200);
      expectNumbers(body, answer);
    },
  );

  it('reads numbers in every spelling', async () => {
    const plain = await app.request().get('/predict?x1=1000&x2=-0.5&x3=2').expect(200);
    const odd = await app.request().get('/predict?x1=%2B1e3&x2=-.5&x3=2.').expect(200);
    expect(odd.body).toEqual(plain.body);
  });

  it('takes options beside the inputs', async () => {
    const { body } = await app.request().get(`/predict?${query}&meanOnly&squeeze=0`).expect(200);
    expectNumbers(body, { mean: [answer.mean] });
  });

  it('answers HEAD with the headers alone', async () => {
    const response = await app.request().head(`/predict?${query}`).expect(200);
    expect(response.headers['content-type']).toBe('application/json; charset=utf-8');
    expect(response.text).toBeUndefined();
  });

  it.each([
    ['nothing', '', ['x1', 'x2', 'x3']],
    ['a missing input', 'x1=1&x3=2', ['x2']],
    ['an unknown input', `${query}&x4=1`, ['x4']],
    ['an empty value', 'x1=&x2=2&x3=1', ['x1']],
    ['a word', 'x1=abc&x2=2&x3=1', ['x1']],
    ['NaN', 'x1=NaN&x2=2&x3=1', ['x1']],
    ['-inf', 'x1=1&x2=-inf&x3=1', ['x2']],
    ['1e400', 'x1=1&x2=1e400&x3=1', ['x2']],
    ['a hexadecimal number', 'x1=0x10&x2=1&x3=1', ['x1']],
    ['an input twice', `${query}&x2=1`, ['x2']],
    ['a broken percent-encoding', 'x1=%ZZ&x2=2&x3=1', ['x1']],
    ['brackets', 'x1[a]=1&x2=2&x3=1', ['x1', '["x1[a]"]']],
  ])('refuses %s, naming it', async (_what, wrong, wrongPaths) => {
    const response = await app.request().get(`/predict?${wrong}`);
    expect(paths(expectProblem(response, 400, 'INVALID_INPUT'))).toEqual(wrongPaths);
  });

  it('suggests the option that was probably meant', async () => {
    const response = await app
      .request()
      .post('/predict?quantile=5')
      .send([[1, 2, 3]]);
    const body = expectProblem(response, 400, 'INVALID_INPUT');
    expect(paths(body)).toEqual(['quantile']);
    expect(body.detail).toContain('Did you mean quantiles?');
  });
});

describe('a URL-encoded form', () => {
  const app = useApp({ 'iso.pkl': golden('gpy/rbf-iso.pkl') });

  it('is one row, with options in its fields or in the query', async () => {
    const post = (path: string, form: string) => app.request().post(path).type('form').send(form);
    expectNumbers((await post('/predict', query)).body, answer);
    expectNumbers((await post('/predict', `${query}&meanOnly=true`)).body, { mean: answer.mean });
    expectNumbers((await post('/predict?meanOnly=true', query)).body, { mean: answer.mean });
  });

  it('is refused when a field is wrong', async () => {
    const response = await app.request().post('/predict').type('form').send('x1=1&x2=two&y=3');
    expect(paths(expectProblem(response, 400, 'INVALID_INPUT'))).toEqual(['x2', 'x3', 'y']);
  });

  it('is refused when a field comes twice', async () => {
    const response = await app.request().post('/predict').type('form').send(`${query}&x1=7`);
    expect(paths(expectProblem(response, 400, 'INVALID_INPUT'))).toEqual(['x1']);
  });
});
