import type { MeanSpec } from '../../../numeric/gp/gp-state.js';
import { Matrix } from '../../../numeric/linalg/matrix.js';
import type { SparseResult } from '../../../numeric/training/maximise-sparse.js';
import type { TrainingResult } from '../../../numeric/training/training-result.js';
import type { PlainValue } from '../../trainer.js';

/** Where a search has ended; `inducingPoints` where it was sparse. */
export type FoundResult = TrainingResult & Partial<Pick<SparseResult, 'inducingPoints'>>;

/** A result as JSON, which keeps every bit of a number. Noise that was known for each point is left out. */
export function plainResult({ noise, mean, inducingPoints, ...rest }: FoundResult): PlainValue {
  return {
    ...(rest as unknown as Record<string, PlainValue>),
    ...(typeof noise === 'number' && { noise }),
    ...(mean && { mean: plainMean(mean) }),
    ...(inducingPoints && { inducingPoints: plainMatrix(inducingPoints) }),
  };
}

/** What `plainResult` wrote; `noise` where that is known. */
export function reviveResult(plain: PlainValue, noise: number | Float64Array): FoundResult {
  const { mean, inducingPoints, ...rest } = plain as unknown as Omit<FoundResult, 'noise'> & {
    noise?: number;
  };
  return {
    ...rest,
    noise: rest.noise ?? noise,
    ...(mean && { mean: reviveMean(mean) }),
    ...(inducingPoints && { inducingPoints: revivePlainMatrix(inducingPoints) }),
  };
}

function plainMean(mean: MeanSpec): PlainValue {
  if (mean.type === 'linear') {
    return { type: 'linear', A: plainMatrix(mean.A) };
  }
  return mean.type === 'sum'
    ? { type: 'sum', parts: mean.parts.map(plainMean) }
    : { type: 'constant', value: mean.value };
}

function reviveMean(mean: MeanSpec): MeanSpec {
  if (mean.type === 'sum') return { type: 'sum', parts: mean.parts.map(reviveMean) };
  if (mean.type === 'constant') return mean;
  return { type: 'linear', A: revivePlainMatrix(mean.A) };
}

function plainMatrix({ rows, cols, data }: Matrix): PlainValue {
  return { rows, cols, data: [...data] };
}

/** Its numbers are an array, not a Float64Array. */
function revivePlainMatrix({ rows, cols, data }: Pick<Matrix, 'rows' | 'cols' | 'data'>): Matrix {
  return new Matrix(rows, cols, Float64Array.from(data));
}
