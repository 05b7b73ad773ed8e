import type { MeanSpec } from '../../../numeric/gp/gp-state.js';
import { Matrix } from '../../../numeric/linalg/matrix.js';
import type { TrainingResult } from '../../../numeric/training/training-result.js';
import type { PlainValue } from '../../trainer.js';

/** A result as JSON, which keeps every bit of a number. Noise that was known for each point is left out. */
export function plainResult({ noise, mean, ...rest }: TrainingResult): PlainValue {
  return {
    ...(rest as unknown as Record<string, PlainValue>),
    ...(typeof noise === 'number' && { noise }),
    ...(mean && { mean: plainMean(mean) }),
  };
}

/** What `plainResult` wrote; `noise` where that is known. */
export function reviveResult(plain: PlainValue, noise: number | Float64Array): TrainingResult {
  const { mean, ...rest } = plain as unknown as Omit<TrainingResult, 'noise'> & { noise?: number };
  return { ...rest, noise: rest.noise ?? noise, ...(mean && { mean: reviveMean(mean) }) };
}

function plainMean(mean: MeanSpec): PlainValue {
  if (mean.type === 'linear') {
    const { rows, cols, data } = mean.A;
    return { type: 'linear', A: { rows, cols, data: [...data] } };
  }
  return mean.type === 'sum'
    ? { type: 'sum', parts: mean.parts.map(plainMean) }
    : { type: 'constant', value: mean.value };
}

function reviveMean(mean: MeanSpec): MeanSpec {
  if (mean.type === 'sum') return { type: 'sum', parts: mean.parts.map(reviveMean) };
  if (mean.type === 'constant') return mean;
  const { rows, cols, data } = mean.A;
  return { type: 'linear', A: new Matrix(rows, cols, Float64Array.from(data)) };
}
