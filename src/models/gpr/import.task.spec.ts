import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { gprModelType } from '../../../test/support/gpr-model-type.js';
import { Matrix } from '../../numeric/linalg/matrix.js';
import { Random } from '../../numeric/random/random.js';
import { ModelFile } from '../model-file.js';
import type { Model } from '../model.js';

const POINTS = 400;
const type = gprModelType();
let folder: string;
let inPlace: Model;
let saved: Uint8Array;

function fileOf(name: string, content: string | Uint8Array): ModelFile {
  const path = join(folder, name);
  writeFileSync(path, content);
  return new ModelFile(path);
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'kriged-import-'));
  const random = new Random(400);
  const X = Array.from({ length: POINTS }, () => [random.uniform(), random.uniform()]);
  const y = X.map(([a, b]) => Math.sin(5 * a) + b * b);
  const kernel = { type: 'matern52', params: { variance: 1.5, lengthscale: [0.4, 0.6] } };
  const document = { kernel, X, y, noise: 1e-4, inputs: [{ name: 'a' }, { name: 'b', unit: 'm' }] };
  ({ model: inPlace } = await type.load(fileOf('small.json', JSON.stringify(document))));
  saved = await inPlace.save();
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('a file that is large enough for a worker', () => {
  it('becomes the same model', async () => {
    const file = fileOf('large.safetensors', saved);
    expect(file.bytes).toBeGreaterThan(1024 * 1024);
    const { model, format } = await type.load(file);
    expect(format).toMatch(/safetensors/i);
    expect(model.inputs).toEqual(inPlace.inputs);
    const X = Matrix.fromRows([[0.2, 0.9], [0.5, 0.1], [3, 3]]); // prettier-ignore
    const options = { latentVariance: true, gradients: true, samples: 2, seed: 3 };
    expect(await model.predict(X, options)).toEqual(await inPlace.predict(X, options));
    expect(await model.save()).toEqual(saved);
  });

  it('is refused in the same words', async () => {
    const damaged = saved.slice();
    damaged[damaged.length - 1] ^= 1;
    await expect(type.load(fileOf('damaged.safetensors', damaged))).rejects.toMatchObject({
      kind: 'unprocessable',
      code: 'MODEL_FILE_REFUSED',
      message: expect.stringMatching(/sha-?256/i),
    });
  });
});
