import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ModelFile } from '../../src/models/model-file.js';
import type { Model } from '../../src/models/model.js';
import { predictionArrays } from '../../src/models/cloned.js';
import type { Prediction } from '../../src/models/prediction.js';
import { Matrix } from '../../src/numeric/linalg/matrix.js';
import { gprModelType } from '../support/gpr-model-type.js';

// What a saved model predicts is that of the model it was saved from, bit by bit: nothing here has a tolerance.
const type = gprModelType();
const scratch = mkdtempSync(join(tmpdir(), 'kriged-save-'));
afterAll(() => rmSync(scratch, { recursive: true }));

const files = ['gpy', 'gpy-json', 'exported'].flatMap((folder) =>
  readdirSync(join(import.meta.dirname, folder))
    .filter((file) => /\.(pkl|json|zip|safetensors|npz)$/.test(file) && !file.endsWith('.expected.json'))
    .map((file) => join(folder, file)),
);

describe.each(files)('%s, saved and loaded', (file) => {
  it('predicts the same bits, and is saved as the same bytes', async () => {
    const path = join(import.meta.dirname, file);
    const { X_test } = JSON.parse(readFileSync(path.replace(/\.\w+$/, '.expected.json'), 'utf8')) as {
      X_test: number[][];
    };
    const { model, format } = await type.load(new ModelFile(path));
    expect(model.supports('save')).toBe(true);

    const saved = await model.save();
    const copy = await loadBytes(saved);
    expect(copy.inputs).toEqual(model.inputs);
    expect(copy.outputs).toEqual(model.outputs);
    const X = Matrix.fromRows(X_test);
    expectSameBits(await everything(copy, X), await everything(model, X));

    expect(Buffer.from(await copy.save()).equals(saved)).toBe(true);
    if (format.startsWith('Kriged safetensors')) expect(copy.describe()).toEqual(model.describe());
  });
});

async function loadBytes(bytes: Uint8Array): Promise<Model> {
  const path = join(scratch, 'model.safetensors');
  writeFileSync(path, bytes);
  return (await type.load(new ModelFile(path))).model;
}

function everything(model: Model, X: Matrix): Promise<Prediction> {
  return model.predict(X, {
    latentVariance: true,
    quantiles: [2.5, 97.5],
    credibleInterval: 90,
    gradients: true,
    covariance: true,
    samples: 3,
    seed: 5,
  });
}

function expectSameBits(actual: Prediction, expected: Prediction): void {
  expect(Object.keys(actual)).toEqual(Object.keys(expected));
  const bits = (prediction: Prediction): Buffer[] =>
    predictionArrays(prediction).map(({ buffer, byteOffset, byteLength }) => Buffer.from(buffer, byteOffset, byteLength));
  const [ours, theirs] = [bits(actual), bits(expected)];
  expect(ours.length).toBeGreaterThan(6);
  ours.forEach((array, i) => expect(array.equals(theirs[i])).toBe(true));
}
