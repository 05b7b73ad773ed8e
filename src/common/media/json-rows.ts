import { Matrix } from '../../numeric/linalg/matrix.js';
import { count, describe, listNames, memberPath, OverflowingNumber, quote } from './describe.js';
import { InputIssues, MalformedBodyError } from './issue.js';
import { parseJsonText } from './json-text.js';
import { readPlainJson } from './plain-json.js';
import { decodeUtf8 } from './text-body.js';
import { issue, missingInput, notANumber, unknownInput } from './value-issue.js';

export interface JsonRows {
  /** One row a point, columns in the order of the model's inputs. */
  X: Matrix;
  /** The member `options`, unread. */
  options?: Record<string, unknown>;
}

/** A shorter body is read faster by JSON.parse. */
const PLAIN_BYTES = 2048;

type Json = Record<string, unknown>;

/** The rows of a document, and how an issue names the place of one. */
interface Batch {
  rows: readonly unknown[];
  path: (row: number) => string;
  /** Names that a row may have besides the inputs. */
  besides?: 'options';
  options?: Json;
  /** Colons of the keys around the rows: see `countColons`. */
  colons: number;
}

/**
 * Reads a JSON body into rows, for a model with the named inputs. Names may come in any order. Four shapes:
 *
 *     {"x1": 0.1, "x2": 2}                                  one row (a member "options" may stand beside)
 *     [{"x1": 0.1, "x2": 2}, ...]                           rows by name
 *     [[0.1, 2], ...]                                       rows in the order of the inputs
 *     {"inputs": [rows of either kind], "options": {...}}
 *
 * Throws MalformedBodyError when the text is no JSON (or repeats a key), and InvalidInputError with every wrong field.
 */
export function readJsonRows(body: Buffer, inputs: readonly string[]): JsonRows {
  return readPlainJsonRows(body, inputs) ?? readAny(body, inputs);
}

/**
 * Only many rows as programs write them, which is fast; undefined for anything else. What stands behind the rows is read
 * in the general way, with one row for all.
 */
export function readPlainJsonRows(body: Buffer, inputs: readonly string[]): JsonRows | undefined {
  if (body.length < PLAIN_BYTES) return undefined;
  const plain = readPlainJson(body, inputs);
  if (plain?.rest === undefined) return plain;
  const row = JSON.stringify(inputs.map(() => 0));
  try {
    return { ...readAny(Buffer.concat([Buffer.from(`{"inputs":[${row}]`), plain.rest]), inputs), X: plain.X };
  } catch {
    return undefined;
  }
}

/**
 * A document whose members are arrays of rows, each with columns of its own: `{"inputs": [...], "outputs": [...]}`. Rows of
 * a single column may be plain numbers. Undefined unless it is an object that has all of `members`; throws as
 * `readJsonRows`.
 */
export function readJsonMembers<Member extends string>(
  body: Buffer,
  members: Readonly<Record<Member, readonly string[]>>,
): Record<Member, Matrix> | undefined {
  const text = decodeUtf8(body, 'JSON');
  if (!text.trimStart().startsWith('{')) return undefined;
  const overflowing = (source: string): OverflowingNumber => new OverflowingNumber(source);
  const document = parseJsonText(text, { overflowing, uniqueKeys: true });
  const names = Object.keys(members) as Member[];
  if (!isObject(document) || !names.every((name) => Object.hasOwn(document, name))) return undefined;
  const issues = new InputIssues();
  for (const name of Object.keys(document).filter((key) => !Object.hasOwn(members, key))) {
    issues.add(() => issue(memberPath('', name), describe(document[name]), `only ${listNames(names)}`));
  }
  const matrices = names.map((name) => {
    const columns = members[name];
    const rows = document[name];
    if (!Array.isArray(rows)) {
      issues.add(() => issue(name, describe(rows), 'an array of rows', `such as ${exampleRows(columns)}`));
      return [name, Matrix.zeros(0, columns.length)] as const;
    }
    const list =
      columns.length === 1
        ? rows.map((row: unknown) => (isObject(row) || Array.isArray(row) ? row : [row]))
        : rows;
    const { X } = readBatch(arrayOfRows(list, name, columns, issues), columns, issues);
    return [name, X] as const;
  });
  issues.throwIfAny();
  return Object.fromEntries(matrices) as Record<Member, Matrix>;
}

