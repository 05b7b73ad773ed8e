import { Injectable } from '@nestjs/common';
import { Config } from '../common/config/config.js';
import type { ReadyEntry } from '../models/model-entry.js';
import { ModelRegistry } from '../models/model-registry.js';
import type { Model, Variable } from '../models/model.js';
import { isJoint, type PredictOptions, type Prediction } from '../models/prediction.js';
import type { Matrix } from '../numeric/linalg/matrix.js';
import { requireIndices } from './check-inputs.js';
import { InputDomain } from './input-domain.js';
import { identityOf } from './model-identity.js';
import { RowChecker } from './row-checker.js';
import { ResultNotFiniteError, ResultTooLargeError } from './predict-errors.js';
import type { OutsideInputs, TrustedPrediction } from './trust.js';

/** Rows that would be predicted, and where they lie. */
export interface ValidatedRows {
  readonly domain: InputDomain;
  /** Undefined where no range of any input is known. */
  readonly outside: OutsideInputs | undefined;
}

/** What predicting rows takes, beside the rows. */
export interface PredictionCost {
  /** Undefined where the model cannot tell. */
  readonly seconds: number | undefined;
  readonly valuesPerRow: number;
  /** See `Model.rowsTogether`. */
  readonly rowsTogether: number;
}

/** Decides which model answers, refuses what it cannot answer, and checks what it says. */
@Injectable()
export class PredictService {
  constructor(
    private readonly registry: ModelRegistry,
    private readonly config: Config,
  ) {}

  /** The loaded version that a request means. Throws the registry's errors for unknown or refused ones. */
  find(name?: string, version?: string): Promise<ReadyEntry> {
    return this.registry.ready(name, version);
  }

  /**
   * Predicts each row of `X` (N x d), with the options asked for, or else the model's own. Throws what `validate` does,
   * ResultNotFiniteError, what a model throws that is computed elsewhere, and `signal`'s reason once the caller is gone.
   * `onLog`: see `Model.predict`.
   */
  async predict(
    entry: ReadyEntry,
    X: Matrix,
    asked: PredictOptions,
    signal?: AbortSignal,
    onLog?: (line: string) => void,
  ): Promise<TrustedPrediction> {
    const options = optionsOf(entry, asked);
    requireIndices(entry.inputs, X);
    return entry.model.use(async (model) => {
      this.#requireAnswerable(model, X, options);
      const outside = needsDomain(options) ? (await locate(entry, model, X, options)).outside : undefined;
      const prediction = await model.predict(X, optionsFor(model, options), signal, onLog);
      requireFinite(prediction, entry.outputs);
      return options.trust ? { ...prediction, trust: { model: identityOf(entry), outside } } : prediction;
    });
  }

  /**
   * Does all that comes before the computation. Throws InvalidInputError, MethodNotSupportedError, ResultTooLargeError,
   * and OutsideDomainError where the options ask for it.
   */
  validate(entry: ReadyEntry, X: Matrix, asked: PredictOptions): Promise<ValidatedRows> {
    const options = optionsOf(entry, asked);
    requireIndices(entry.inputs, X);
    return entry.model.use((model) => {
      this.#requireAnswerable(model, X, options);
      return locate(entry, model, X, options);
    });
  }

  /** What the prediction of so many rows would cost. */
  cost(entry: ReadyEntry, rows: number, asked: PredictOptions): Promise<PredictionCost> {
    const options = optionsOf(entry, asked);
    return entry.model.use((model) => ({
      seconds: model.estimateSeconds(rows, optionsFor(model, options)),
      valuesPerRow: resultValues(model, rows, options) / rows,
      rowsTogether: model.rowsTogether,
    }));
  }

  /** Checks rows that come one block after the other, as `validate` checks all, where these are answered in parts. */
  checker(entry: ReadyEntry, asked: PredictOptions): Promise<RowChecker> {
    const options = optionsOf(entry, asked);
    return entry.model.use((model) => {
      model.requireSupportFor(options);
      const isStrict = options.domain === 'strict';
      return new RowChecker(
        entry.inputs,
        isStrict ? new InputDomain(entry.inputs, model.trainingRanges) : undefined,
      );
    });
  }

  /** Whether an answer to all rows is more than one answer a row, options of the model's own included. */
  isJoint(entry: ReadyEntry, asked: PredictOptions): boolean {
    return isJoint(optionsOf(entry, asked));
  }

  #requireAnswerable(model: Model, X: Matrix, options: PredictOptions): void {
    model.requireSupportFor(options);
    const values = resultValues(model, X.rows, options);
    if (values > this.config.maxResultValues)
      throw new ResultTooLargeError(values, this.config.maxResultValues);
  }
}

function optionsOf(entry: ReadyEntry, asked: PredictOptions): PredictOptions {
  return entry.about.options ? { ...entry.about.options, ...asked } : asked;
}

function needsDomain({ trust, domain }: PredictOptions): boolean {
  return trust === true || domain === 'strict';
}

/** What is left for the model to do. */
function optionsFor(model: Model, options: PredictOptions): PredictOptions {
  if (options.trust === undefined && options.domain === undefined) return options;
  const { domain: _domain, trust = false, ...rest } = options;
  return trust && model.supports('domain') ? { ...rest, trust } : rest;
}

/** Throws OutsideDomainError. */
async function locate(
  entry: ReadyEntry,
  model: Model,
  X: Matrix,
  options: PredictOptions,
): Promise<ValidatedRows> {
  const domain = new InputDomain(entry.inputs, model.trainingRanges);
  const outside = await domain.outside(X);
  if (options.domain === 'strict') domain.requireInside(X, outside);
  return { domain, outside };
}

/** Numbers of a row: inside or not, the nearest distance, the relative variance. */
const TRUST_VALUES = 3;

/** How many numbers the answer holds. */
function resultValues(model: Model, rows: number, options: PredictOptions): number {
  const p = model.outputs.length;
  const d = model.inputs.length;
  // The mean, and the variance where there is one; so are the gradients.
  const moments = model.supports('variance') ? 2 : 1;
  const perRow =
    moments +
    (options.quantiles?.length ?? 0) +
    (options.gradients ? moments * d : 0) +
    (options.samples ?? 0);
  // The draws need the covariance too, even where it is not returned.
  const joint = options.covariance || options.samples !== undefined ? rows * rows * p : 0;
  return rows * (p * perRow + (options.trust ? TRUST_VALUES : 0)) + joint;
}

/** JSON has no word for them, and a client that gets none cannot mistake one for an answer. */
function requireFinite(prediction: Prediction, outputs: readonly Variable[]): void {
  const { mean } = prediction;
  const check = (field: string, data: Float64Array | undefined, output?: number): void => {
    if (data === undefined) return;
    for (let at = 0; at < data.length; at++) {
      if (Number.isFinite(data[at])) continue;
      // Each row holds the same number of values for each output, one output after the other.
      const perRow = data.length / mean.rows;
      const which = output ?? Math.floor(((at % perRow) / perRow) * mean.cols);
      throw new ResultNotFiniteError(field, outputs[which].name, Math.floor(at / perRow), data[at]);
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
  check('relativeVariance', prediction.relativeVariance);
  prediction.covariance?.forEach(({ data }, output) => check('covariance', data, output));
  prediction.samples?.forEach(({ data }) => check('samples', data));
}
