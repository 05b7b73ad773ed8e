import { NumericInputError } from '../errors.js';
import type { Kernel } from '../kernels/kernel.js';
import { buildKernel } from '../kernels/kernels.js';
import { defaultLinearAlgebra } from '../linalg/default-linear-algebra.js';
import type { LinearAlgebra } from '../linalg/linear-algebra.js';
import { Matrix } from '../linalg/matrix.js';
import { checkState } from './check-state.js';
import { adoptState, type GpState } from './gp-state.js';
import { transformGradients, transformInputs } from './input-transform.js';
import { MeanFunction } from './mean-function.js';
import { noiseVariances } from './noise.js';
import { normalQuantile } from '../random/normal.js';
import { PosteriorCovariance } from './posterior-covariance.js';
import { samplePosterior } from './sample-posterior.js';
import { type InputRange, TrainingDomain } from './training-domain.js';
import { Random } from '../random/random.js';
import { VarianceRounding } from './variance-rounding.js';

/** Latent: of the function itself. Observed: of a noisy measurement of it. */
export type VarianceKind = 'latent' | 'observed';

export interface PredictionWants {
  readonly latentVariance?: boolean;
  readonly observedVariance?: boolean;
  readonly relativeVariance?: boolean;
}

/** Every matrix has one row a query point and one column an output; variances that were not asked for are absent. */
export interface Prediction {
  readonly mean: Matrix;
  readonly latentVariance?: Matrix;
  readonly observedVariance?: Matrix;
  /** Latent variance / k(x, x), from 0 to 1: the same for every output. 0 where k(x, x) is. */
  readonly relativeVariance?: Float64Array;
  /**
   * Points whose smallest variance asked for is decided by rounding: more than a tenth of it may be wrong. Absent where
   * there are none.
   */
  readonly varianceAtRounding?: Uint32Array;
}

/** One m x d matrix an output: row j holds the derivatives at point j by each of the d inputs. */
export interface PredictionGradients {
  readonly mean: Matrix[];
  /** Of the latent variance. */
  readonly variance?: Matrix[];
}

export interface SampleOptions {
  readonly count: number;
  readonly seed: number;
  /** 'latent' by default; 'observed' adds independent noise to each point. */
  readonly kind?: VarianceKind;
  /** Called now and then: what it throws ends the work. */
  readonly checkpoint?: (() => void) | undefined;
}

/**
 * A trained Gaussian process, ready to predict at m new points X (m x d) for p outputs.
 *
 *   mean       m(x) + k(x, Z) alpha                      then  * std + mean of the normaliser
 *   variance   k(x, x) - k(x, Z) W k(Z, x)               then  * std^2
 *   observed   variance + noise                          then  * std^2
 *
 * Rasmussen & Williams (2006), Alg. 2.1, p. 19. The training points' covariance is used through its Cholesky factor,
 * never through an inverse. Queries run in panels, so that working memory is bounded by the panel's width. A variance
 * that rounding made negative is reported as 0 (sparse models: at least 1e-15, as GPy does).
 *
 * Every method throws NumericInputError for points with a wrong number of columns.
 */
export class GaussianProcess {
  readonly state: GpState;
  readonly kernel: Kernel;
  readonly inputDim: number;
  readonly outputDim: number;
  readonly #linalg: LinearAlgebra;
  readonly #covariance: PosteriorCovariance;
  readonly #rounding: VarianceRounding;
  readonly #mean: MeanFunction | undefined;
  /** Row o: alpha of output o, contiguous for the gradients. */
  readonly #alphaRows: Float64Array[];
  /** Made when first asked for. */
  #domain: TrainingDomain | undefined;

