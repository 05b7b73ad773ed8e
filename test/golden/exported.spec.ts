import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ModelFile } from '../../src/models/model-file.js';
import { Matrix } from '../../src/numeric/linalg/matrix.js';
import { expectClose } from '../support/close.js';
import { gprModelType } from '../support/gpr-model-type.js';

/** What GPy, scikit-learn, GPyTorch, BoTorch or GPflow predicted for a model that exporters/kriged_export.py took over. */
interface Expected {
  readonly X_test: number[][];
  readonly mean: number[][];
  readonly variance: number[][];
}

const folder = join(import.meta.dirname, 'exported');
const type = gprModelType();
const files = readdirSync(folder).filter((file) => /\.(safetensors|npz)$/.test(file));

describe.each(files)('exported/%s', (file) => {
  const path = join(folder, file);
  const expected = JSON.parse(
    readFileSync(path.replace(/\.\w+$/, '.expected.json'), 'utf8'),
  ) as Expected;

  it("predicts the library's mean and variance", async () => {
    const { model } = await type.load(new ModelFile(path));
    const { mean, variance } = await model.predict(Matrix.fromRows(expected.X_test), {});
    const tolerance = { absolute: 1e-9, relative: 1e-8 };
    expectClose('mean', mean.data, expected.mean.flat(), tolerance);
    expectClose('variance', variance?.data ?? [], expected.variance.flat(), tolerance);
  });

  it.skipIf(file.endsWith('.npz'))('carries checks of the library, which hold, and a posterior that fits its data', async () => {
    const { model, checks = [] } = await type.load(new ModelFile(path));
    expect(checks.length).toBe(8);
    for (const { x, mean, variance = [], tolerance } of checks) {
      const allowed = tolerance as { mean: number; variance: number };
      const prediction = await model.predict(Matrix.fromRows([x]), {});
      expectClose('mean', prediction.mean.data, mean, { absolute: allowed.mean, relative: 0 });
      expectClose('variance', prediction.variance?.data ?? [], variance, { absolute: allowed.variance, relative: 0 });
    }
    const { posteriorCheck } = model.describe() as { posteriorCheck?: { agreed: boolean } };
    if (posteriorCheck) expect(posteriorCheck).toMatchObject({ agreed: true });
  });
});