function readAny(body: Buffer, inputs: readonly string[]): JsonRows {
  const text = decodeUtf8(body, 'JSON');
  if (text.trim() === '') {
    throw new MalformedBodyError('JSON', `the body is empty: send the inputs, such as ${example(inputs)}.`);
  }
  return readQuickly(body, text, inputs) ?? readCarefully(text, inputs);
}

/** The usual case. Undefined when anything at all is wrong; finding out what is left to `readCarefully`. */
function readQuickly(body: Buffer, text: string, inputs: readonly string[]): JsonRows | undefined {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    return undefined;
  }
  const issues = new InputIssues();
  const read = readDocument(document, inputs, issues);
  return issues.total === 0 && countColons(body) <= read.colons ? read.rows : undefined;
}

/** Parses again with the source of every oddity kept: NaN, 1e400 and repeated keys can then be named. */
function readCarefully(text: string, inputs: readonly string[]): JsonRows {
  const overflowing = (source: string): OverflowingNumber => new OverflowingNumber(source);
  const document = parseJsonText(text, { overflowing, uniqueKeys: true });
  const issues = new InputIssues();
  const { rows } = readDocument(document, inputs, issues);
  issues.throwIfAny();
  return rows;
}

function readDocument(
  document: unknown,
  inputs: readonly string[],
  issues: InputIssues,
): { rows: JsonRows; colons: number } {
  const batch = locateRows(document, inputs, issues);
  const { X, colons } = readBatch(batch, inputs, issues);
  const { options } = batch;
  if (options === undefined) return { rows: { X }, colons };
  return { rows: { X, options }, colons: colons + 1 + Object.keys(options).length };
}

/** The rows of a batch, and the colons of all keys that were read. */
function readBatch(
  batch: Batch,
  inputs: readonly string[],
  issues: InputIssues,
): { X: Matrix; colons: number } {
  const X = Matrix.zeros(batch.rows.length, inputs.length);
  const colonsPerRow = inputs.reduce((sum, name) => sum + name.split(':').length, 0);
  let { colons } = batch;
  batch.rows.forEach((row, i) => {
    const ok = Array.isArray(row)
      ? fillFromArray(row, X.data, i * X.cols, X.cols)
      : fillFromObject(row, inputs, batch.besides, X.data, i * X.cols);
    if (!ok) listRowIssues(row, batch.path(i), inputs, batch.besides, issues);
    if (!Array.isArray(row)) colons += colonsPerRow;
  });
  return { X, colons };
}

/** Which of the four shapes the document has. */
function locateRows(document: unknown, inputs: readonly string[], issues: InputIssues): Batch {
  if (Array.isArray(document)) return arrayOfRows(document, '', inputs, issues);
  if (!isObject(document)) {
    issues.add(() =>
      issue('(body)', describe(document), 'an object or an array', `such as ${example(inputs)}`),
    );
    return { rows: [], path: () => '', colons: 0 };
  }
  // An input may itself be called "inputs": its value is a number then, never an array.
  const envelope =
    Object.hasOwn(document, 'inputs') && (!inputs.includes('inputs') || Array.isArray(document['inputs']));
  if (envelope) return readEnvelope(document, inputs, issues);
  const row: Batch = { rows: [document], path: () => '', colons: 0 };
  if (inputs.includes('options') || !Object.hasOwn(document, 'options')) return row;
  return { ...row, besides: 'options', ...readOptions(document, issues) };
}

function readEnvelope(document: Json, inputs: readonly string[], issues: InputIssues): Batch {
  for (const name of Object.keys(document)) {
    if (name === 'inputs' || name === 'options') continue;
    const path = memberPath('', name);
    issues.add(() => ({
      path,
      received: describe(document[name]),
      expected: 'only "inputs" and "options"',
      message: `${path} is unknown beside "inputs": rows go into "inputs", settings into "options".`,
    }));
  }
  const options = readOptions(document, issues);
  const rows = document['inputs'];
  if (Array.isArray(rows)) return { ...arrayOfRows(rows, 'inputs', inputs, issues), ...options, colons: 1 };
  issues.add(() => issue('inputs', describe(rows), 'an array of rows', `such as ${exampleRows(inputs)}`));
  return { rows: [], path: () => 'inputs', ...options, colons: 1 };
}

