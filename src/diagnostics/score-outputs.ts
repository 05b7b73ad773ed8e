import { scorePredictions, standardisedResiduals } from '../numeric/diagnostics/scores.js';
import type { Matrix } from '../numeric/linalg/matrix.js';
import type { OutputScores, Residual } from './diagnostics.dto.js';

/** Predictions of rows whose outputs are known: N x p each, in the outputs' own units. */
export interface Scorable {
  readonly observed: Matrix;
  readonly mean: Matrix;
  /** Of the observed outputs. */
  readonly variance?: Matrix;
  /** Where an input picks one of several outputs: N values, by which the rows are scored apart. */
  readonly index?: { readonly name: string; readonly values: Float64Array };
}

/** A named output's rows, and what was found of them. */
export interface ScoredOutput {
  /** Of the model: `output` of the scores adds the index, where there is one. */
  readonly name: string;
  readonly scores: OutputScores;
  /** Rows of the data, counted from 0, and their standardised residuals, where there is a variance. */
  readonly rows: Uint32Array;
  readonly standardised?: Float64Array;
}

/** Scores each output, and lists its `listed` largest residuals. */
export function scoreOutputs(data: Scorable, names: readonly string[], listed: number): ScoredOutput[] {
  return names.flatMap((name, output) =>
    groupsOf(data).map(({ label, rows }) => {
      const pick = (matrix: Matrix): Float64Array =>
        Float64Array.from(rows, (row) => matrix.data[row * matrix.cols + output]);
      const observed = pick(data.observed);
      const mean = pick(data.mean);
      const variance = data.variance && pick(data.variance);
      const { predictive, ...errors } = scorePredictions(observed, mean, variance);
      const standardised = variance && standardisedResiduals(observed, mean, variance);
      const scores = {
        output: `${name}${label}`,
        ...errors,
        ...predictive,
        largestResiduals: largest(rows, observed, mean, standardised, listed),
      };
      return { name, scores, rows, ...(standardised && { standardised }) };
    }),
  );
}

function groupsOf({ observed, index }: Scorable): { label: string; rows: Uint32Array }[] {
  if (!index) return [{ label: '', rows: Uint32Array.from({ length: observed.rows }, (_, row) => row) }];
  const values = [...new Set(index.values)].sort((a, b) => a - b);
  return values.map((value) => ({
    label: ` (${index.name} = ${value})`,
    rows: Uint32Array.from([...index.values.keys()].filter((row) => index.values[row] === value)),
  }));
}

function largest(
  rows: Uint32Array,
  observed: Float64Array,
  mean: Float64Array,
  standardised: Float64Array | undefined,
  listed: number,
): Residual[] {
  const size = standardised?.map(Math.abs) ?? observed.map((value, i) => Math.abs(value - mean[i]));
  const order = Uint32Array.from(rows.keys()).sort((a, b) =>
    size[a] === size[b] ? a - b : size[b] - size[a],
  );
  return Array.from(order.subarray(0, listed), (i) => ({
    row: rows[i],
    observed: observed[i],
    predicted: mean[i],
    ...(standardised && { standardised: Number.isFinite(standardised[i]) ? standardised[i] : null }),
  }));
}
