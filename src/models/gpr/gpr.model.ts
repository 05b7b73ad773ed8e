import { setImmediate as nextTurn } from 'node:timers/promises';
import { GaussianProcess, type VarianceKind } from '../../numeric/gp/gaussian-process.js';
import type { MeanSpec, NoiseSpec } from '../../numeric/gp/gp-state.js';
import { normalQuantile } from '../../numeric/random/normal.js';
import type { KernelSpec } from '../../numeric/kernels/kernel-spec.js';
import { Matrix } from '../../numeric/linalg/matrix.js';
import { MethodNotSupportedError } from '../model-errors.js';
import { Model, type ModelDescription, type OptionalMethod, type Variable } from '../model.js';
import type { PredictOptions, Prediction } from '../prediction.js';
import type { ImportedGp } from './importers/importer.js';

export const GPR = 'gpr';

/** Rows computed before other requests get their turn: a few milliseconds' worth (rows x n^2 operations). */
const TURN_OPERATIONS = 5e6;
const MIN_TURN_ROWS = 8;

/** Gaussian process regression: exact or sparse, one or several outputs. */
export class GprModel extends Model {
  readonly type = GPR;
  readonly inputs: readonly Variable[];
  readonly outputs: readonly Variable[];
  protected readonly supported: ReadonlySet<OptionalMethod> = new Set([
    'gradient',
    'covariance',
    'sample',
    'quantiles',
  ]);
  readonly #gp: GaussianProcess;
  readonly #imported: ImportedGp;
  /** Where unseen points have no noise of their own, the latent variance is the only one. */
  readonly #varianceKind: VarianceKind;

  /** Throws GpStateError or KernelSpecError where the parts do not fit together. */
  constructor(imported: ImportedGp) {
    super();
    this.#imported = imported;
    this.#gp = new GaussianProcess(imported.state);
    this.#varianceKind = imported.state.noise.type === 'heteroscedastic' ? 'latent' : 'observed';
    const indices = outputIndices(imported.state.kernel);
    this.inputs = Array.from({ length: this.#gp.inputDim }, (_, dim) => inputVariable(dim, indices.get(dim)));
    this.outputs = Array.from({ length: this.#gp.outputDim }, (_, output) => ({
      name: this.#gp.outputDim === 1 ? 'y' : `y${output + 1}`,
      kind: 'real',
    }));
  }

  async predict(X: Matrix, options: PredictOptions, signal?: AbortSignal): Promise<Prediction> {
    this.#requireNoiseFor(options);
    const perRow = await this.#predictRows(X, options, signal);
    const joint = this.#predictJointly(X, options);
    return { ...perRow, ...joint };
  }

  describe(): ModelDescription {
    const { state, source, trainingPoints, posterior, posteriorCheck, warnings } = this.#imported;
    return {
      variance: this.#varianceKind,
      source,
      trainingPoints,
      ...(state.factor.type === 'inverse' && { inducingPoints: state.Z.rows }),
      kernel: state.kernel,
      noise: describeNoise(state.noise),
      ...(state.mean && { mean: describeMean(state.mean) }),
      ...(state.outputNorm && { normaliser: state.outputNorm }),
      posterior,
      ...(posteriorCheck && { posteriorCheck }),
      warnings,
    };
  }

  /** What each row has of its own, computed in turns so that a large request does not hold up the others. */
  async #predictRows(X: Matrix, options: PredictOptions, signal?: AbortSignal): Promise<Prediction> {
    const n = this.#gp.state.Z.rows;
    const turn = Math.max(MIN_TURN_ROWS, Math.floor(TURN_OPERATIONS / (n * n)));
    if (X.rows <= turn) return this.#predictTurn(X, options);
    const parts: Prediction[] = [];
    for (let start = 0; start < X.rows; start += turn) {
      if (start > 0) await nextTurn();
      signal?.throwIfAborted();
      parts.push(this.#predictTurn(X.slice(start, Math.min(start + turn, X.rows)), options));
    }
    return concatenate(parts);
  }

  #predictTurn(X: Matrix, options: PredictOptions): Prediction {
    const { meanOnly = false, latentVariance = false, quantiles, credibleInterval, gradients = false } = options;
    const observed = this.#varianceKind === 'observed';
    const spread = !meanOnly || quantiles !== undefined || credibleInterval !== undefined;
    const result = this.#gp.predict(X, {
      observedVariance: spread && observed,
      latentVariance: latentVariance || (spread && !observed),
    });
    const variance = observed ? result.observedVariance : result.latentVariance;
    const quantile = (percent: number): Matrix => quantileOf(result.mean, variance as Matrix, percent);
    const gradient = gradients ? this.#gp.gradients(X, { variance: true }) : undefined;
    return {
      mean: result.mean,
      ...(!meanOnly && variance && { variance }),
      ...(latentVariance && result.latentVariance && { latentVariance: result.latentVariance }),
      ...(quantiles && { quantiles: quantiles.map((percent) => ({ percent, values: quantile(percent) })) }),
      ...(credibleInterval !== undefined && {
        credibleInterval: { lower: quantile(50 - credibleInterval / 2), upper: quantile(50 + credibleInterval / 2) },
      }),
      ...(gradient && { meanGradient: interleave(gradient.mean) }),
      ...(gradient?.variance && { varianceGradient: interleave(gradient.variance) }),
    };
  }

  /** What the rows have only together. */
  #predictJointly(X: Matrix, options: PredictOptions): Pick<Prediction, 'covariance' | 'samples'> {
    const { covariance = false, samples, seed = 0, sampleNoise = false } = options;
    return {
      ...(covariance && { covariance: this.#gp.covariance(X, this.#varianceKind) }),
      ...(samples !== undefined && {
        samples: this.#gp.sample(X, { count: samples, seed, kind: sampleNoise ? 'observed' : 'latent' }),
      }),
    };
  }

  #requireNoiseFor(options: PredictOptions): void {
    if (options.sampleNoise === true && this.#varianceKind === 'latent') {
      throw new MethodNotSupportedError(this.type, 'sample', 'its noise is known at the training points only');
    }
  }
}

