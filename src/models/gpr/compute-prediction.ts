import type { GaussianProcess, VarianceKind } from '../../numeric/gp/gaussian-process.js';
import { Matrix } from '../../numeric/linalg/matrix.js';
import { normalQuantile } from '../../numeric/random/normal.js';
import type { PredictOptions, Prediction } from '../prediction.js';

/** What the rows have only together. */
export type JointPrediction = Pick<Prediction, 'covariance' | 'samples'>;

/** Where unseen points have no noise of their own, the latent variance is the only one there is. */
export function varianceKind(gp: GaussianProcess): VarianceKind {
  return gp.state.noise.type === 'heteroscedastic' ? 'latent' : 'observed';
}

/** What each row has of its own. */
export function predictRows(gp: GaussianProcess, X: Matrix, options: PredictOptions): Prediction {
  const {
    meanOnly = false,
    latentVariance = false,
    quantiles,
    credibleInterval,
    gradients = false,
    trust = false,
  } = options;
  const observed = varianceKind(gp) === 'observed';
  const spread = !meanOnly || quantiles !== undefined || credibleInterval !== undefined;
  const result = gp.predict(X, {
    observedVariance: spread && observed,
    latentVariance: latentVariance || (spread && !observed),
    relativeVariance: trust && !meanOnly,
  });
  const variance = observed ? result.observedVariance : result.latentVariance;
  const quantile = (percent: number): Matrix => quantileOf(result.mean, variance as Matrix, percent);
  const { varianceAtRounding, relativeVariance } = result;
  const gradient = gradients ? gp.gradients(X, { variance: true }) : undefined;
  return {
    mean: result.mean,
    ...(!meanOnly && variance && { variance }),
    ...(latentVariance && result.latentVariance && { latentVariance: result.latentVariance }),
    ...(varianceAtRounding && { varianceAtRounding }),
    ...(quantiles && { quantiles: quantiles.map((percent) => ({ percent, values: quantile(percent) })) }),
    ...(credibleInterval !== undefined && {
      credibleInterval: {
        lower: quantile(50 - credibleInterval / 2),
        upper: quantile(50 + credibleInterval / 2),
      },
    }),
    ...(gradient && { meanGradient: interleave(gradient.mean) }),
    ...(gradient?.variance && { varianceGradient: interleave(gradient.variance) }),
    ...(trust && { nearestDistance: gp.nearestDistances(X) }),
    ...(relativeVariance && { relativeVariance }),
  };
}

/** `checkpoint` is called now and then, and may throw to end the work. */
export function predictJointly(
  gp: GaussianProcess,
  X: Matrix,
  options: PredictOptions,
  checkpoint?: () => void,
): JointPrediction {
  const { covariance = false, samples, seed = 0, sampleNoise = false } = options;
  return {
    ...(covariance && { covariance: gp.covariance(X, varianceKind(gp), checkpoint) }),
    ...(samples !== undefined && {
      samples: gp.sample(X, { count: samples, seed, kind: sampleNoise ? 'observed' : 'latent', checkpoint }),
    }),
  };
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
