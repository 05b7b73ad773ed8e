import { type DecimalModule, decimalModule, LAYOUT } from './decimal-module.js';

/**
 * As many numbers as one call writes: as text they take 32 bytes each at most. A third of a millisecond's work, which is how long
 * other requests wait while an answer is written; more at once is not faster.
 */
export const MOST_VALUES = 2048;

/** How the elements of a JSON array are nested in it. */
export interface Nesting {
  /** So many elements are an array of their own; 0 where they are not. */
  readonly inner: number;
  /** So many elements are an array of those arrays; 0 where they are not. */
  readonly outer: number;
}

/**
 * Elements [start, end) of a JSON array, as ASCII: without the array's own brackets, but with the comma that parts them
 * from the elements before. Each number is written as JavaScript's `String` writes it. At most MOST_VALUES; undefined
 * where one is not finite.
 */
export function writeJsonValues(
  values: Float64Array,
  start: number,
  end: number,
  { inner, outer }: Nesting,
): Uint8Array<ArrayBuffer> | undefined {
  const { exports } = load(values.subarray(start, end));
  return written(exports.writeJsonValues(LAYOUT.input, start, end - start, inner, outer, LAYOUT.output));
}

/**
 * Elements `start` and on of a row-major table of `cols` columns as CSV: a comma after each, a line break after the last
 * of a row. At most MOST_VALUES; undefined where one is not finite.
 */
export function writeCsvValues(
  values: Float64Array,
  start: number,
  cols: number,
): Uint8Array<ArrayBuffer> | undefined {
  const { exports } = load(values);
  return written(exports.writeCsvValues(LAYOUT.input, start, values.length, cols, LAYOUT.output));
}

function load(values: Float64Array): DecimalModule {
  const module = decimalModule();
  module.doubles.set(values, LAYOUT.input / 8);
  return module;
}

function written(end: number): Uint8Array<ArrayBuffer> | undefined {
  return end === 0 ? undefined : decimalModule().bytes.slice(LAYOUT.output, end);
}
