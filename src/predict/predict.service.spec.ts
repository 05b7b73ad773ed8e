import { describe, expect, it } from 'vitest';
import { Config, loadConfig } from '../common/config/config.js';
import { ModelCache } from '../models/model-cache.js';
import type { ReadyEntry } from '../models/model-entry.js';
import { ModelRegistry } from '../models/model-registry.js';
import { Model, type ModelDescription, type OptionalMethod } from '../models/model.js';
import type { PredictOptions, Prediction } from '../models/prediction.js';
import { Matrix } from '../numeric/linalg/matrix.js';
import { PredictService } from './predict.service.js';

/** Remembers what it was asked. */
class Listener extends Model {
  readonly type = 'listener';
  readonly inputs = [{ name: 'x', kind: 'real' }] as const;
  readonly outputs = [{ name: 'y', kind: 'real' }] as const;
  asked: PredictOptions | undefined;

  constructor(protected readonly supported: ReadonlySet<OptionalMethod>) {
    super();
  }

  override predict(X: Matrix, options: PredictOptions): Promise<Prediction> {
    this.asked = options;
    return Promise.resolve({ mean: Matrix.zeros(X.rows, 1) });
  }

  describe(): ModelDescription {
    return {};
  }
}

describe('PredictService', () => {
  const config: Config = loadConfig({});
  const service = new PredictService(new ModelRegistry(config), config);
  const X = Matrix.zeros(2, 1);

  async function heardBy(methods: OptionalMethod[], options: PredictOptions): Promise<unknown> {
    const model = new Listener(new Set(methods));
    const { inputs, outputs, type } = model;
    const entry: ReadyEntry = {
      name: 'm',
      version: '1',
      state: 'ready',
      file: { name: 'm', bytes: 1, sha256: '00' },
      type,
      format: '',
      isPrompt: true,
      inputs,
      outputs,
      supports: [],
      description: {},
      about: {},
      checks: 0,
      model: new ModelCache(config).add(model, () => Promise.resolve(model)),
    };
    const { trust } = await service.predict(entry, X, options);
    expect(trust !== undefined).toBe(options.trust === true);
    return model.asked;
  }

  it('asks a model about its data where it supports that, and never about the domain', async () => {
    const options = { trust: true, domain: 'ignore', meanOnly: true } as const;
    expect(await heardBy(['domain'], options)).toEqual({ trust: true, meanOnly: true });
    expect(await heardBy([], options)).toEqual({ meanOnly: true });
    expect(await heardBy(['domain'], { domain: 'ignore', trust: false })).toEqual({});
  });
});
