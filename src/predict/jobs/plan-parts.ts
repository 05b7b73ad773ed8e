import type { PredictionCost } from '../predict.service.js';
import type { PredictPlan } from './predict-job.js';

/** Work of a part: long against handing it over, short against doing it again. */
const PART_SECONDS = 3;
/** Numbers of a part, inputs and answers: 16 MiB. */
const PART_VALUES = 2 ** 21;
/** Where nobody knows how long a row takes: no fewer rows, and no more parts. */
const UNKNOWN_ROWS = 16;
const UNKNOWN_PARTS = 1000;

/**
 * Cuts rows into parts of a few seconds and a few MiB each, at places where cutting changes no bit of the answer.
 * `inputs`: d; `mostValues`: that one answer may hold.
 */
export function planParts(
  rows: number,
  inputs: number,
  { seconds, valuesPerRow, rowsTogether }: PredictionCost,
  mostValues: number,
): Pick<PredictPlan, 'rows' | 'rowsPerPart' | 'parts'> {
  // Half of what is allowed, since the last part may be longer.
  const byMemory = Math.min(PART_VALUES / (valuesPerRow + inputs), mostValues / 2 / valuesPerRow);
  const byTime =
    seconds === undefined
      ? Math.max(UNKNOWN_ROWS, Math.ceil(rows / UNKNOWN_PARTS))
      : (PART_SECONDS * rows) / seconds;
  const wanted = Math.floor(Math.min(byMemory, byTime) / rowsTogether) * rowsTogether;
  const rowsPerPart = Math.min(rows, Math.max(rowsTogether, wanted));
  const rest = rows % rowsPerPart;
  const parts = Math.floor(rows / rowsPerPart) + (rest >= rowsTogether ? 1 : 0);
  return { rows, rowsPerPart, parts };
}
