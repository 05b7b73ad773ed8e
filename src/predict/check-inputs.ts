import { memberPath } from '../common/media/describe.js';
import { InputIssues } from '../common/media/issue.js';
import { issue } from '../common/media/value-issue.js';
import type { Variable } from '../models/model.js';
import type { Matrix } from '../numeric/linalg/matrix.js';

/** Throws InvalidInputError: see `listIndexIssues`. */
export function requireIndices(inputs: readonly Variable[], X: Matrix): void {
  const issues = new InputIssues();
  listIndexIssues(inputs, X, issues);
  issues.throwIfAny();
}

/**
 * Adds an issue for each value of an input of kind `index` that picks none of the model's outputs. `first`: number of the
 * first of these rows in the request.
 */
export function listIndexIssues(
  inputs: readonly Variable[],
  X: Matrix,
  issues: InputIssues,
  first = 0,
): void {
  inputs.forEach(({ name, kind, lower = 0, upper = Infinity }, column) => {
    if (kind !== 'index') return;
    for (let row = 0; row < X.rows; row++) {
      const value = X.get(row, column);
      if (Number.isInteger(value) && value >= lower && value <= upper) continue;
      const path = memberPath(rowPath(X, row, first), name);
      issues.add(() =>
        issue(path, String(value), `a whole number from ${lower} to ${upper}`, 'it picks one of the outputs'),
      );
    }
  });
}

/** How an issue names a row, whatever form it came in: not at all where it is the only one. */
export function rowPath(X: Matrix, row: number, first: number): string {
  return first === 0 && X.rows === 1 ? '' : `[${first + row}]`;
}
