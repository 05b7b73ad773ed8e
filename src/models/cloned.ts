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
export function revivePrediction(cloned: Prediction): Prediction {
  return reviveMatrices(cloned) as Prediction;
}

/** The buffers that a prediction owns, to be handed over instead of copied. */
export function predictionBuffers(prediction: Partial<Prediction>): ArrayBuffer[] {
  const buffers = new Set<ArrayBuffer>();
  visitArrays(prediction, ({ buffer }) => {
    if (buffer instanceof ArrayBuffer) buffers.add(buffer);
  });
  return [...buffers];
}

/** Rebuilds every `{rows, cols, data}` in a small tree of plain objects and arrays. */
function reviveMatrices(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reviveMatrices);
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
  if ('rows' in value && 'cols' in value && 'data' in value) return reviveMatrix(value as ClonedMatrix);
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, reviveMatrices(member)]));
}

function visitArrays(value: unknown, visit: (array: Float64Array) => void): void {
  if (value instanceof Float64Array) visit(value);
  else if (typeof value === 'object' && value !== null)
    Object.values(value).forEach((member) => visitArrays(member, visit));
}
