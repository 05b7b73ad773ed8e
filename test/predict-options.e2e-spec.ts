import { describe, expect, it } from 'vitest';
import { expectNumbers, goldenAnswer } from './support/golden-answers.js';
import { expectProblem, paths } from './support/problem.js';
import { golden, useApp } from './support/test-app.js';

const expected = goldenAnswer('gpy/rbf-iso');
const mean = expected.mean.flat();
const variance = (expected.variance_observed as number[][]).flat();
const latentVariance = expected.variance_latent.flat();
const quantile = (percent: string): number[] => expected.quantiles?.[percent].flat() ?? [];
const covariance = expected.covariance_latent.map((row, i) =>
  row.map((value, j) => (i === j ? value + variance[i] - latentVariance[i] : value)),
);

describe.each<[string, (options: Record<string, unknown>) => { query: string; body: object }]>([
  [
    'the query',
    (options) => ({
      query: `?${new URLSearchParams(options as Record<string, string>).toString()}`,
      body: expected.X_test,
    }),
  ],
  ["the body's options", (options) => ({ query: '', body: { inputs: expected.X_test, options } })],
])('options in %s', (_where, make) => {
  const app = useApp({ 'iso.pkl': golden('gpy/rbf-iso.pkl') });
  const predict = async (options: Record<string, unknown>): Promise<Record<string, unknown>> => {
    const { query, body } = make(options);
    const response = await app.request().post(`/predict${query}`).send(body).expect(200);
    return response.body as Record<string, unknown>;
  };

  it('meanOnly', async () => {
    expectNumbers(await predict({ meanOnly: true }), { mean });
    expectNumbers(await predict({ meanOnly: false }), { mean, variance });
  });

  it('latentVariance', async () => {
    expectNumbers(await predict({ latentVariance: true }), { mean, variance, latentVariance });
    expectNumbers(await predict({ latentVariance: true, meanOnly: true }), { mean, latentVariance });
  });

  it('quantiles', async () => {
    const quantiles = { '2.5': quantile('2.5'), '97.5': quantile('97.5') };
    expectNumbers(await predict({ quantiles: [2.5, 97.5] }), { mean, variance, quantiles });
  });

  it('credibleInterval', async () => {
    const credibleInterval = { lower: quantile('2.5'), upper: quantile('97.5') };
    expectNumbers(await predict({ credibleInterval: 95 }), { mean, variance, credibleInterval });
  });

  it('gradients', async () => {
    const meanGradient = expected.mean_gradient.map((inputs) => inputs.map(([output]) => output));
    const varianceGradient = expected.variance_gradient;
    expectNumbers(await predict({ gradients: true }), { mean, variance, meanGradient, varianceGradient });
  });

  it('covariance', async () => {
    expectNumbers(await predict({ covariance: true }), { mean, variance, covariance });
  });

  it('samples: reproducible, another seed gives others', async () => {
    const draw = async (options: Record<string, unknown>): Promise<number[][]> =>
      (await predict({ samples: 3, ...options })).samples as number[][];
    const first = await draw({ seed: 7 });
    expect(first.map((one) => one.length)).toEqual([mean.length, mean.length, mean.length]);
    expect(first.flat().every(Number.isFinite)).toBe(true);
    expect(await draw({ seed: 7 })).toEqual(first);
    expect(await draw({ seed: 8 })).not.toEqual(first);
    expect(await draw({ seed: 0 })).toEqual(await draw({}));
    expect(await draw({ seed: 7, sampleNoise: true })).not.toEqual(first);
  });

  it('samples have the mean and the variance of the posterior', async () => {
    const { samples } = await predict({ samples: 4000, seed: 3, sampleNoise: true });
    const draws = samples as number[][];
    mean.forEach((centre, i) => {
      const values = draws.map((draw) => draw[i]);
      const average = values.reduce((sum, value) => sum + value, 0) / values.length;
      const spread = values.reduce((sum, value) => sum + (value - average) ** 2, 0) / values.length;
      // Six standard errors; the seed is fixed.
      expect(Math.abs(average - centre)).toBeLessThan(6 * Math.sqrt(variance[i] / values.length));
      expect(Math.abs(spread / variance[i] - 1)).toBeLessThan(6 * Math.sqrt(2 / values.length));
    });
  });
});

describe('wrong options', () => {
  const app = useApp({ 'iso.pkl': golden('gpy/rbf-iso.pkl') });
  const X = [[1, 2, 3]];

  it.each<[string, unknown]>([
    ['meanOnly', 'yes'], ['meanOnly', 1], ['meanOnly', null], ['gradients', []], ['covariance', 'true'],
    ['quantiles', 5], ['quantiles', []], ['quantiles', [0]], ['quantiles', [100]], ['quantiles', ['5']], ['quantiles', [null]],
    ['quantiles', [-1]], ['quantiles', [1e308]], ['quantiles', Array(101).fill(5)], ['quantiles', null], ['quantiles', { a: 1 }],
    ['quantiles', [5e-324]], ['credibleInterval', 99.99999999999999], ['credibleInterval', 0], ['credibleInterval', 100],
    ['credibleInterval', '95'], ['credibleInterval', [95]], ['samples', 0], ['samples', 1.5], ['samples', 10_001], ['samples', -1],
    ['samples', true], ['samples', null], ['samples', 1e308], ['seed', -1], ['seed', 0.5], ['seed', 2 ** 53], ['seed', {}],
    ['sampleNoise', 'no'], ['squeeze', 0],
  ])('options.%s of %j is refused', async (name, value) => {
    const response = await app.request().post('/predict').send({ inputs: X, options: { [name]: value } });
    expect(paths(expectProblem(response, 400, 'INVALID_INPUT'))).toEqual([`options.${name}`]);
  }); // prettier-ignore

  it.each([
    ['meanOnly', 'yes'], ['quantiles', ''], ['quantiles', '5,,6'], ['quantiles', '5,abc'], ['quantiles', '1e400'], ['credibleInterval', 'abc'],
    ['credibleInterval', '1e5'], ['samples', '2.5'], ['samples', '0x10'], ['samples', 'Infinity'], ['seed', 'NaN'], ['squeeze', '2'],
  ])('?%s=%s is refused', async (name, value) => {
    const response = await app.request().post('/predict').query({ [name]: value }).send(X);
    expect(paths(expectProblem(response, 400, 'INVALID_INPUT'))).toEqual([name]);
  }); // prettier-ignore

  it.each<[unknown]>([[null], [[]], ['meanOnly'], [1], [true]])(
    'options of %j are refused',
    async (options) => {
      const response = await app.request().post('/predict').send({ inputs: X, options });
      expect(paths(expectProblem(response, 400, 'INVALID_INPUT'))).toEqual(['options']);
    },
  );

  it('lists every wrong and unknown option, of the query and of the body', async () => {
    const response = await app
      .request()
      .post('/predict?samples=0')
      .send({ inputs: X, options: { seed: -1, Quantiles: [5], constructor: 1 } });
    const body = expectProblem(response, 400, 'INVALID_INPUT');
    expect(paths(body).sort()).toEqual([
      'options.Quantiles',
      'options.constructor',
      'options.seed',
      'samples',
    ]);
    expect(body.errors?.find(({ path }) => path === 'options.Quantiles')?.message).toContain(
      'Did you mean quantiles?',
    );
  });

  it("lets the body's option win over the query's", async () => {
    const { body } = await app
      .request()
      .post('/predict?meanOnly=true')
      .send({ inputs: X, options: { meanOnly: false } })
      .expect(200);
    expect(body).toHaveProperty('variance');
  });
});
