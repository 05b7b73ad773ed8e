import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { expectNumbers } from './support/golden-answers.js';
import { golden, ROOT, useApp } from './support/test-app.js';

interface Answer {
  readonly file: string;
  readonly inputs: string[];
  readonly X_test: number[][];
  readonly mean: number[][];
  readonly variance: number[][];
  readonly latent: number[][];
}

/** What scikit-learn answered for a golden model. */
function sklearnAnswer(name: string): Answer {
  const path = join(ROOT, 'test/golden/sklearn', `sklearn-${name}.expected.json`);
  return JSON.parse(readFileSync(path, 'utf8')) as Answer;
}

const named = sklearnAnswer('1.7-names-pipeline');
const { file, inputs, X_test: X } = named;
const old = sklearnAnswer('0.18-trained');
const rows = X.map((row) => Object.fromEntries(row.map((x, q) => [inputs[q], x])));
const expected = { mean: named.mean.flat(), variance: named.variance.flat() };

/** A pipeline with a scaler, trained on a table with named columns, and a model of long ago. */
describe('models of scikit-learn', () => {
  const app = useApp(
    {
      'named.joblib': golden(`sklearn/${file}`),
      'old.sav': golden(`sklearn/${old.file}`),
      'none.joblib': golden('sklearn-refused/pca.joblib'),
    },
    { THREADS: '2' },
  );

  it('take their inputs by name, in any order', async () => {
    const reversed = rows.map((row) => Object.fromEntries(Object.entries(row).reverse()));
    const { body } = await app.request().post('/models/named/predict').send(reversed).expect(200);
    expectNumbers(body, expected);
  });

  it('take rows of numbers as well, and leave the noise out of the latent variance', async () => {
    const { body } = await app
      .request()
      .post('/models/named/predict')
      .send({ inputs: X, options: { latentVariance: true } })
      .expect(200);
    expectNumbers(body, { ...expected, latentVariance: named.latent.flat() });
  });

  it('are computed by workers as in place', async () => {
    const count = 20_000;
    const many = Array.from({ length: count }, (_, i) => X[i % X.length]);
    const { body } = await app.request().post('/models/named/predict').send(many).expect(200);
    const repeat = (list: number[]): number[] =>
      Array.from({ length: count }, (_, i) => list[i % list.length]);
    expectNumbers(body, { mean: repeat(expected.mean), variance: repeat(expected.variance) });
  });

  it('may be as old as version 0.18', async () => {
    const { body } = await app.request().post('/models/old/predict').send(old.X_test).expect(200);
    expectNumbers(body, { mean: old.mean.flat(), variance: old.variance.flat() });
  });

  it('are described, with scaler, version and names', async () => {
    const { body } = await app.request().get('/models/named').expect(200);
    const text = JSON.stringify(body);
    for (const part of ['sklearn GaussianProcessRegressor', '"1.7.2"', 'inputTransform', 'load [kN]'])
      expect(text).toContain(part);
  });

  it('that are not served say why', async () => {
    const { body } = await app.request().get('/models').expect(200);
    expect(JSON.stringify(body)).toContain("The pipeline's step PCA is not supported");
  });
});
