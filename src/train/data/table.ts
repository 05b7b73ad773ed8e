import { closestName } from '../../common/media/closest-name.js';
import { count, listNames, memberPath, quote } from '../../common/media/describe.js';
import { type InputIssue, InputIssues, InvalidInputError } from '../../common/media/issue.js';
import type { TrainingData } from '../../models/trainer.js';
import { Matrix } from '../../numeric/linalg/matrix.js';

/** Columns of numbers as a file holds them. */
export interface DataTable {
  readonly columns: readonly string[];
  /** Whether the file itself names them. */
  readonly named: boolean;
  /** One row a data point. */
  readonly values: Matrix;
}

/** Which columns are what, and what they are called, as far as a request says. */
export interface Naming {
  /** Columns of a file with names that are outputs. */
  readonly target?: readonly string[];
  readonly inputNames?: readonly string[];
  readonly outputNames?: readonly string[];
}

const LONGEST_NAME = 200;

/**
 * Parts a table into inputs and outputs. The outputs are the columns `target`, or as many of the last columns as
 * `outputNames` has, or the last; the inputs are those that `inputNames` lists, or all others.
 * Throws InvalidInputError.
 */
export function splitTable(table: DataTable, naming: Naming): TrainingData {
  const { columns, named, values } = table;
  requireNames(columns, 'column');
  if (!named && naming.target) {
    throw one('target', 'a name', 'no `target` for data without names', 'its last column is the output');
  }
  const { outputNames: wanted } = naming;
  const isColumns = named && wanted?.every((name) => columns.includes(name)) === true;
  const chosen = naming.target ?? (isColumns ? wanted : undefined);
  const outputs = chosen
    ? places('target', chosen, columns)
    : lastColumns(columns.length, wanted?.length ?? 1);
  const others = columns.flatMap((_, column) => (outputs.includes(column) ? [] : [column]));
  const inputs = named && naming.inputNames ? places('inputNames', naming.inputNames, columns) : others;
  const twice = inputs.find((column) => outputs.includes(column));
  if (twice !== undefined) throw one('inputNames', quote(columns[twice]), 'columns that are no output');
  if (inputs.length === 0) {
    throw one('(body)', count(columns.length, 'column'), 'at least one input column beside the output');
  }
  const namesOf = (picked: readonly number[]): string[] => picked.map((column) => columns[column]);
  const inputNames = named ? namesOf(inputs) : naming.inputNames;
  const outputNames = chosen || (named && !naming.outputNames) ? namesOf(outputs) : naming.outputNames;
  return nameData(
    { X: pick(values, inputs), Y: pick(values, outputs) },
    { ...(inputNames && { inputNames }), ...(outputNames && { outputNames }) },
  );
}

/** Inputs and outputs that come apart, with their names: x1, x2, ... and y where none are given. Throws InvalidInputError. */
export function nameData(
  { X, Y }: { readonly X: Matrix; readonly Y: Matrix },
  { inputNames, outputNames }: Naming,
): TrainingData {
  const inputs = inputNames ?? Array.from({ length: X.cols }, (_, q) => `x${q + 1}`);
  const outputs = outputNames ?? Array.from({ length: Y.cols }, (_, o) => (Y.cols === 1 ? 'y' : `y${o + 1}`));
  requireCount('inputNames', inputs, X.cols, 'input');
  requireCount('outputNames', outputs, Y.cols, 'output');
  requireNames([...inputs, ...outputs], 'input or output');
  return { X, Y, inputs, outputs };
}

function requireCount(path: string, names: readonly string[], expected: number, what: string): void {
  if (names.length === expected) return;
  throw one(path, count(names.length, 'name'), `one for each of the ${count(expected, what)} of the data`);
}

function requireNames(names: readonly string[], what: string): void {
  const issues = new InputIssues();
  const seen = new Set<string>();
  names.forEach((name, i) => {
    const path = name === '' ? `column ${i + 1}` : memberPath('', name.slice(0, LONGEST_NAME));
    if (name === '') {
      issues.add(() => ({
        path,
        received: 'no name',
        expected: 'a name',
        message: `${path} has no name: name it, or leave it out (pandas: to_csv(..., index=False)).`,
      }));
    } else if (name.length > LONGEST_NAME) {
      issues.add(() => plain(path, `a name of ${name.length} characters`, `at most ${LONGEST_NAME}`));
    } else if (/\p{Cc}/u.test(name) || name.trim() !== name) {
      issues.add(() =>
        plain(path, 'a name with control characters, or blanks around it', 'a name without them'),
      );
    } else if (seen.has(name)) {
      issues.add(() => plain(path, `a second ${what} of this name`, 'one name for each'));
    }
    seen.add(name);
  });
  issues.throwIfAny();
}

function places(path: string, names: readonly string[], columns: readonly string[]): number[] {
  const issues = new InputIssues();
  const found = names.map((name, i) => {
    const column = columns.indexOf(name);
    if (column < 0) {
      const near = closestName(name, columns);
      issues.add(() =>
        plain(
          path,
          quote(name),
          `columns of the data (${listNames(columns)})`,
          near && `did you mean ${quote(near)}?`,
        ),
      );
    } else if (names.indexOf(name) !== i) {
      issues.add(() => plain(path, `${quote(name)} twice`, 'each column once'));
    }
    return column;
  });
  issues.throwIfAny();
  return found;
}

function lastColumns(columns: number, outputs: number): number[] {
  const first = Math.max(0, columns - outputs);
  return Array.from({ length: columns - first }, (_, k) => first + k);
}

function pick(values: Matrix, columns: readonly number[]): Matrix {
  const picked = Matrix.zeros(values.rows, columns.length);
  for (let i = 0, k = 0; i < values.rows; i++) {
    for (const column of columns) picked.data[k++] = values.data[i * values.cols + column];
  }
  return picked;
}

function one(path: string, received: string, expected: string, advice?: string): InvalidInputError {
  return new InvalidInputError([plain(path, received, expected, advice)]);
}

function plain(path: string, received: string, expected: string, advice?: string): InputIssue {
  const end = advice === undefined ? '.' : advice.endsWith('?') ? `: ${advice}` : `: ${advice}.`;
  return { path, received, expected, message: `${path} is ${received}, expected ${expected}${end}` };
}