/** mean + z sqrt(variance), z the standard normal quantile. */
function quantileOf(mean: Matrix, variance: Matrix, percent: number): Matrix {
  const z = normalQuantile(percent / 100);
  return new Matrix(
    mean.rows,
    mean.cols,
    mean.data.map((value, i) => value + z * Math.sqrt(variance.data[i])),
  );
}

/** One N x d matrix an output to N x p x d. */
function interleave(outputs: readonly Matrix[]): Float64Array {
  const p = outputs.length;
  if (p === 1) return outputs[0].data;
  const { rows, cols } = outputs[0];
  const data = new Float64Array(rows * p * cols);
  outputs.forEach((matrix, output) => {
    for (let i = 0; i < rows; i++) data.set(matrix.row(i), (i * p + output) * cols);
  });
  return data;
}

/** Stacks predictions of consecutive rows; all have the same fields. */
function concatenate(parts: readonly Prediction[]): Prediction {
  const join = (pick: (part: Prediction) => Float64Array | undefined): Float64Array => {
    const arrays = parts.map((part) => pick(part) as Float64Array);
    const whole = new Float64Array(arrays.reduce((length, array) => length + array.length, 0));
    let at = 0;
    for (const array of arrays) {
      whole.set(array, at);
      at += array.length;
    }
    return whole;
  };
  const [first] = parts;
  const p = first.mean.cols;
  const stack = (pick: (part: Prediction) => Matrix | undefined): Matrix => {
    const data = join((part) => pick(part)?.data);
    return new Matrix(data.length / p, p, data);
  };
  return {
    mean: stack((part) => part.mean),
    ...(first.variance && { variance: stack((part) => part.variance) }),
    ...(first.latentVariance && { latentVariance: stack((part) => part.latentVariance) }),
    ...(first.quantiles && {
      quantiles: first.quantiles.map(({ percent }, k) => ({
        percent,
        values: stack((part) => part.quantiles?.[k].values),
      })),
    }),
    ...(first.credibleInterval && {
      credibleInterval: {
        lower: stack((part) => part.credibleInterval?.lower),
        upper: stack((part) => part.credibleInterval?.upper),
      },
    }),
    ...(first.meanGradient && { meanGradient: join((part) => part.meanGradient) }),
    ...(first.varianceGradient && { varianceGradient: join((part) => part.varianceGradient) }),
  };
}

function inputVariable(dim: number, indices: number | undefined): Variable {
  const name = `x${dim + 1}`;
  return indices === undefined ? { name, kind: 'real' } : { name, kind: 'index', lower: 0, upper: indices - 1 };
}

/** Input columns that hold an output index, and how many outputs each has. */
function outputIndices(kernel: KernelSpec, found = new Map<number, number>()): Map<number, number> {
  if (kernel.type === 'coregionalize') {
    const kappa = kernel.params?.kappa;
    found.set(kernel.dims?.[0] ?? 0, Array.isArray(kappa) ? kappa.length : 1);
  }
  for (const part of kernel.parts ?? []) outputIndices(part, found);
  return found;
}

function describeNoise(noise: NoiseSpec): Record<string, unknown> {
  if (noise.type === 'gaussian') return { type: 'gaussian', variance: noise.variance };
  if (noise.type === 'by-index') return { type: 'by-index', input: `x${noise.dim + 1}`, variances: noise.variances };
  return { type: 'heteroscedastic' };
}

function describeMean(mean: MeanSpec): Record<string, unknown> {
  switch (mean.type) {
    case 'constant':
      return { type: 'constant', value: mean.value };
    case 'linear':
      return { type: 'linear', A: Array.from({ length: mean.A.rows }, (_, i) => [...mean.A.row(i)]) };
    case 'sum':
      return { type: 'sum', parts: mean.parts.map(describeMean) };
  }
}
