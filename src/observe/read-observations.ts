import { readCsvRows } from '../common/media/csv-rows.js';
import { count, describe, listNames, memberPath, OverflowingNumber } from '../common/media/describe.js';
import { detectBody } from '../common/media/detect.js';
import { InputIssues, InvalidInputError } from '../common/media/issue.js';
import { readJsonRows } from '../common/media/json-rows.js';
import { parseJsonText } from '../common/media/json-text.js';
import { decodeUtf8 } from '../common/media/text-body.js';
import { issue, missingInput, notANumber, unknownInput } from '../common/media/value-issue.js';
import { Matrix } from '../numeric/linalg/matrix.js';
import { UnsupportedMediaTypeError } from '../predict/predict-errors.js';
import type { Observations } from './observations.js';

/** Names of a model's columns. */
export interface Columns {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

type Json = Readonly<Record<string, unknown>>;

const TYPES = ['application/json', 'text/csv'];
const SETTINGS = ['baseVersion', 'alias'] as const;
type Settings = { -readonly [K in (typeof SETTINGS)[number]]?: string };

/**
 * Reads the body of an observe request. Three forms:
 *
 *     {"inputs": [[0.1, 2], ...], "outputs": [0.7, ...]}     in the model's order; rows of outputs where it has several
 *     [{"x1": 0.1, "x2": 2, "y": 0.7}, ...]                  by name, or one such row; also in CSV, with a header
 *     x1,x2,y ...                                            CSV without a header: inputs, then outputs
 *
 * `baseVersion` and `alias` are read from the query, or from beside "inputs".
 * Throws InvalidInputError with each wrong field, MalformedBodyError, UnsupportedMediaTypeError.
 */
export function readObservations(
  contentType: string | undefined,
  body: Buffer,
  query: Json,
  columns: Columns,
): Observations {
  const format = detectBody(contentType, body);
  if (format !== 'json' && format !== 'csv') {
    throw new UnsupportedMediaTypeError(contentType ?? 'of no type that is known', TYPES);
  }
  const issues = new InputIssues();
  const settings = readSettings(query, issues);
  const document = format === 'json' ? parse(body) : undefined;
  if (isEnvelope(document, columns)) {
    const observations = readEnvelope(document, columns, issues);
    issues.throwIfAny();
    return { ...observations, ...settings };
  }
  issues.throwIfAny();
  return { ...readNamedRows(format, body, columns), ...settings };
}

/** An input may itself be called "inputs": its value is a number then, never an array. */
function isEnvelope(document: unknown, { inputs, outputs }: Columns): document is Json {
  if (!isObject(document)) return false;
  return ['inputs', 'outputs'].some(
    (name) =>
      Object.hasOwn(document, name) &&
      (![...inputs, ...outputs].includes(name) || Array.isArray(document[name])),
  );
}

function readEnvelope(document: Json, columns: Columns, issues: InputIssues): Observations {
  const settings = readSettings(
    Object.fromEntries(Object.entries(document).filter(([name]) => name !== 'inputs' && name !== 'outputs')),
    issues,
  );
  const X = readTable('inputs', document.inputs, columns.inputs, issues);
  const Y = readTable('outputs', document.outputs, columns.outputs, issues);
  if (X && Y && X.rows !== Y.rows) {
    const expected = `${count(X.rows, 'row')}, one for each of inputs`;
    issues.add(() => issue('outputs', count(Y.rows, 'row'), expected));
  }
  const empty = Matrix.zeros(0, 0);
  return { X: X ?? empty, Y: Y ?? empty, ...settings };
}

/** Rows of numbers, or by name; a list of numbers is one column. Undefined where there are no rows to read. */
function readTable(
  path: string,
  value: unknown,
  names: readonly string[],
  issues: InputIssues,
): Matrix | undefined {
  if (!Array.isArray(value) || value.length === 0) {
    issues.add(() => issue(path, describe(value), `an array of rows of ${listNames(names)}`));
    return undefined;
  }
  const table = Matrix.zeros(value.length, names.length);
  value.forEach((row: unknown, i) => {
    const at = `${path}[${i}]`;
    const values = isObject(row) ? readNamed(at, row, names, issues) : Array.isArray(row) ? row : [row];
    if (!values) return;
    if (values.length !== names.length || (!isObject(row) && !Array.isArray(row) && names.length > 1)) {
      issues.add(() =>
        issue(at, describe(row), `an array of ${count(names.length, 'number')} (${listNames(names)})`),
      );
      return;
    }
    values.forEach((number: unknown, j) => {
      if (typeof number === 'number' && Number.isFinite(number)) table.data[i * names.length + j] = number;
      else issues.add(() => notANumber(place(at, row, names, j), number));
    });
  });
  return table;
}

/** The values in the order of the names. Undefined where a name is missing or unknown. */
function readNamed(
  path: string,
  row: Json,
  names: readonly string[],
  issues: InputIssues,
): unknown[] | undefined {
  const missing = names.filter((name) => !Object.hasOwn(row, name));
  const unknown = Object.keys(row).filter((name) => !names.includes(name));
  for (const name of missing) issues.add(() => missingInput(memberPath(path, name)));
  for (const name of unknown) {
    issues.add(() => unknownInput(memberPath(path, name), name, describe(row[name]), names));
  }
  return missing.length + unknown.length === 0 ? names.map((name) => row[name]) : undefined;
}

function place(path: string, row: unknown, names: readonly string[], column: number): string {
  if (Array.isArray(row)) return `${path}[${column}]`;
  return isObject(row) ? memberPath(path, names[column]) : path;
}

function readNamedRows(format: 'json' | 'csv', body: Buffer, { inputs, outputs }: Columns): Observations {
  const twice = inputs.find((name) => outputs.includes(name));
  if (twice !== undefined) {
    const message = `An input and an output of this model are both called ${twice}: send {"inputs": [...], "outputs": [...]}.`;
    const expected = 'inputs and outputs apart';
    throw new InvalidInputError([{ path: '(body)', received: 'rows of both', expected, message }]);
  }
  const names = [...inputs, ...outputs];
  const rows = format === 'csv' ? { X: readCsvRows(body, names) } : readJsonRows(body, names);
  if ('options' in rows) {
    const message = 'options is unknown here: baseVersion and alias go into the query.';
    throw new InvalidInputError([{ path: 'options', received: 'an object', expected: 'nothing', message }]);
  }
  const { X: all } = rows;
  return { X: columnsOf(all, 0, inputs.length), Y: columnsOf(all, inputs.length, names.length) };
}

function columnsOf(all: Matrix, start: number, end: number): Matrix {
  const part = Matrix.zeros(all.rows, end - start);
  for (let i = 0; i < all.rows; i++) part.row(i).set(all.row(i).subarray(start, end));
  return part;
}

/** Texts by their names; anything else is an issue. */
function readSettings(given: Json, issues: InputIssues): Settings {
  const settings: Settings = {};
  for (const [name, value] of Object.entries(given)) {
    const known = SETTINGS.find((setting) => setting === name);
    if (known === undefined) {
      issues.add(() => ({
        path: memberPath('', name),
        received: describe(value),
        expected: `only ${SETTINGS.join(', ')}`,
        message: `${memberPath('', name)} is unknown: beside the rows there may be ${SETTINGS.join(' and ')}.`,
      }));
    } else if (typeof value === 'string' && value !== '') settings[known] = value;
    else issues.add(() => issue(name, describe(value), 'a text'));
  }
  return settings;
}

function parse(body: Buffer): unknown {
  return parseJsonText(decodeUtf8(body, 'JSON'), {
    overflowing: (source) => new OverflowingNumber(source),
    uniqueKeys: true,
  });
}

function isObject(value: unknown): value is Json {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof OverflowingNumber)
  );
}
