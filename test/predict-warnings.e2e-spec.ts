import { describe, expect, it } from 'vitest';
import { EXAMPLE, useApp } from './support/test-app.js';

/**
 * No noise, and a prior variance so large that GPy's 1e-8 on the diagonal, which is the variance at a training point, is
 * hardly more than what rounding leaves. One point is there twice, the others are far away.
 */
const points = [0, ...Array.from({ length: 39 }, (_, i) => 30 * i)].map((x) => [x]);
const SURROGATE = JSON.stringify({
  name: 'gp',
  class: 'GPy.core.GP',
  X: points,
  Y: points.map(([x]) => [1e3 * Math.sin(x)]),
  kernel: {
    input_dim: 1, active_dims: [0], name: 'rbf', useGPU: false, variance: [4e6], lengthscale: [1],
    ARD: false, inv_l: false, class: 'GPy.kern.RBF',
  },
  likelihood: {
    name: 'Gaussian_noise',
    gp_link_dict: { class: 'GPy.likelihoods.link_functions.Identity' },
    class: 'GPy.likelihoods.Gaussian',
    variance: [0],
  },
  inference_method: {
    class: 'GPy.inference.latent_function_inference.exact_gaussian_inference.ExactGaussianInference',
  },
}); // prettier-ignore

const ROWS = [[-9], [0], [-7]];

describe('a variance that rounding decides', () => {
  const app = useApp({ 'surrogate.json': SURROGATE, 'example.pkl': EXAMPLE });
  const predict = (rows: unknown, accept = 'application/json') =>
    app
      .request()
      .post('/models/surrogate/predict')
      .set('Accept', accept)
      .send(rows as object)
      .expect(200);

  it('is named in a JSON answer, after everything else', async () => {
    const { body, headers } = await predict(ROWS);
    expect(Object.keys(body as object)).toEqual(['mean', 'variance', 'warnings']);
    expect(body).toMatchObject({
      warnings: [{ code: 'VARIANCE_AT_ROUNDING', rows: [1], message: expect.stringMatching(/rounding/) }],
    });
    expect(headers).not.toHaveProperty('kriged-warning');
    const single = await predict({ x1: 0 });
    expect(single.body).toMatchObject({ mean: expect.any(Number), warnings: [{ rows: [0] }] });
  });

  it('is named in a header of other answers', async () => {
    for (const accept of ['text/csv', 'application/x-npy', 'application/x-npz']) {
      const { headers } = await predict([...ROWS, [1e-9]], accept);
      expect(headers['kriged-warning']).toBe('VARIANCE_AT_ROUNDING; count=2; rows="1 3"');
    }
  });

  it('is named with its row in an answer that the workers computed in parts', async () => {
    const far = Array.from({ length: 60_000 }, (_, i) => [i % 20_000 === 7 ? 0 : -5 - i / 1e4]);
    const { body } = await predict(far);
    const { warnings } = body as { warnings: { rows: number[] }[] };
    expect(warnings[0].rows).toEqual([7, 20_007, 40_007]);
  });

  it('is not claimed of others', async () => {
    const { body, headers } = await predict([[-9], [-7]], 'text/csv');
    expect(body).toBeDefined();
    expect(headers).not.toHaveProperty('kriged-warning');
    expect((await predict([[-9]])).body).not.toHaveProperty('warnings');
    const mean = await app.request().post('/models/surrogate/predict?meanOnly').send(ROWS).expect(200);
    expect(mean.body).not.toHaveProperty('warnings');
    const row = { x1: 0.51, x2: 0.76, x3: 0.94, x4: 0.72 };
    const example = await app.request().post('/models/example/predict?latentVariance').send(row).expect(200);
    expect(example.body).not.toHaveProperty('warnings');
  });
});
