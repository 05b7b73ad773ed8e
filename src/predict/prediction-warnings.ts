import type { Prediction } from '../models/prediction.js';

/** What a user should know about rows of an answer that are right as far as they go. */
export interface PredictionWarning {
  readonly code: string;
  /** Counted from 0. */
  readonly rows: readonly number[];
  readonly message: string;
}

const AT_ROUNDING =
  'The data determine these rows so closely that rounding decides their variance: more than a tenth of it may be wrong.';

/** Rows that a header names at most, so that it stays short. */
export const ROWS_IN_HEADER = 50;

export function predictionWarnings({ varianceAtRounding: rows }: Prediction): PredictionWarning[] {
  return rows ? [varianceAtRounding([...rows])] : [];
}

export function varianceAtRounding(rows: readonly number[]): PredictionWarning {
  return { code: 'VARIANCE_AT_ROUNDING', rows, message: AT_ROUNDING };
}

/**
 * `CODE; count=2; rows="0 7"`, with the first 50 rows: for answers that have no other place for it. `count`: of the rows,
 * where only the first of them are given.
 */
export function warningHeader({ code, rows }: PredictionWarning, count = rows.length): string {
  return `${code}; count=${count}; rows="${rows.slice(0, ROWS_IN_HEADER).join(' ')}"`;
}