function arrayOfRows(rows: unknown[], path: string, inputs: readonly string[], issues: InputIssues): Batch {
  const where = path === '' ? '(body)' : path;
  const batch: Batch = { rows, path: (row) => `${path}[${row}]`, colons: 0 };
  if (rows.length === 0) {
    issues.add(() => issue(where, 'an empty array', 'at least one row', `such as ${exampleRows(inputs)}`));
  } else if (rows.every((row) => typeof row === 'number')) {
    const advice = `each row is an array of its own, even a single one: ${exampleRows(inputs)}`;
    issues.add(() =>
      issue(where, `a flat array of ${count(rows.length, 'number')}`, 'an array of rows', advice),
    );
    return { ...batch, rows: [] };
  }
  return batch;
}

function readOptions(document: Json, issues: InputIssues): { options?: Json } {
  if (!Object.hasOwn(document, 'options')) return {};
  const { options } = document;
  if (isObject(options)) return { options };
  issues.add(() => issue('options', describe(options), 'an object'));
  return {};
}

/** Copies a row of numbers. False when it is not exactly that. */
function fillFromArray(row: readonly unknown[], into: Float64Array, offset: number, cols: number): boolean {
  for (let j = 0; j < cols; j++) {
    const value = row[j];
    if (typeof value !== 'number' || !Number.isFinite(value)) return false;
    into[offset + j] = value;
  }
  return row.length === cols;
}

/** Copies a row of named numbers. False when it is not exactly that. */
function fillFromObject(
  row: unknown,
  inputs: readonly string[],
  besides: string | undefined,
  into: Float64Array,
  offset: number,
): boolean {
  if (!isObject(row)) return false;
  for (let j = 0; j < inputs.length; j++) {
    // What an object inherits ("constructor", "__proto__") is never a number, so that needs no check of its own.
    const value = row[inputs[j]];
    if (typeof value !== 'number' || !Number.isFinite(value)) return false;
    into[offset + j] = value;
  }
  return Object.keys(row).length === inputs.length + (besides === undefined ? 0 : 1);
}

function listRowIssues(
  row: unknown,
  path: string,
  inputs: readonly string[],
  besides: string | undefined,
  issues: InputIssues,
): void {
  const where = path === '' ? '(body)' : path;
  if (Array.isArray(row)) {
    if (row.length !== inputs.length) {
      const expected = `an array of ${count(inputs.length, 'number')} (${listNames(inputs)})`;
      issues.add(() => issue(where, describe(row), expected));
    } else {
      row.forEach((value, j) => {
        if (!isFiniteNumber(value)) issues.add(() => notANumber(`${path}[${j}]`, value));
      });
    }
    return;
  }
  if (!isObject(row) || Object.keys(row).length === 0) {
    const expected = `an object with ${listNames(inputs)}`;
    issues.add(() => issue(where, describe(row), expected, `such as ${example(inputs)}`));
    return;
  }
  for (const name of inputs) {
    if (!Object.hasOwn(row, name)) issues.add(() => missingInput(memberPath(path, name)));
    else if (!isFiniteNumber(row[name])) issues.add(() => notANumber(memberPath(path, name), row[name]));
  }
  const known = new Set(inputs);
  for (const name of Object.keys(row)) {
    if (known.has(name) || name === besides) continue;
    issues.add(() => unknownInput(memberPath(path, name), name, describe(row[name]), inputs));
  }
}

function isFiniteNumber(value: unknown): boolean {
  return typeof value === 'number' && Number.isFinite(value);
}

function isObject(value: unknown): value is Json {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof OverflowingNumber)
  );
}

/**
 * JSON.parse quietly takes the last of two equal keys. A body with more colons than the keys that were read explain
 * may hold one (or a colon in a text): it is then read carefully.
 */
function countColons(body: Buffer): number {
  let colons = 0;
  for (let i = 0; i < body.length; i++) if (body[i] === 0x3a) colons++;
  return colons;
}

function example(inputs: readonly string[]): string {
  const members = inputs.slice(0, 4).map((name) => `${quote(name)}: 0.5`);
  return `{${members.join(', ')}${inputs.length > 4 ? ', ...' : ''}}`;
}

function exampleRows(inputs: readonly string[]): string {
  return `[[${inputs
    .slice(0, 4)
    .map(() => '0.5')
    .join(', ')}${inputs.length > 4 ? ', ...' : ''}]]`;
}
