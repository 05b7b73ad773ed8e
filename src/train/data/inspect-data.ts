import { count, quote } from '../../common/media/describe.js';
import { type InputIssue, InvalidInputError } from '../../common/media/issue.js';
import type { TrainingData } from '../../models/trainer.js';
import type { Matrix } from '../../numeric/linalg/matrix.js';

/** A column whose part that no other explains is smaller than this, of its deviation, follows from the others. */
const COLLINEAR = 1e-7;
const LISTED = 5;

/** Throws InvalidInputError for data that no model can learn from. */
export function requireLearnable({ X, Y, outputs }: TrainingData): void {
  const issues: InputIssue[] = [];
  if (X.rows < 2) {
    issues.push(refuse('(body)', count(X.rows, 'row'), 'at least 2 rows to learn from'));
  } else {
    outputs.forEach((name, o) => {
      const column = Y.column(o);
      if (column.some((value) => value !== column[0])) return;
      issues.push(refuse(quote(name), `${column[0]} in every row`, 'an output that varies'));
    });
  }
  if (issues.length > 0) throw new InvalidInputError(issues);
}

/** What is odd about the data, in plain words: they can be learned from nevertheless. */
export function dataWarnings({ X, inputs }: TrainingData): string[] {
  const warnings: string[] = [];
  const repeated = repeatedRows(X);
  if (repeated.length > 0) {
    const shown = repeated.slice(0, LISTED).map(([row, before]) => `${row + 1} (as ${before + 1})`);
    const more = repeated.length > LISTED ? ', ...' : '';
    warnings.push(
      `${count(repeated.length, 'row')} ${repeated.length === 1 ? 'repeats' : 'repeat'} the inputs of an earlier one: ${shown.join(', ')}${more}.`,
    );
  }
  const { constant, collinear } = dependentColumns(X);
  for (const q of constant) {
    warnings.push(`${inputs[q]} is ${X.get(0, q)} in every row: the model cannot know what it does.`);
  }
  for (const q of collinear) {
    warnings.push(
      `${inputs[q]} is a linear combination of the inputs before it: what each of them does cannot be told apart.`,
    );
  }
  return warnings;
}

/** Pairs of rows with the same inputs: a row, and the first one that it repeats. */
function repeatedRows(X: Matrix): [row: number, before: number][] {
  const seen = new Map<string, number>();
  const repeated: [number, number][] = [];
  for (let i = 0; i < X.rows; i++) {
    const key = X.row(i).join();
    const before = seen.get(key);
    if (before === undefined) seen.set(key, i);
    else repeated.push([i, before]);
  }
  return repeated;
}

/** By Gram-Schmidt (twice, for its rounding) on the standardised columns. */
function dependentColumns(X: Matrix): { constant: number[]; collinear: number[] } {
  const basis: Float64Array[] = [];
  const constant: number[] = [];
  const collinear: number[] = [];
  for (let q = 0; q < X.cols; q++) {
    const column = X.column(q);
    if (column.every((value) => value === column[0])) {
      constant.push(q);
      continue;
    }
    const mean = column.reduce((sum, value) => sum + value, 0) / X.rows;
    const centred = scaled(column.map((value) => value - mean));
    // So few rows leave nothing for further columns to add.
    if (basis.length >= X.rows - 1) continue;
    let rest = centred;
    for (const direction of [...basis, ...basis]) {
      const along = dot(rest, direction);
      rest = rest.map((value, i) => value - along * direction[i]);
    }
    if (Math.sqrt(dot(rest, rest)) < COLLINEAR) collinear.push(q);
    else basis.push(scaled(rest));
  }
  return { constant, collinear };
}

function scaled(column: Float64Array): Float64Array {
  const norm = Math.sqrt(dot(column, column)) || 1;
  return column.map((value) => value / norm);
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

function refuse(path: string, received: string, expected: string): InputIssue {
  return {
    path,
    received,
    expected,
    message: `${path === '(body)' ? 'The data' : `The output ${path}`} ${path === '(body)' ? 'have' : 'is'} ${received}: expected ${expected}.`,
  };
}