  /** Throws GpStateError or KernelSpecError where the state does not fit together. */
  constructor(state: GpState, linalg: LinearAlgebra = defaultLinearAlgebra()) {
    checkState(state);
    this.state = adoptState(state, linalg);
    this.inputDim = state.Z.cols;
    this.outputDim = state.alpha.cols;
    this.kernel = buildKernel(state.kernel, this.inputDim, linalg);
    this.#linalg = linalg;
    this.#covariance = new PosteriorCovariance(this.state.factor, linalg);
    const priors = new Float64Array(state.Z.rows);
    this.kernel.diagonal(this.state.Z, priors);
    this.#rounding = new VarianceRounding(this.state.factor, priors, linalg);
    this.#mean =
      state.mean === undefined ? undefined : new MeanFunction(state.mean, this.inputDim, this.outputDim);
    this.#alphaRows = Array.from({ length: this.outputDim }, (_, o) => state.alpha.column(o));
  }

  /** Gives back the memory that the backend adopted: to be called once, when nothing uses this object any more. */
  dispose(): void {
    const { Z, alpha, factor } = this.state;
    for (const matrix of [Z, alpha, factor.type === 'cholesky' ? factor.L : factor.W]) {
      this.#linalg.release(matrix);
    }
  }

  /** Mean, and the variances that `wants` names: the mean alone is much cheaper. */
  predict(given: Matrix, wants: PredictionWants = {}): Prediction {
    const X = this.#enter(given);
    const { latentVariance = false, observedVariance = false, relativeVariance = false } = wants;
    const noise = observedVariance ? noiseVariances(this.state.noise, X) : undefined;
    const mean = Matrix.zeros(X.rows, this.outputDim);
    const variances =
      latentVariance || observedVariance || relativeVariance ? new Float64Array(X.rows) : undefined;
    const relative = relativeVariance ? new Float64Array(X.rows) : undefined;
    const atRounding: number[] = [];
    this.#forEachPanel(X, (points, panel, start) => {
      this.#linalg.transposeMultiply(panel, this.state.alpha, mean.slice(start, start + points.rows));
      if (variances === undefined) return;
      const whole = points.rows === X.rows;
      const part = whole ? variances : variances.subarray(start, start + points.rows);
      const priors = this.#linalg.scratch.take(points.rows);
      try {
        this.kernel.diagonal(points, priors);
        part.set(priors);
        this.#covariance.variances(panel, part);
        const found = this.#rounding.find(panel, priors, part, latentVariance ? undefined : noise, start);
        for (const j of found) atRounding.push(start + j);
        if (relative) divideByPrior(part, priors, relative.subarray(start, start + points.rows));
      } finally {
        this.#linalg.scratch.release();
      }
    });
    this.#mean?.addValues(X, mean);
    this.#denormaliseMean(mean);
    return {
      mean,
      ...(latentVariance && variances && { latentVariance: this.#spreadVariances(variances) }),
      ...(relative && { relativeVariance: relative }),
      ...(variances && noise && { observedVariance: this.#spreadVariances(variances, noise) }),
      ...(atRounding.length > 0 && { varianceAtRounding: Uint32Array.from(atRounding) }),
    };
  }

  /**
   * For each probability, the m x p matrix of quantiles mean + z sqrt(variance), z being the normal quantile.
   * Throws NumericInputError unless 0 < probability < 1.
   */
  quantiles(X: Matrix, probabilities: readonly number[], kind: VarianceKind = 'observed'): Matrix[] {
    const scores = probabilities.map((probability) => {
      if (probability > 0 && probability < 1) return normalQuantile(probability);
      throw new NumericInputError(`A quantile's probability must lie between 0 and 1, got ${probability}.`);
    });
    const { mean, latentVariance, observedVariance } = this.predict(X, {
      latentVariance: kind === 'latent',
      observedVariance: kind === 'observed',
    });
    const variance = (latentVariance ?? observedVariance) as Matrix;
    return scores.map((z) => {
      const quantile = mean.data.map((value, k) => value + z * Math.sqrt(variance.data[k]));
      return new Matrix(mean.rows, mean.cols, quantile);
    });
  }

  /**
   * The joint covariance of the m points: one m x m matrix an output. Without a normaliser the outputs share one
   * covariance, and the list holds the same matrix p times. A variance that rounding made negative is 0. `checkpoint` is
   * called now and then: what it throws ends the work.
   */
  covariance(given: Matrix, kind: VarianceKind = 'latent', checkpoint?: () => void): Matrix[] {
    const X = this.#enter(given);
    const noise = kind === 'observed' ? noiseVariances(this.state.noise, X) : undefined;
    const covariance = this.#normalisedCovariance(X, checkpoint);
    noise?.forEach((variance, j) => {
      covariance.data[j * X.rows + j] += variance;
    });
    const std = this.state.outputNorm?.std;
    return Array.from({ length: this.outputDim }, (_, o) =>
      std === undefined
        ? covariance
        : new Matrix(
            X.rows,
            X.rows,
            covariance.data.map((value) => value * std[o] ** 2),
          ),
    );
  }

  /**
   * Derivatives of the mean and, if asked for, of the latent variance by the inputs, at each point:
   *
   *   dmean/dx = dm/dx + sum_i alpha_i dk(z_i, x)/dx
   *   dvariance/dx = dk(x, x)/dx - 2 sum_i v_i dk(z_i, x)/dx,  v = L^-T L^-1 k(Z, x)
   *
   * Of the variance as it is before clipping. Where a kernel has a kink (Exponential at a training point), the
   * derivative is taken as 0, and so it is along the index column of a coregionalised model.
   */
  gradients(given: Matrix, wants: { readonly variance?: boolean } = {}): PredictionGradients {
    const X = this.#enter(given);
    const { rows: m, cols: d } = X;
    const mean = Array.from({ length: this.outputDim }, () => Matrix.zeros(m, d));
    for (let j = 0; j < m; j += 1) {
      for (let o = 0; o < this.outputDim; o += 1) {
        const gradient = mean[o].row(j);
        this.kernel.addGradient(this.state.Z, X.row(j), this.#alphaRows[o], gradient);
        this.#mean?.addGradient(o, gradient);
        const std = this.state.outputNorm?.std[o] ?? 1;
        for (let q = 0; q < d; q += 1) gradient[q] *= std;
      }
    }
    const variance = wants.variance === true ? this.#varianceGradients(X) : undefined;
    for (const gradient of [...mean, ...(variance ?? [])]) {
      transformGradients(gradient, this.state.inputTransform);
    }
    return variance ? { mean, variance } : { mean };
  }

  /**
   * Draws from the joint posterior at the m points: `count` matrices of m x p, outputs independent of each other.
   * The same seed gives the same samples, bit by bit, on the same backend.
   */
  sample(given: Matrix, options: SampleOptions): Matrix[] {
    const { count, seed, kind = 'latent', checkpoint } = options;
    const random = new Random(seed);
    const { mean } = this.predict(given);
    const X = this.#enter(given);
    const priorVariances = new Float64Array(X.rows);
    this.kernel.diagonal(X, priorVariances);
    const posterior = {
      mean,
      covariance: this.#normalisedCovariance(X, checkpoint),
      priorVariances,
      noise: kind === 'observed' ? noiseVariances(this.state.noise, X) : undefined,
      std: this.state.outputNorm?.std,
    };
    return samplePosterior(posterior, count, random, this.#linalg, checkpoint);
  }

  /**
   * How far each of the m points is from the nearest of Z, in lengthscales (see TrainingDomain). Z are the training
   * points, or the inducing points of a sparse model.
   */
  nearestDistances(X: Matrix): Float64Array {
    return this.#trainingDomain.nearestDistances(this.#enter(X));
  }

  /** Range of Z and lengthscale, one an input, in the inputs' own units. */
  get inputRanges(): InputRange[] {
    return this.#trainingDomain.ranges(this.state.inputTransform);
  }

  get #trainingDomain(): TrainingDomain {
    return (this.#domain ??= new TrainingDomain(this.state.Z, this.kernel));
  }

  /** The points as the kernel sees them. */
  #enter(X: Matrix): Matrix {
    if (X.cols === this.inputDim) return transformInputs(X, this.state.inputTransform);
    throw new NumericInputError(`Points must have ${this.inputDim} columns, got ${X.cols}.`);
  }

  /** Calls `visit` with each panel k(Z, points) of at most the backend's width; it may overwrite the panel. */
  #forEachPanel(X: Matrix, visit: (points: Matrix, panel: Matrix, start: number) => void): void {
    const n = this.state.Z.rows;
    const { scratch } = this.#linalg;
    const width = Math.min(this.#linalg.panelWidth(n), X.rows);
    const buffer = scratch.take(n * width);
    try {
      for (let start = 0; start < X.rows; start += width) {
        const points = X.slice(start, Math.min(start + width, X.rows));
        const values = points.rows === width ? buffer : buffer.subarray(0, n * points.rows);
        this.kernel.panel(this.state.Z, points, values);
        visit(points, new Matrix(n, points.rows, values), start);
      }
    } finally {
      scratch.release();
    }
  }

  #varianceGradients(X: Matrix): Matrix[] {
    const n = this.state.Z.rows;
    const gradient = Matrix.zeros(X.rows, X.cols);
    const weights = new Float64Array(n);
    this.#forEachPanel(X, (points, panel, start) => {
      this.#covariance.applyTo(panel);
      for (let j = 0; j < points.rows; j += 1) {
        for (let i = 0, k = j; i < n; i += 1, k += panel.cols) weights[i] = -2 * panel.data[k];
        const row = gradient.row(start + j);
        this.kernel.addGradient(this.state.Z, points.row(j), weights, row);
        this.kernel.addDiagonalGradient(points.row(j), 1, row);
      }
    });
    return Array.from({ length: this.outputDim }, (_, o) => {
      const scale = (this.state.outputNorm?.std[o] ?? 1) ** 2;
      return new Matrix(
        X.rows,
        X.cols,
        gradient.data.map((value) => value * scale),
      );
    });
  }

  #normalisedCovariance(X: Matrix, checkpoint?: () => void): Matrix {
    const covariance = this.kernel.matrix(X);
    checkpoint?.();
    const panel = Matrix.zeros(this.state.Z.rows, X.rows);
    this.kernel.panel(this.state.Z, X, panel.data);
    checkpoint?.();
    this.#covariance.subtractFrom(covariance, panel);
    return covariance;
  }

  #denormaliseMean(mean: Matrix): void {
    const norm = this.state.outputNorm;
    if (norm === undefined) return;
    for (let k = 0, p = mean.cols; k < mean.data.length; k += 1) {
      mean.data[k] = mean.data[k] * norm.std[k % p] + norm.mean[k % p];
    }
  }

  /** One column an output, in the outputs' own units. */
  #spreadVariances(variances: Float64Array, noise?: Float64Array): Matrix {
    const p = this.outputDim;
    const std = this.state.outputNorm?.std;
    const out = Matrix.zeros(variances.length, p);
    for (let j = 0, k = 0; j < variances.length; j += 1) {
      const variance = noise === undefined ? variances[j] : variances[j] + noise[j];
      for (let o = 0; o < p; o += 1, k += 1)
        out.data[k] = std === undefined ? variance : variance * std[o] ** 2;
    }
    return out;
  }
}

/** Rounding may take a quotient above 1, and a prior variance of 0 leaves nothing to divide. */
function divideByPrior(variances: Float64Array, priors: Float64Array, out: Float64Array): void {
  for (let j = 0; j < out.length; j += 1) {
    out[j] = priors[j] > 0 ? Math.min(variances[j] / priors[j], 1) : 0;
  }
}
