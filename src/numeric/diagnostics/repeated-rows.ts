import type { Matrix } from '../linalg/matrix.js';

/** A row of X, and the first row that is equal to it. */
export interface RepeatedRow {
  readonly row: number;
  readonly of: number;
}

/** Rows of X that are equal to an earlier one, number by number. */
export function repeatedRows(X: Matrix): RepeatedRow[] {
  const first = new Map<string, number>();
  const repeated: RepeatedRow[] = [];
  for (let row = 0; row < X.rows; row += 1) {
    const key = X.row(row).join();
    const of = first.get(key);
    if (of === undefined) first.set(key, row);
    else repeated.push({ row, of });
  }
  return repeated;
}
