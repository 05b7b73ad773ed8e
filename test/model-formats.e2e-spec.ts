import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { writeNpy } from '../src/common/media/npy.js';
import { expectNumbers } from './support/golden-answers.js';
import { golden, ROOT, useApp } from './support/test-app.js';

interface Expected {
  readonly X_test: number[][];
  readonly mean: number[][];
  readonly variance: number[][];
}

const PAGE = readFileSync(join(ROOT, 'docs/formats.md'), 'utf8');
/** The example of the page on plain JSON. */
const DOCUMENTED = /```json\n([\s\S]*?)```/.exec(PAGE)?.[1] ?? '';

describe('models in other files than those of GPy', () => {
  const app = useApp({
    'torch.safetensors': golden('exported/botorch-default.safetensors'),
    'pretrained.npz': golden('exported/npz-param-array.npz'),
    'wing.json': DOCUMENTED,
    'weights.npy': writeNpy([3], Float64Array.of(1, 0.5, 1e-6)),
  });

  it.each([
    ['torch', 'botorch-default', 'Kriged safetensors (version 1)'],
    ['pretrained', 'npz-param-array', 'npz'],
  ])('serves %s, with the predictions of %s', async (name, file, format) => {
    const path = join(ROOT, `test/golden/exported/${file}.expected.json`);
    const { X_test, mean, variance } = JSON.parse(readFileSync(path, 'utf8')) as Expected;
    const { body } = await app.request().post(`/models/${name}/predict`).send({ inputs: X_test }).expect(200);
    expectNumbers(body, { mean: mean.flat(), variance: variance.flat() }, 'body', 1e-8);
    const { body: model } = await app.request().get(`/models/${name}`).expect(200);
    expect(model).toMatchObject({ format, supports: expect.arrayContaining(['save']) });
  });

  it('serves the plain JSON of the documentation, by the names it gives', async () => {
    const row = { speed: 1, angle: 0.5 };
    const { body } = await app.request().post('/models/wing/predict').send(row).expect(200);
    // Nearly noise-free at a training point, whose output is 0.7.
    expect(Math.abs(body.mean - 0.7)).toBeLessThan(1e-3);
    const { body: model } = await app.request().get('/models/wing').expect(200);
    expect(model.inputs).toEqual([
      { name: 'angle', kind: 'real' },
      { name: 'speed', kind: 'real', unit: 'm/s', lower: 0, upper: 5 },
    ]);
    expect(model.outputs).toEqual([{ name: 'lift', kind: 'real' }]);
  });

  it('says what weights alone lack', async () => {
    const { body } = await app.request().get('/models/weights').expect(200);
    expect(body).toMatchObject({
      state: 'failed',
      reason: expect.stringContaining('needs its training data'),
    });
  });
});
