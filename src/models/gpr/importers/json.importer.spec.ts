import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { gprModelType } from '../../../../test/support/gpr-model-type.js';
import { ModelFiles } from '../../../../test/support/model-files.js';
import { KERNEL_TYPES } from '../../../numeric/kernels/kernels.js';
import { Matrix } from '../../../numeric/linalg/matrix.js';
import { ModelFileError } from '../../model-errors.js';
import type { LoadedModel } from '../../model-type.js';

const files = new ModelFiles();
afterAll(() => files.remove());
const type = gprModelType();
const load = (content: string | Uint8Array, name = 'model.json'): Promise<LoadedModel> =>
  type.load(files.write(name, content));

/** Two points, far apart: alpha and the prediction in between can be written down. */
const TINY = { kernel: 'rbf', params: { variance: 2, lengthscale: 0.5 }, X: [0, 1], y: [1, -1], noise: 0.25 };
const SCHEMA = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../../../schemas/gpr.schema.json'), 'utf8'),
) as { properties: object; $defs: { kernelType: { enum: string[] } } };
const k = (r: number): number => 2 * Math.exp(-(r * r) / (2 * 0.25));

describe('plain JSON', () => {
  it('is factorised at load: the prediction is that of the formula', async () => {
    const { model, format } = await load(JSON.stringify(TINY));
    expect(format).toBe('Kriged JSON');
    const { mean, variance } = await model.predict(Matrix.fromRows([[0.2]]), {});
    // (a b; b a)^-1 (1, -1) = (1, -1) / (a - b)
    const [a, b] = [k(0) + 0.25 + 1e-8, k(1)];
    const [k1, k2] = [k(0.2), k(0.8)];
    expect(mean.data[0]).toBeCloseTo((k1 - k2) / (a - b), 13);
    const reduction = (a * (k1 * k1 + k2 * k2) - 2 * b * k1 * k2) / (a * a - b * b);
    expect(variance?.data[0]).toBeCloseTo(k(0) - reduction + 0.25, 13);
    expect(model.describe()).toMatchObject({ posterior: 'rebuilt', trainingPoints: 2 });
  });

  it('takes a kernel tree, names, transforms, a mean and checks', async () => {
    const document = {
      $schema: 'gpr.schema.json',
      kernel: {
        type: 'sum',
        parts: [
          { type: 'matern52', dims: [0], params: { variance: 1, lengthscale: 0.7 } },
          { type: 'linear', dims: [1], params: { variances: 0.5 } },
        ],
      },
      X: [[10, 1], [20, 2], [30, 4]], // prettier-ignore
      y: [[100], [130], [90]],
      noise: { type: 'gaussian', variance: 0.01 },
      mean: {
        type: 'sum',
        parts: [
          { type: 'constant', value: [0.1] },
          { type: 'linear', A: [[0.2], [-0.1]] },
        ],
      },
      outputNorm: { mean: [110], std: 20 },
      inputTransform: { offset: [20, 2], scale: [10, 1.5] },
      inputs: [{ name: 'angle', unit: 'deg', lower: 0, upper: 40 }, 'mach'],
      outputs: ['lift'],
      checks: [{ x: [10, 1], mean: 100, variance: [1], tolerance: 50 }],
      provenance: { library: 'own', versions: { own: '1.0' } },
    };
    const { model, checks } = await load(JSON.stringify(document));
    expect(model.inputs).toEqual([
      { name: 'angle', kind: 'real', unit: 'deg', lower: 0, upper: 40 },
      { name: 'mach', kind: 'real' },
    ]);
    expect(model.outputs).toEqual([{ name: 'lift', kind: 'real' }]);
    expect(checks).toEqual([{ x: [10, 1], mean: [100], variance: [1], tolerance: 50 }]);
    // Nearly noise-free, so that it passes near its data, in their own units.
    const { mean } = await model.predict(Matrix.fromRows(document.X), {});
    document.y.forEach(([value], i) => expect(Math.abs(mean.data[i] - value)).toBeLessThan(0.5));
  });

  it('may be gzipped, and keeps apart from the JSON of GPy', async () => {
    expect((await load(gzipSync(JSON.stringify(TINY)), 'model.gz')).format).toBe('Kriged JSON (gzip)');
    await expect(load(JSON.stringify({ ...TINY, class: 'GPy.models.GPRegression' }))).rejects.toThrow(
      /Y is not a list of rows. Save the model/,
    );
  });

  it.each([
    ['X is missing: expected the training inputs, one row a point.', { X: undefined }],
    ['lenghtscale is not a field of the document, which has $schema, kernel', { lenghtscale: 1 }],
    ['noize is not a field of the document', { noize: 1 }],
    ['did you mean noise?', { noize: 1 }],
    ['X[1][0] must be a finite number, got null.', { X: [[0], [null]] }],
    ['X[1] must be a row of 2 numbers, got an array of 1.', { X: [[0, 1], [1]] }],
    ['X must be a list of rows, one row a point, got an empty array.', { X: [] }],
    ['X[0] must be a row of at least one number, got an empty array.', { X: [[]] }],
    ['y[1] must be a finite number, got the string "2".', { y: [1, '2'] }],
    ['X has 2 rows, y has 3: expected as many.', { y: [1, 2, 3] }],
    ['noise must be a finite number of at least 0, got -1.', { noise: -1 }],
    ['noise.type must be gaussian, by-index or heteroscedastic, got the string "poisson".', { noise: { type: 'poisson' } }],
    ['whose values at the training points are not part of the file', { noise: { type: 'heteroscedastic' } }],
    ['kernel must be one of rbf,', { kernel: 'rbv' }],
    ['kernel.parts[0].type must be one of rbf,', { kernel: { type: 'sum', parts: [{ type: 'x' }] }, params: undefined }],
    ['params must be left out, got an object: the kernel is an object with params of its own.', { kernel: { type: 'rbf' } }],
    ['parameter "lengthscale" is missing', { params: { variance: 1 } }],
    ['parameter "lengthscale" must be a finite number above 0, got -1', { params: { variance: 1, lengthscale: -1 } }],
    ['unknown parameter "power"', { params: { variance: 1, lengthscale: 1, power: 2 } }],
    ['params.variance must be a finite number, got the string "1".', { params: { variance: '1', lengthscale: 1 } }],
    ['outputNorm.std must be positive numbers, one an output, got an array of 1.', { outputNorm: { mean: [0], std: [0] } }],
    ['inputTransform.scale must be numbers other than 0, one an input, got an array of 1.', { inputTransform: { offset: [0], scale: [0] } }],
    ['inputTransform.offset must be a list of 1 numbers, got an array of 2.', { inputTransform: { offset: [0, 1], scale: [1] } }],
    ['inputs must be a list of 1 variables, got an array of 2.', { inputs: ['a', 'b'] }],
    ['inputs[0].upper must be a finite number of at least 2, got 1.', { inputs: [{ name: 'a', lower: 2, upper: 1 }] }],
    ['outputs[0] must be a name of at most 1000 characters, got an empty string.', { outputs: [''] }],
    ['outputs[0] must be a name without control characters', { outputs: ['a\n'] }],
    ['checks[0].x must be a list of 1 numbers, got an array of 2.', { checks: [{ x: [0, 1], mean: [1] }] }],
    ['checks[0].mean is missing', { checks: [{ x: [0] }] }],
    ['provenance.library must be a text', { provenance: { library: 3 } }],
  ])('says %s', async (message, change) => {
    const error = await load(JSON.stringify({ ...TINY, ...change })).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ModelFileError);
    expect((error as Error).message).toContain(message);
  }); // prettier-ignore

  it('refuses one name for two inputs, a key twice, and NaN', async () => {
    const two = { ...TINY, X: [[0, 1], [1, 2]], inputs: ['a', 'a'] }; // prettier-ignore
    await expect(load(JSON.stringify(two))).rejects.toThrow('inputs[1] must be a name of its own');
    await expect(load(`${JSON.stringify(TINY).slice(0, -1)},"noise":1}`)).rejects.toThrow(
      /"noise" appears twice/,
    );
    await expect(load(JSON.stringify(TINY).replace('0.25', 'NaN'))).rejects.toThrow(
      /noise must be .*got NaN/,
    );
    await expect(load(JSON.stringify(TINY).replace('0.25', '1e999'))).rejects.toThrow(/noise must be/);
  });

  it('ends on kernels made to exhaust the stack', async () => {
    const deep = `${'{"type":"sum","parts":['.repeat(5000)}{"type":"bias"}${']}'.repeat(5000)}`;
    await expect(load(`{"kernel":${deep},"X":[0],"y":[0],"noise":1}`)).rejects.toThrow(/64 levels/);
  });

  it('has the fields and kernels of its JSON Schema', async () => {
    const fields = Object.keys(SCHEMA.properties);
    await expect(load('{"x": 1}')).rejects.toThrow(`which has ${fields.slice(0, 8).join(', ')}`);
    await expect(load('{"x": 1}')).rejects.toThrow(`(${fields.length} in all)`);
    expect(SCHEMA.$defs.kernelType.enum).toEqual(KERNEL_TYPES);
  });

  it('refuses a model too large for memory before it computes', async () => {
    const n = 6000;
    const large = {
      ...TINY,
      X: Array.from({ length: n }, (_, i) => i),
      y: Array.from({ length: n }, () => 0),
    };
    await expect(load(JSON.stringify(large))).rejects.toThrow(/MAX_MODEL_BYTES/);
  });
});
