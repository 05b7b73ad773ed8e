import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Matrix } from '../numeric/linalg/matrix.js';
import { predictionArrays, predictionBuffers } from './cloned.js';
import { MethodNotSupportedError } from './model-errors.js';
import { Model, type OptionalMethod } from './model.js';
import type { PredictOptions, Prediction } from './prediction.js';

/** What the contract needs to know of a model. */
export interface ContractFacts {
  /** Three rows or more, all different, at which the model has finite, smooth answers. */
  readonly inside: readonly (readonly number[])[];
  /**
   * How far a row's answer may depend on the rows beside it, relative to its size: 0, bit by bit, unless the
   * arithmetic below the model orders its sums by the size of the batch.
   */
  readonly rowTolerance?: number;
  /** Largest relative difference between a gradient and the central difference of the mean. */
  readonly gradientTolerance?: number;
  /** So many rows that predicting them takes more than one turn of the event loop. */
  readonly longRows?: number;
}

/** Options of `predict` that need each optional method, and the field of the answer that each asks for. */
const ASKING: readonly [OptionalMethod, PredictOptions, keyof Prediction][] = [
  ['variance', { latentVariance: true }, 'latentVariance'],
  ['quantiles', { quantiles: [2.5, 97.5] }, 'quantiles'],
  ['quantiles', { credibleInterval: 95 }, 'credibleInterval'],
  ['gradient', { gradients: true }, 'meanGradient'],
  ['covariance', { covariance: true }, 'covariance'],
  ['sample', { samples: 3, seed: 7 }, 'samples'],
];
/** What is asked for only where it is supported: nobody refuses it. */
const TRUSTING: readonly [OptionalMethod, PredictOptions] = ['domain', { trust: true }];

/** Step of a central difference, relative to the input's size. */
const STEP = 1e-4;

