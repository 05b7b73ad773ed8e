import { describe, expect, it } from 'vitest';
import { Matrix } from '../numeric/linalg/matrix.js';
import { MethodNotSupportedError } from './model-errors.js';
import { Model, type ModelDescription, type OptionalMethod } from './model.js';
import type { PredictOptions, Prediction } from './prediction.js';

/** The least that a model type has to be. */
class PlainModel extends Model {
  readonly type = 'plain';
  readonly inputs = [{ name: 'x', kind: 'real' as const }];
  readonly outputs = [{ name: 'y', kind: 'real' as const }];

  constructor(protected readonly supported: ReadonlySet<OptionalMethod> = new Set()) {
    super();
  }

  predict(X: Matrix): Promise<Prediction> {
    return Promise.resolve({ mean: Matrix.zeros(X.rows, 1) });
  }

  describe(): ModelDescription {
    return { variance: 'latent' };
  }
}

const X = Matrix.zeros(1, 1);
const wanting: [PredictOptions, OptionalMethod][] = [
  [{ latentVariance: true }, 'variance'],
  [{ quantiles: [5] }, 'quantiles'],
  [{ credibleInterval: 95 }, 'quantiles'],
  [{ gradients: true }, 'gradient'],
  [{ covariance: true }, 'covariance'],
  [{ samples: 1 }, 'sample'],
];

describe('a model type that only predicts', () => {
  const model = new PlainModel();

  it('supports nothing else', () => {
    expect(model.supportedMethods).toEqual([]);
    expect(model.supports('sample')).toBe(false);
  });

  it.each([
    ['fit', () => model.fit(X, X)],
    ['save', () => model.save()],
  ])('answers %s with an error that names it', (method, call) => {
    expect(call).toThrow(MethodNotSupportedError);
    try {
      void call();
    } catch (error) {
      expect(error).toMatchObject({
        kind: 'not-supported',
        code: `${method.toUpperCase()}_NOT_SUPPORTED`,
        message: `This model (type plain) does not support ${method}.`,
        details: { modelType: 'plain', method },
      });
    }
  });

  it.each(wanting)('refuses the options %j: %s', (options, method) => {
    expect(() => model.requireSupportFor(options)).toThrow(
      expect.objectContaining({ code: `${method.toUpperCase()}_NOT_SUPPORTED` }),
    );
  });

  it('takes options that ask for nothing more', () => {
    const options = { meanOnly: true, gradients: false, covariance: false, seed: 1 };
    expect(() => model.requireSupportFor(options)).not.toThrow();
  });
});

describe('a model type that names what it supports', () => {
  it.each(wanting)('takes the options %j with %s alone', (options, method) => {
    const model = new PlainModel(new Set([method]));
    expect(model.supportedMethods).toEqual([method]);
    expect(() => model.requireSupportFor(options)).not.toThrow();
  });
});
