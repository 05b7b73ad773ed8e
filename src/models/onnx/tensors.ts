import { memberPath } from '../../common/media/describe.js';
import { InputIssues } from '../../common/media/issue.js';
import { issue } from '../../common/media/value-issue.js';
import type { ClonedMatrix } from '../cloned.js';
import type { Variable } from '../model.js';
import type { TensorColumns } from './graph-signature.js';
import type { ElementType, OnnxRuntime, OnnxTensor, TensorData } from './onnx-runtime.js';

/** The numbers that an element type can hold. */
const RANGES: Readonly<Record<Exclude<ElementType, 'float32' | 'float64'>, readonly [number, number]>> = {
  bool: [0, 1],
  int8: [-(2 ** 7), 2 ** 7 - 1],
  int16: [-(2 ** 15), 2 ** 15 - 1],
  int32: [-(2 ** 31), 2 ** 31 - 1],
  // Beyond 2^53 a double does not tell whole numbers apart.
  int64: [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
  uint8: [0, 2 ** 8 - 1],
  uint16: [0, 2 ** 16 - 1],
  uint32: [0, 2 ** 32 - 1],
  uint64: [0, Number.MAX_SAFE_INTEGER],
};

const ARRAYS: Readonly<Record<ElementType, new (length: number) => TensorData>> = {
  float32: Float32Array,
  float64: Float64Array,
  bool: Uint8Array,
  int8: Int8Array,
  int16: Int16Array,
  int32: Int32Array,
  int64: BigInt64Array,
  uint8: Uint8Array,
  uint16: Uint16Array,
  uint32: Uint32Array,
  uint64: BigUint64Array,
};

/** Throws InvalidInputError for each value of `X` that its tensor's element type cannot hold. */
export function requireFitting(
  X: ClonedMatrix,
  tensors: readonly TensorColumns[],
  inputs: readonly Variable[],
): void {
  const issues = new InputIssues();
  let column = 0;
  for (const { type, columns } of tensors) {
    for (const end = column + columns; column < end; column++) {
      if (type === 'float64') continue;
      for (let row = 0; row < X.rows; row++) {
        const value = X.data[row * X.cols + column];
        if (fits(value, type)) continue;
        const path = memberPath(X.rows === 1 ? '' : `[${row}]`, inputs[column].name);
        issues.add(() => issue(path, String(value), expectation(type), `the graph takes it as ${type}`));
      }
    }
  }
  issues.throwIfAny();
}

function fits(value: number, type: Exclude<ElementType, 'float64'>): boolean {
  if (type === 'float32') return Number.isFinite(Math.fround(value));
  const [least, most] = RANGES[type];
  return Number.isInteger(value) && value >= least && value <= most;
}

function expectation(type: Exclude<ElementType, 'float64'>): string {
  if (type === 'float32') return 'a number between -3.4e38 and 3.4e38';
  const [least, most] = RANGES[type];
  return `a whole number from ${least} to ${most}`;
}

/** Rows [start, start + count) of `X` as the graph's tensors; rows past the last one repeat it. */
export function toTensors(
  { Tensor }: OnnxRuntime,
  tensors: readonly TensorColumns[],
  X: ClonedMatrix,
  start: number,
  count: number,
): Record<string, OnnxTensor> {
  const feeds: Record<string, OnnxTensor> = {};
  let first = 0;
  for (const { name, type, columns, flat } of tensors) {
    const data = new ARRAYS[type](count * columns);
    const whole = data instanceof BigInt64Array || data instanceof BigUint64Array;
    for (let i = 0, at = 0; i < count; i++) {
      const from = Math.min(start + i, X.rows - 1) * X.cols + first;
      for (let k = 0; k < columns; k++, at++) {
        const value = X.data[from + k];
        if (whole) data[at] = BigInt(value);
        else data[at] = value;
      }
    }
    feeds[name] = new Tensor(type, data, flat ? [count] : [count, columns]);
    first += columns;
  }
  return feeds;
}

/** Copies the first `count` rows of the graph's outputs into rows [start, start + count) of `table`. */
export function fromTensors(
  tensors: readonly TensorColumns[],
  results: Readonly<Record<string, OnnxTensor>>,
  table: ClonedMatrix,
  start: number,
  count: number,
): void {
  let first = 0;
  for (const { name, columns } of tensors) {
    const { data } = results[name];
    for (let i = 0, at = 0; i < count; i++) {
      const to = (start + i) * table.cols + first;
      for (let k = 0; k < columns; k++, at++) table.data[to + k] = Number(data[at]);
    }
    first += columns;
  }
}