/** What every model of every type has to satisfy: call it from the model type's own spec. */
export function describeModelContract(
  name: string,
  makeModel: () => Model | Promise<Model>,
  { inside, rowTolerance = 0, gradientTolerance = 1e-6, longRows = 100_000 }: ContractFacts,
): void {
  describe(`${name} keeps the contract of a model`, () => {
    const X = Matrix.fromRows(inside);
    let model: Model;
    let n: number;
    let p: number;
    let d: number;

    beforeAll(async () => {
      model = await makeModel();
      n = X.rows;
      p = model.outputs.length;
      d = model.inputs.length;
    });
    afterAll(() => model.release());

    /** Every option that the model supports, at once. */
    const everything = (): PredictOptions =>
      Object.assign(
        {},
        ...[...ASKING, TRUSTING].filter(([method]) => model.supports(method)).map(([, options]) => options),
      );

    it('has a type, and inputs and outputs with names of their own', () => {
      expect(model.type).toMatch(/^[a-z][\w-]*$/);
      for (const variables of [model.inputs, model.outputs]) {
        expect(variables.length).toBeGreaterThan(0);
        expect(new Set(variables.map((variable) => variable.name)).size).toBe(variables.length);
        for (const { name: variable, kind, lower = -Infinity, upper = Infinity } of variables) {
          expect(variable).not.toBe('');
          expect(['real', 'index']).toContain(kind);
          expect(lower).toBeLessThanOrEqual(upper);
        }
      }
      expect(X.cols).toBe(model.inputs.length);
    });

    it('describes itself in JSON', () => {
      const description = model.describe();
      expect(JSON.parse(JSON.stringify(description))).toEqual(description);
    });

    it.each([0, 1, 2, 257])('answers %d rows with matrices of its outputs', async (rows) => {
      const prediction = await model.predict(repeat(X, rows), {});
      expectShape(prediction.mean, rows, p);
      if (prediction.variance) expectShape(prediction.variance, rows, p);
      expect(Object.keys(prediction).filter((field) => field !== 'variance')).toEqual(['mean']);
    });

    it('has a variance, which is not negative, where it says so, and only there', async () => {
      const { variance } = await model.predict(X, {});
      expect(variance !== undefined).toBe(model.supports('variance'));
      expect(variance?.data.every((value) => value >= 0) ?? true).toBe(true);
    });

    it('leaves the variance out where the mean alone is asked for', async () => {
      const meanOnly = await model.predict(X, { meanOnly: true });
      expect(Object.keys(meanOnly)).toEqual(['mean']);
      const { mean } = await model.predict(X, {});
      expectClose(meanOnly.mean.data, mean.data, rowTolerance);
    });

    it.each(ASKING)('gives what needs %s, or refuses it: %j', async (method, options, field) => {
      if (!model.supports(method)) {
        expect(() => model.requireSupportFor(options)).toThrow(MethodNotSupportedError);
        return;
      }
      expect(() => model.requireSupportFor(options)).not.toThrow();
      const prediction = await model.predict(X, options);
      expect(prediction[field]).toBeDefined();
      expectAnswerShapes(prediction, { n, p, d });
      expect(predictionArrays(prediction).every((values) => values.every(Number.isFinite))).toBe(true);
    });

    it('knows where its training data lie where it supports domain, and only there', async () => {
      expect(model.trainingRanges !== undefined).toBe(model.supports('domain'));
      expect(() => model.requireSupportFor({ trust: true, domain: 'strict' })).not.toThrow();
      if (!model.trainingRanges) return;
      expect(model.trainingRanges).toHaveLength(d);
      for (const { min, max } of model.trainingRanges) expect(min).toBeLessThanOrEqual(max);
      const { nearestDistance, relativeVariance, ...others } = await model.predict(X, { trust: true });
      expect(nearestDistance).toHaveLength(n);
      expect(nearestDistance?.every((distance) => distance >= 0)).toBe(true);
      expect(relativeVariance).toHaveLength(n);
      expect(relativeVariance?.every((ratio) => ratio >= 0 && ratio <= 1)).toBe(true);
      expect(others).toEqual(await model.predict(X, {}));
      const meanOnly = await model.predict(X, { trust: true, meanOnly: true });
      expect(Object.keys(meanOnly).sort()).toEqual(['mean', 'nearestDistance']);
    });

    it('takes observations in, as a new model that keeps to them, or refuses them', async () => {
      const { mean, variance } = await model.predict(X, {});
      const Y = new Matrix(
        n,
        p,
        mean.data.map((value) => value + 1),
      );
      const call = async (): Promise<Model> => model.observe(X, Y);
      if (!model.supports('observe')) {
        await expect(call()).rejects.toThrow(MethodNotSupportedError);
        return;
      }
      const observed = await call();
      const after = await observed.predict(X, {});
      expect(await model.predict(X, {})).toEqual({ mean, ...(variance && { variance }) });
      mean.data.forEach((value, k) => expect(after.mean.data[k]).toBeGreaterThan(value));
      variance?.data.forEach((value, k) => expect(after.variance?.data[k]).toBeLessThan(value));
      expect([observed.inputs, observed.outputs]).toEqual([model.inputs, model.outputs]);
      const gone = new Error('gone');
      await expect(model.observe(X, Y, AbortSignal.abort(gone))).rejects.toBe(gone);
      observed.release();
    });

    it('diagnoses itself where it supports diagnostics, or refuses', async () => {
      if (!model.supports('diagnostics')) {
        await expect((async () => model.diagnose())()).rejects.toThrow(MethodNotSupportedError);
        return;
      }
      const { points, inputs, effects, leaveOneOut, withoutLeaveOneOut } = await model.diagnose();
      expect(inputs).toHaveLength(d);
      expectShape(effects, d, p);
      expect(leaveOneOut === undefined).toBe(withoutLeaveOneOut !== undefined);
      if (leaveOneOut) {
        const { observed, mean, variance } = leaveOneOut;
        for (const matrix of [observed, mean, variance]) {
          expectShape(matrix, points, p);
          expect(matrix.data.every(Number.isFinite)).toBe(true);
        }
        expect(variance.data.every((value) => value > 0)).toBe(true);
      }
      const gone = new Error('gone');
      await expect(model.diagnose(AbortSignal.abort(gone))).rejects.toBe(gone);
    });

    it.each(['fit', 'save'] as const)('does %s, or refuses it', async (method) => {
      const call = async (): Promise<unknown> => {
        if (method === 'save') return model.save();
        return model.fit(X, (await model.predict(X, { meanOnly: true })).mean);
      };
      if (!model.supports(method)) {
        await expect(call()).rejects.toThrow(MethodNotSupportedError);
        return;
      }
      const result = await call();
      if (result instanceof Model) {
        expect(result).not.toBe(model);
        expectShape((await result.predict(X, {})).mean, n, p);
      } else {
        expect((result as Uint8Array).byteLength).toBeGreaterThan(0);
      }
    });

    it('names in supportedMethods what it supports', () => {
      const methods = [
        ...new Set(ASKING.map(([method]) => method)),
        'domain',
        'diagnostics',
        'fit',
        'observe',
        'save',
      ] as OptionalMethod[];
      expect([...model.supportedMethods].sort()).toEqual(methods.filter((m) => model.supports(m)).sort());
    });

    it('gives different answers at different rows', async () => {
      const { mean } = await model.predict(X, { meanOnly: true });
      const rows = Array.from({ length: n }, (_, i) => String(mean.row(i)));
      expect(new Set(rows).size).toBeGreaterThan(1);
    });

    it('answers the same request with the same bits', async () => {
      const first = await model.predict(X, everything());
      expect(await model.predict(X, everything())).toEqual(first);
    });

    it('answers a row alone as it does among others', async () => {
      const options = rowwise(everything());
      const together = await model.predict(X, options);
      const many = await model.predict(repeat(X, 3001), options);
      for (let i = 0; i < n; i++) {
        const alone = arraysByRow(await model.predict(X.slice(i, i + 1), options), 0);
        expectClose(arraysByRow(together, i), alone, rowTolerance);
        expectClose(arraysByRow(many, 2 * n + i), alone, rowTolerance);
      }
      expectClose(arraysByRow(many, 3000), arraysByRow(together, 3000 % n), rowTolerance);
    });

    it('does not mix predictions that are made at the same time', async () => {
      const requests = Array.from({ length: 24 }, (_, k) => ({
        rows: repeat(X, 1 + ((7 * k) % 11), k),
        options: k % 3 === 0 ? { meanOnly: true } : k % 3 === 1 ? {} : rowwise(everything()),
      }));
      const atOnce = await Promise.all(requests.map(({ rows, options }) => model.predict(rows, options)));
      for (const [k, { rows, options }] of requests.entries()) {
        const alone = await model.predict(rows, options);
        expect(Object.keys(atOnce[k])).toEqual(Object.keys(alone));
        expectClose(
          predictionArrays(atOnce[k]).flatMap(toArray),
          predictionArrays(alone).flatMap(toArray),
          rowTolerance,
        );
      }
    });

    it('leaves the rows as they came, and gives its answers away', async () => {
      const rows = repeat(X, 5);
      const copy = rows.data.slice();
      const first = await model.predict(rows, everything());
      const before = structuredClone(first);
      const second = await model.predict(rows, everything());
      // As the writer of large answers does: the arrays are then gone from this thread.
      structuredClone(first, { transfer: predictionBuffers(first) });
      expect(structuredClone(second)).toEqual(before);
      expect(rows.data).toEqual(copy);
    });

    it('has the gradient of its mean', async () => {
      if (!model.supports('gradient')) return;
      const { meanGradient = new Float64Array() } = await model.predict(X, { gradients: true });
      for (const [k, { kind }] of model.inputs.entries()) {
        if (kind !== 'real') continue;
        const difference = await centralDifference(model, X, k);
        const gradient = difference.map((_, iq) => meanGradient[iq * d + k]);
        expectClose(gradient, difference, gradientTolerance);
      }
    });

    it('rejects long work with the reason of the signal, before it starts and on the way', async () => {
      const rows = repeat(X, longRows);
      const before = new Error('gone before');
      await expect(model.predict(rows, everythingRowwise(), AbortSignal.abort(before))).rejects.toBe(before);
      const gone = new AbortController();
      const underway = model.predict(rows, everythingRowwise(), gone.signal);
      const reason = new Error('gone on the way');
      setImmediate(() => gone.abort(reason));
      await expect(underway).rejects.toBe(reason);
      expectShape((await model.predict(X, {})).mean, n, p);
    });

    it('can be released, and released again', async () => {
      const another = await makeModel();
      await another.predict(X, {});
      expect(() => another.release()).not.toThrow();
      expect(() => another.release()).not.toThrow();
      expectShape((await model.predict(X, {})).mean, n, p);
    });

    const everythingRowwise = (): PredictOptions => rowwise(everything());
  });
}

