import { NumericInputError } from '../errors.js';
import type { Matrix } from '../linalg/matrix.js';

/** How far the data reach: what bounds and starting points are made of. */
export class DataScales {
  /** Largest minus smallest value of each input. */
  readonly ranges: Float64Array;
  /** The smallest distance between different values of each input; 0 where there is one value only. */
  readonly gaps: Float64Array;
  /** Mean of the squares of each input. */
  readonly squares: Float64Array;
  /** Mean of the squares of the outputs; 1 where they are all 0. */
  readonly outputSquare: number;
  readonly outputsVanish: boolean;

  /** Throws NumericInputError for no points, shapes that differ, or a value that is not finite. */
  constructor(
    readonly X: Matrix,
    Y: Matrix,
  ) {
    if (X.rows === 0 || X.cols === 0 || Y.cols === 0) {
      throw new NumericInputError(
        `Training needs points, inputs and outputs, got ${X.rows}, ${X.cols} and ${Y.cols} of them.`,
      );
    }
    if (X.rows !== Y.rows) {
      throw new NumericInputError(
        `There are ${X.rows} rows of inputs and ${Y.rows} of outputs: expected as many.`,
      );
    }
    checkFinite('input', X);
    checkFinite('output', Y);
    const columns = Array.from({ length: X.cols }, (_, q) => X.column(q).sort());
    this.ranges = Float64Array.from(columns, (column) => column[column.length - 1] - column[0]);
    this.gaps = Float64Array.from(columns, smallestGap);
    this.squares = Float64Array.from(columns, meanSquare);
    const square = meanSquare(Y.data);
    this.outputsVanish = square === 0;
    this.outputSquare = square === 0 ? 1 : square;
  }
}

function meanSquare(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value * value, 0) / values.length;
}

function smallestGap(sorted: Float64Array): number {
  let gap = Infinity;
  for (let i = 1; i < sorted.length; i += 1) {
    const distance = sorted[i] - sorted[i - 1];
    if (distance > 0) gap = Math.min(gap, distance);
  }
  return gap === Infinity ? 0 : gap;
}

function checkFinite(what: string, matrix: Matrix): void {
  const k = matrix.data.findIndex((value) => !Number.isFinite(value));
  if (k < 0) return;
  const row = Math.floor(k / matrix.cols);
  throw new NumericInputError(
    `Row ${row}, ${what} ${k % matrix.cols} is ${matrix.data[k]}: training needs finite numbers.`,
  );
}
