import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { ModelFile } from '../../src/models/model-file.js';
import type { Model } from '../../src/models/model.js';
import type { Prediction } from '../../src/models/prediction.js';
import { Matrix } from '../../src/numeric/linalg/matrix.js';
import { expectClose, type Tolerance } from '../support/close.js';
import { gprModelType } from '../support/gpr-model-type.js';

/** What scikit-learn itself answered, written by the generator beside the files. */
interface Expected {
  readonly file: string;
  readonly sklearn: string;
  readonly inputs: string[];
  /** N x d */
  readonly X_test: number[][];
  /** N x p */
  readonly mean: number[][];
  readonly variance: number[][];
  readonly latent: number[][];
  /** p x N x N */
  readonly covariance: number[][][];
  /** (N - 1) x p x d */
  readonly mean_gradient?: number[][][];
  readonly latent_gradient?: number[][][];
  readonly tolerance: { mean: Tolerance; variance: Tolerance; gradient?: Tolerance };
}

const folder = join(import.meta.dirname, 'sklearn');
const type = gprModelType();
const answers = readdirSync(folder).filter((file) => file.endsWith('.expected.json'));

it('covers scikit-learn 0.18 to 1.9', () => expect(answers.length).toBeGreaterThan(100));

describe.each(answers)('%s', (answer) => {
  const expected = JSON.parse(readFileSync(join(folder, answer), 'utf8')) as Expected;
  const { tolerance, mean_gradient: meanGradient, latent_gradient: latentGradient } = expected;
  let model: Model;
  let prediction: Prediction;

  beforeAll(async () => {
    ({ model } = await type.load(new ModelFile(join(folder, expected.file))));
    const X = Matrix.fromRows(expected.X_test);
    prediction = await model.predict(X, { latentVariance: true, gradients: true, covariance: true });
  });

  it('has the inputs and outputs of the model, and says what it is', () => {
    expect(model.inputs.map(({ name }) => name)).toEqual(expected.inputs);
    expect(model.outputs).toHaveLength(expected.mean[0].length);
    expect(model.describe()).toMatchObject({
      source: 'sklearn GaussianProcessRegressor',
      sourceVersion: expected.sklearn,
      variance: 'observed',
    });
  });

  it("predicts scikit-learn's mean", () => {
    expectClose('mean', prediction.mean.data, expected.mean.flat(), tolerance.mean);
  });

  it("predicts scikit-learn's variance, and the same without the WhiteKernel", () => {
    expectClose('variance', prediction.variance?.data ?? [], expected.variance.flat(), tolerance.variance);
    expectClose('latent', prediction.latentVariance?.data ?? [], expected.latent.flat(), tolerance.variance);
  });

  it("has scikit-learn's covariance", () => {
    expect(prediction.covariance).toHaveLength(expected.covariance.length);
    prediction.covariance?.forEach((matrix, output) => {
      const values = expected.covariance[output].flat();
      expectClose(`covariance of output ${output}`, matrix.data, values, tolerance.variance);
    });
  });

  it.skipIf(!meanGradient)('has the slopes of both', () => {
    const found = (gradient: Float64Array | undefined, count: number): Float64Array =>
      (gradient ?? new Float64Array()).subarray(0, count);
    const wanted = (meanGradient ?? []).flat(2);
    const slopes = (latentGradient ?? []).flat(2);
    const allowed = tolerance.gradient as Tolerance;
    expectClose('mean gradient', found(prediction.meanGradient, wanted.length), wanted, allowed);
    expectClose('variance gradient', found(prediction.varianceGradient, slopes.length), slopes, allowed);
  });
});