/** Options without those that look at all rows together: a covariance takes the square of the number of rows. */
function rowwise({ covariance: _c, samples: _s, seed: _seed, ...options }: PredictOptions): PredictOptions {
  return options;
}

/** `count` rows, those of X again and again, from the one at `offset`. */
function repeat(X: Matrix, count: number, offset = 0): Matrix {
  const rows = Matrix.zeros(count, X.cols);
  for (let i = 0; i < count; i++) rows.row(i).set(X.row((i + offset) % X.rows));
  return rows;
}

/** All numbers that belong to row `i` of an answer without covariance and samples. */
function arraysByRow(prediction: Prediction, i: number): number[] {
  const { rows } = prediction.mean;
  return predictionArrays(prediction).flatMap((values) => {
    const stride = values.length / rows;
    return toArray(values.subarray(i * stride, (i + 1) * stride));
  });
}

function toArray(values: Float64Array): number[] {
  return [...values];
}

/** Central differences of fourth order of the mean along input `k`, N x p. */
async function centralDifference(model: Model, X: Matrix, k: number): Promise<Float64Array> {
  const step = STEP * Math.max(1, ...X.column(k).map(Math.abs));
  const at = async (steps: number): Promise<Float64Array> => {
    const moved = new Matrix(X.rows, X.cols, X.data.slice());
    for (let i = 0; i < X.rows; i++) moved.data[i * X.cols + k] += steps * step;
    return (await model.predict(moved, { meanOnly: true })).mean.data;
  };
  const [before2, before, after, after2] = [await at(-2), await at(-1), await at(1), await at(2)];
  return before.map((_, i) => (8 * (after[i] - before[i]) - (after2[i] - before2[i])) / (12 * step));
}

