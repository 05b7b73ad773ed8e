import { count, describe, listNames, memberPath, OverflowingNumber } from '../../common/media/describe.js';
import { InputIssues, InvalidInputError } from '../../common/media/issue.js';
import { parseJsonText } from '../../common/media/json-text.js';
import { decodeUtf8 } from '../../common/media/text-body.js';
import { issue, missingInput, notANumber } from '../../common/media/value-issue.js';
import { Matrix } from '../../numeric/linalg/matrix.js';
import { pairUp } from './array-data.js';
import type { DataTable } from './table.js';

type Members = Readonly<Record<string, unknown>>;

/** Inputs and outputs apart, with the names that rows of objects have. */
interface JsonPair {
  readonly X: Matrix;
  readonly Y: Matrix;
  readonly inputNames?: readonly string[];
  readonly outputNames?: readonly string[];
}

export interface JsonData {
  /** One of the two. */
  readonly table?: DataTable;
  readonly pair?: JsonPair;
  /** The members beside the data. */
  readonly settings: Members;
}

const EXAMPLE = 'such as {"inputs": [[0.1, 2], [0.4, 3]], "outputs": [1.5, 1.7]}';

/**
 * A JSON document of training data and settings, in one of three shapes:
 *
 *     {"inputs": [[0.1, 2], ...], "outputs": [1.5, ...], ...}     rows of numbers, or of objects {"x1": 0.1, ...}
 *     {"data": [{"x1": 0.1, "x2": 2, "y": 1.5}, ...], ...}        inputs and outputs together
 *     [{"x1": 0.1, "x2": 2, "y": 1.5}, ...]                       the same, without settings
 *
 * Throws MalformedBodyError where it is no JSON or repeats a key, and InvalidInputError with every wrong value.
 */
export function readJsonData(body: Buffer): JsonData {
  const text = decodeUtf8(body, 'JSON');
  const overflowing = (source: string): OverflowingNumber => new OverflowingNumber(source);
  const document = text.trim() === '' ? undefined : parseJsonText(text, { overflowing, uniqueKeys: true });
  if (Array.isArray(document)) return { table: tableOf(document, ''), settings: {} };
  if (!isObject(document)) {
    throw new InvalidInputError([
      issue('(body)', describe(document), 'an object with inputs and outputs', EXAMPLE),
    ]);
  }
  const { inputs, outputs, data, ...settings } = document;
  if (data !== undefined && inputs === undefined && outputs === undefined) {
    if (Array.isArray(data)) return { table: tableOf(data, 'data'), settings };
    throw new InvalidInputError([issue('data', describe(data), 'an array of rows')]);
  }
  if (data !== undefined) {
    throw new InvalidInputError([
      issue('data', 'data beside inputs or outputs', 'either `data`, or `inputs` and `outputs`'),
    ]);
  }
  return { pair: pairOf(inputs, outputs), settings };
}

function pairOf(inputs: unknown, outputs: unknown): JsonPair {
  const issues = new InputIssues();
  const x = rowsOf(inputs, 'inputs', false, issues);
  const y = rowsOf(outputs, 'outputs', true, issues);
  issues.throwIfAny();
  const { X, Y } = pairUp(x.values, y.values, 'inputs', 'outputs');
  return { X, Y, ...(x.names && { inputNames: x.names }), ...(y.names && { outputNames: y.names }) };
}

function tableOf(rows: readonly unknown[], path: string): DataTable {
  const issues = new InputIssues();
  const { values, names } = rowsOf(rows, path, false, issues);
  issues.throwIfAny();
  const columns = names ?? Array.from({ length: values.cols }, (_, column) => `column ${column + 1}`);
  return { columns, named: names !== undefined, values };
}

/** The first row says how wide all are, and, if it is an object, what its columns are called. */
function rowsOf(
  rows: unknown,
  path: string,
  takesNumbers: boolean,
  issues: InputIssues,
): { values: Matrix; names?: readonly string[] } {
  const where = path === '' ? '(body)' : path;
  const none = { values: Matrix.zeros(0, 0) };
  if (!Array.isArray(rows) || rows.length === 0) {
    issues.add(() => issue(where, describe(rows), 'an array of at least one row', EXAMPLE));
    return none;
  }
  const first: unknown = rows[0];
  const names = isObject(first) ? Object.keys(first) : undefined;
  const width = Array.isArray(first) ? first.length : (names?.length ?? (takesNumbers ? 1 : 0));
  if (width === 0) {
    const expected = names || Array.isArray(first) ? 'a row of at least one number' : 'an array of numbers';
    issues.add(() => issue(`${path}[0]`, describe(first), expected, EXAMPLE));
    return none;
  }
  const values = Matrix.zeros(rows.length, width);
  rows.forEach((row: unknown, i) => {
    const into = values.row(i);
    const place = `${path}[${i}]`;
    if (names) fillByName(row, names, into, place, issues);
    else if (Array.isArray(first)) fillInOrder(row, into, place, issues);
    else fill(row, into, 0, place, issues);
  });
  return { values, ...(names && { names }) };
}

function fillInOrder(row: unknown, into: Float64Array, place: string, issues: InputIssues): void {
  if (!Array.isArray(row) || row.length !== into.length) {
    issues.add(() =>
      issue(place, describe(row), `an array of ${count(into.length, 'number')}, as the first row is`),
    );
    return;
  }
  row.forEach((value: unknown, column) => fill(value, into, column, `${place}[${column}]`, issues));
}

function fillByName(
  row: unknown,
  names: readonly string[],
  into: Float64Array,
  place: string,
  issues: InputIssues,
): void {
  if (!isObject(row)) {
    issues.add(() => issue(place, describe(row), `an object with ${listNames(names)}, as the first row is`));
    return;
  }
  names.forEach((name, column) => {
    if (Object.hasOwn(row, name)) fill(row[name], into, column, memberPath(place, name), issues);
    else issues.add(() => missingInput(memberPath(place, name)));
  });
  for (const name of Object.keys(row)) {
    if (names.includes(name)) continue;
    issues.add(() =>
      issue(memberPath(place, name), describe(row[name]), `only ${listNames(names)}, as in the first row`),
    );
  }
}

function fill(value: unknown, into: Float64Array, column: number, place: string, issues: InputIssues): void {
  if (typeof value === 'number' && Number.isFinite(value)) into[column] = value;
  else issues.add(() => notANumber(place, value));
}

function isObject(value: unknown): value is Members {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof OverflowingNumber)
  );
}
