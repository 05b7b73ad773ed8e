import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { ModelFile } from '../../src/models/model-file.js';
import type { Model } from '../../src/models/model.js';
import type { Prediction } from '../../src/models/prediction.js';
import { Matrix } from '../../src/numeric/linalg/matrix.js';
import { gprModelType } from '../support/gpr-model-type.js';
import { expectClose, type Tolerance } from '../support/close.js';

/** What GPy itself answered, written by the generator beside the files. */
interface Expected {
  readonly name: string;
  readonly description: string;
  readonly d: number;
  readonly p: number;
  readonly X_test: number[][];
  readonly mean: number[][];
  readonly variance_observed: number[][] | null;
  readonly variance_latent: number[][];
  readonly quantiles: Record<string, number[][]> | null;
  readonly covariance_latent: Nested[];
  /** N x d x p */
  readonly mean_gradient: number[][][] | null;
  readonly variance_gradient: Nested[] | null;
  readonly tolerance: Record<string, Tolerance>;
}
type Nested = number | Nested[];

const folders = ['gpy', 'gpy-json'].map((name) => join(import.meta.dirname, name));
const type = gprModelType();

for (const folder of folders) {
  const files = readdirSync(folder).filter((file) => /\.(pkl|json|zip)$/.test(file) && !file.endsWith('.expected.json'));

  describe.each(files)(`${folder.slice(folder.lastIndexOf('/') + 1)}/%s`, (file) => {
    const expected = JSON.parse(
      readFileSync(join(folder, file.replace(/\.\w+$/, '.expected.json')), 'utf8'),
    ) as Expected;
    const { tolerance, p, d } = expected;
    const X = Matrix.fromRows(expected.X_test);
    let model: Model;
    let prediction: Prediction;

    beforeAll(async () => {
      ({ model } = await type.load(new ModelFile(join(folder, file))));
      prediction = await model.predict(X, {
        latentVariance: true,
        quantiles: [2.5, 97.5],
        gradients: true,
        covariance: true,
      });
    });

    it('has the inputs and outputs of the GPy model', () => {
      expect(model.inputs).toHaveLength(d);
      expect(model.outputs).toHaveLength(p);
    });

    it("predicts GPy's mean and variances", () => {
      expectClose('mean', prediction.mean.data, expected.mean.flat(), tolerance.mean);
      const latent = spread(expected.variance_latent, p);
      expectClose('latent variance', prediction.latentVariance?.data ?? [], latent, tolerance.variance);
      const observed = expected.variance_observed ? spread(expected.variance_observed, p) : latent;
      expectClose('variance', prediction.variance?.data ?? [], observed, tolerance.variance);
    });

    it.skipIf(!expected.quantiles)("predicts GPy's quantiles", () => {
      for (const { percent, values } of prediction.quantiles ?? []) {
        const quantile = expected.quantiles?.[String(percent)] ?? [];
        expectClose(`quantile ${percent}`, values.data, quantile.flat(), tolerance.quantiles);
      }
    });

    it.skipIf(!expected.mean_gradient)('has the derivatives of the mean and of the latent variance', () => {
      const byOutput = (value: Nested[]): number[] =>
        (value as number[][][]).flatMap((inputs) =>
          Array.from({ length: p }, (_, q) => inputs.map((outputs) => [outputs].flat()[q] ?? [outputs].flat()[0])).flat(),
        );
      expectClose(
        'mean gradient',
        prediction.meanGradient ?? [],
        byOutput(expected.mean_gradient as Nested[]),
        tolerance.mean_gradient,
      );
      expectClose(
        'variance gradient',
        prediction.varianceGradient ?? [],
        byOutput(expected.variance_gradient as Nested[]),
        tolerance.variance_gradient,
      );
    });

    it("has GPy's covariance", async () => {
      const observed = expected.variance_observed ? spread(expected.variance_observed, p) : spread(expected.variance_latent, p);
      const latent = spread(expected.variance_latent, p);
      (prediction.covariance ?? []).forEach((matrix, output) => {
        const expectedMatrix = expected.covariance_latent.map((row) =>
          (row as Nested[]).map((entry) => ([entry].flat() as number[])[output] ?? ([entry].flat() as number[])[0]),
        );
        // GPy's golden covariance is the latent one; ours has the noise on its diagonal, as the variance.
        expectedMatrix.forEach((row, i) => {
          row[i] += observed[i * p + output] - latent[i * p + output];
        });
        expectClose(`covariance of output ${output}`, matrix.data, expectedMatrix.flat(), tolerance.covariance);
      });
    });
  });
}

/** GPy answers one variance for all outputs unless a normaliser scales them. */
function spread(rows: number[][], p: number): number[] {
  return rows.flatMap((row) => Array.from({ length: p }, (_, q) => row[q] ?? row[0]));
}
