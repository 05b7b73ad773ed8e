import { Matrix } from '../numeric/linalg/matrix.js';
import type { Prediction } from './prediction.js';

/** A class instance that has been cloned to another thread is a plain object: its numbers, without its methods. */
export interface ClonedMatrix {
  readonly rows: number;
  readonly cols: number;
  readonly data: Float64Array;
}

export function reviveMatrix({ rows, cols, data }: ClonedMatrix): Matrix {
  return new Matrix(rows, cols, data);
}

/** A prediction that came from another thread, with its matrices made whole again. */
export function revivePrediction<P extends Prediction>(cloned: P): P {
  return reviveMatrices(cloned);
}

/** The buffers that a prediction, or any such tree, owns, to be handed over instead of copied. */
export function predictionBuffers(prediction: object): ArrayBuffer[] {
  const buffers = predictionArrays(prediction).map(({ buffer }) => buffer);
  return [...new Set(buffers.filter((buffer) => buffer instanceof ArrayBuffer))];
}

/** Every array of numbers in a prediction; one that stands for several outputs comes once for each. */
export function predictionArrays(value: unknown): Float64Array[] {
  if (value instanceof Float64Array) return [value];
  return typeof value === 'object' && value !== null && !ArrayBuffer.isView(value)
    ? Object.values(value).flatMap(predictionArrays)
    : [];
}

/** Rebuilds every `{rows, cols, data}` in a small tree of plain objects and arrays. */
export function reviveMatrices<Tree>(cloned: Tree): Tree {
  return revive(cloned) as Tree;
}

function revive(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(revive);
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
  if ('rows' in value && 'cols' in value && 'data' in value) return reviveMatrix(value as ClonedMatrix);
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, revive(member)]));
}
