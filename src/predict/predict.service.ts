import { Injectable } from '@nestjs/common';
import { Config } from '../common/config/config.js';
import { ModelRegistry, type ReadyEntry } from '../models/model-registry.js';
import type { Model } from '../models/model.js';
import type { PredictOptions, Prediction } from '../models/prediction.js';
import type { Matrix } from '../numeric/linalg/matrix.js';
import { requireIndices } from './check-inputs.js';
import { ResultNotFiniteError, ResultTooLargeError } from './predict-errors.js';

/** Decides which model answers, refuses what it cannot answer, and checks what it says. */
@Injectable()
export class PredictService {
  constructor(
    private readonly registry: ModelRegistry,
    private readonly config: Config,
  ) {}

  /** The loaded version that a request means. Throws the registry's errors for unknown or refused ones. */
  find(name?: string, version?: string): ReadyEntry {
    return this.registry.ready(name, version);
  }

  /**
   * Predicts each row of `X` (N x d). Throws InvalidInputError, MethodNotSupportedError, ResultTooLargeError,
   * ResultNotFiniteError, and `signal`'s reason once the caller is gone.
   */
  async predict(model: Model, X: Matrix, options: PredictOptions, signal?: AbortSignal): Promise<Prediction> {
    requireIndices(model.inputs, X);
    model.requireSupportFor(options);
    const values = resultValues(model, X.rows, options);
    if (values > this.config.maxResultValues)
      throw new ResultTooLargeError(values, this.config.maxResultValues);
    const prediction = await model.predict(X, options, signal);
    requireFinite(prediction);
    return prediction;
  }
}

/** How many numbers the answer holds. */
function resultValues(model: Model, rows: number, options: PredictOptions): number {
  const p = model.outputs.length;
  const d = model.inputs.length;
  const perRow =
    2 + (options.quantiles?.length ?? 0) + (options.gradients ? 2 * d : 0) + (options.samples ?? 0);
  // The draws need the covariance too, even where it is not returned.
  const joint = options.covariance || options.samples !== undefined ? rows * rows * p : 0;
  return rows * p * perRow + joint;
}

/** JSON has no word for them, and a client that gets none cannot mistake one for an answer. */
function requireFinite(prediction: Prediction): void {
  const { mean } = prediction;
  const check = (field: string, data: Float64Array | undefined): void => {
    if (data === undefined) return;
    for (let at = 0; at < data.length; at++) {
      if (Number.isFinite(data[at])) continue;
      throw new ResultNotFiniteError(field, Math.floor(at / (data.length / mean.rows)), data[at]);
    }
  };
  check('mean', mean.data);
  check('variance', prediction.variance?.data);
  check('latentVariance', prediction.latentVariance?.data);
  prediction.quantiles?.forEach(({ percent, values }) => check(`quantiles[${percent}]`, values.data));
  check('credibleInterval.lower', prediction.credibleInterval?.lower.data);
  check('credibleInterval.upper', prediction.credibleInterval?.upper.data);
  check('meanGradient', prediction.meanGradient);
  check('varianceGradient', prediction.varianceGradient);
  prediction.covariance?.forEach(({ data }) => check('covariance', data));
  prediction.samples?.forEach(({ data }) => check('samples', data));
}
