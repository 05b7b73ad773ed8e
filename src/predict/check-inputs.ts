import { memberPath } from '../common/media/describe.js';
import { InputIssues } from '../common/media/issue.js';
import { issue } from '../common/media/value-issue.js';
import type { Variable } from '../models/model.js';
import type { Matrix } from '../numeric/linalg/matrix.js';

/**
 * Throws InvalidInputError for each value of an input of kind `index` that picks none of the model's outputs. Paths are
 * `x2` for a single row and `[3].x2` among several, whatever form the rows came in.
 */
export function requireIndices(inputs: readonly Variable[], X: Matrix): void {
  const issues = new InputIssues();
  inputs.forEach(({ name, kind, lower = 0, upper = Infinity }, column) => {
    if (kind !== 'index') return;
    for (let row = 0; row < X.rows; row++) {
      const value = X.get(row, column);
      if (Number.isInteger(value) && value >= lower && value <= upper) continue;
      const path = memberPath(X.rows === 1 ? '' : `[${row}]`, name);
      issues.add(() =>
        issue(path, String(value), `a whole number from ${lower} to ${upper}`, 'it picks one of the outputs'),
      );
    }
  });
  issues.throwIfAny();
}