function expectShape(matrix: Matrix, rows: number, cols: number): void {
  expect(matrix).toBeInstanceOf(Matrix);
  expect([matrix.rows, matrix.cols, matrix.data.length]).toEqual([rows, cols, rows * cols]);
}

function expectAnswerShapes(prediction: Prediction, { n, p, d }: { n: number; p: number; d: number }): void {
  const { quantiles = [], credibleInterval, covariance, samples = [] } = prediction;
  const tables = [prediction.mean, prediction.variance, prediction.latentVariance, ...samples].concat(
    quantiles.map(({ values }) => values),
    credibleInterval ? [credibleInterval.lower, credibleInterval.upper] : [],
  );
  for (const table of tables) if (table) expectShape(table, n, p);
  if (covariance) expect(covariance).toHaveLength(p);
  for (const matrix of covariance ?? []) expectShape(matrix, n, n);
  if (prediction.samples) expect(samples).toHaveLength(3);
  if (prediction.quantiles) expect(quantiles.map(({ percent }) => percent)).toEqual([2.5, 97.5]);
  for (const gradient of [prediction.meanGradient, prediction.varianceGradient]) {
    if (gradient) expect(gradient).toHaveLength(n * p * d);
  }
}

/** Bit by bit for a tolerance of 0. */
function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number): void {
  expect(actual).toHaveLength(expected.length);
  for (let i = 0; i < expected.length; i++) {
    const allowed = tolerance * Math.max(1, Math.abs(expected[i]));
    const same = Object.is(actual[i], expected[i]) || Math.abs(actual[i] - expected[i]) <= allowed;
    if (!same) expect.fail(`[${i}] is ${actual[i]}, expected ${expected[i]} within ${allowed}`);
  }
}
