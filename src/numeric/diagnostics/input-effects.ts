import type { GaussianProcess } from '../gp/gaussian-process.js';
import { Matrix } from '../linalg/matrix.js';

/** Points that an input is moved at, and values that it takes there. */
const POINTS = 64;
const VALUES = 5;

/**
 * How much the mean changes along each of the inputs `dims`: the root mean square, over some of the points X (n x d, in
 * the inputs' own units), of the deviation of the mean while the input runs over its range in X and the others stay,
 * relative to the deviation of the mean over those points. One row an input of `dims`, one number an output: about 0 for
 * an input that does nothing. NaN where the mean is the same everywhere. Its square estimates a total Sobol' index, as
 * far as the inputs are independent: Saltelli et al. (2008), Global Sensitivity Analysis, section 4.5.
 */
export function inputEffects(gp: GaussianProcess, X: Matrix, dims: readonly number[]): Matrix {
  const points = evenlySpacedRows(X, POINTS);
  const effects = Matrix.zeros(dims.length, gp.outputDim);
  const overall = gp.predict(points).mean;
  const total = Array.from({ length: gp.outputDim }, (_, o) => variance(overall.column(o)));
  dims.forEach((dim, row) => {
    const { mean } = gp.predict(movedAlong(points, dim, rangeOf(X.column(dim))));
    for (let o = 0; o < gp.outputDim; o += 1) {
      const values = mean.column(o);
      let sum = 0;
      for (let at = 0; at < values.length; at += VALUES) sum += variance(values.subarray(at, at + VALUES));
      effects.data[row * gp.outputDim + o] = Math.sqrt(sum / points.rows / total[o]);
    }
  });
  return effects;
}

/** Each point `VALUES` times, input `dim` evenly from `min` to `max`. */
function movedAlong(points: Matrix, dim: number, [min, max]: readonly [number, number]): Matrix {
  const moved = Matrix.zeros(points.rows * VALUES, points.cols);
  for (let i = 0; i < moved.rows; i += 1) {
    const row = moved.row(i);
    row.set(points.row(Math.floor(i / VALUES)));
    row[dim] = min + ((max - min) * (i % VALUES)) / (VALUES - 1);
  }
  return moved;
}

function evenlySpacedRows(X: Matrix, most: number): Matrix {
  const count = Math.min(most, X.rows);
  const rows = Array.from({ length: count }, (_, k) => X.row(Math.floor((k * X.rows) / count)));
  return Matrix.fromRows(rows);
}

function rangeOf(values: Float64Array): [number, number] {
  return [
    values.reduce((least, value) => Math.min(least, value), Infinity),
    values.reduce((greatest, value) => Math.max(greatest, value), -Infinity),
  ];
}

function variance(values: Float64Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
}
