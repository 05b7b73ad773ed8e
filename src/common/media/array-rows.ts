import { Matrix } from '../../numeric/linalg/matrix.js';
import { count, listNames, memberPath } from './describe.js';
import { type InputIssue, InputIssues, InvalidInputError } from './issue.js';
import type { NpyArray } from './npy.js';
import { missingInput, notANumber, unknownInput } from './value-issue.js';

/** Names that an array of all inputs goes by in an npz file of several. */
const WHOLE_NAMES = ['inputs', 'X', 'x'];

/**
 * Takes an array as rows, columns in the order of the inputs (d of them): shape (N, d) as it is, a mesh (..., d) as one
 * long list, (d,) as one row, and (N,) as N rows where d is 1. Shares the array's memory.
 * Throws InvalidInputError for another shape, for no rows, and for NaN and infinities (with their index).
 */
export function npyToRows(array: NpyArray, inputs: readonly string[]): Matrix {
  return toRows(array, inputs, '');
}

/**
 * Takes the arrays of an npz file as rows: either one array for each input, by name and all of one shape (the meshes
 * that numpy.meshgrid makes), or one array as in `npyToRows`, of any name or, among several, called inputs, X or x.
 */
export function npzToRows(arrays: ReadonlyMap<string, NpyArray>, inputs: readonly string[]): Matrix {
  const whole = arrays.size === 1 ? [...arrays.keys()][0] : WHOLE_NAMES.find((name) => arrays.has(name));
  const byName = inputs.every((name) => arrays.has(name));
  if (!byName && whole !== undefined) return toRows(arrays.get(whole)!, inputs, memberPath('', whole));
  return columnsToRows(arrays, inputs);
}

/** Throws InvalidInputError for a shape that `npyToRows` does not take. */
export function requireRowsShape(shape: readonly number[], inputs: readonly string[], path = ''): void {
  const d = inputs.length;
  const isRows = shape.length === 1 ? shape[0] === d || d === 1 : shape.length > 1 && shape.at(-1) === d;
  if (!isRows) throw new InvalidInputError([wrongShape(shape, inputs, path)]);
  if (shape.includes(0)) throw new InvalidInputError([noRows(path, shape)]);
}

function toRows({ shape, data }: NpyArray, inputs: readonly string[], path: string): Matrix {
  const d = inputs.length;
  requireRowsShape(shape, inputs, path);
  const issues = new InputIssues();
  checkFinite(data, shape, path, issues);
  issues.throwIfAny();
  return new Matrix(data.length / d, d, data);
}

function columnsToRows(arrays: ReadonlyMap<string, NpyArray>, inputs: readonly string[]): Matrix {
  const issues = new InputIssues();
  const given = inputs.flatMap((name) => arrays.get(name) ?? []);
  const shape = given[0]?.shape ?? [];
  for (const name of inputs) {
    const path = memberPath('', name);
    const array = arrays.get(name);
    if (array === undefined) issues.add(() => missingInput(path));
    else if (!sameShape(array.shape, shape)) issues.add(() => unequalShape(path, array.shape, shape));
    else checkFinite(array.data, shape, path, issues);
  }
  for (const [name, array] of arrays) {
    if (inputs.includes(name)) continue;
    issues.add(() =>
      unknownInput(memberPath('', name), name, `an array of shape ${tuple(array.shape)}`, inputs),
    );
  }
  if (given[0]?.data.length === 0) issues.add(() => noRows(memberPath('', inputs[0]), shape));
  issues.throwIfAny();
  const X = Matrix.zeros(given[0].data.length, inputs.length);
  given.forEach(({ data }, j) => {
    for (let i = 0; i < data.length; i++) X.data[i * X.cols + j] = data[i];
  });
  return X;
}

/** Adds an issue for each NaN and infinity. `first`: which element of the array `data` begins with. */
export function checkFinite(
  data: Float64Array,
  shape: readonly number[],
  path: string,
  issues: InputIssues,
  first = 0,
): void {
  for (let i = 0; i < data.length; i++) {
    if (!Number.isFinite(data[i]))
      issues.add(() => notANumber(`${path}[${indexOf(first + i, shape).join(', ')}]`, data[i]));
  }
}

/** The index along each axis of element `flat`. */
function indexOf(flat: number, shape: readonly number[]): number[] {
  const index: number[] = [];
  for (const length of [...shape].reverse()) {
    index.unshift(flat % length);
    flat = Math.floor(flat / length);
  }
  return index;
}

function wrongShape(shape: readonly number[], inputs: readonly string[], path: string): InputIssue {
  const d = inputs.length;
  const where = path === '' ? 'The array' : path;
  const expected = d === 1 ? 'shape (N,) or (..., 1)' : `shape (N, ${d}), (..., ${d}) or (${d},)`;
  const received = `shape ${tuple(shape)}`;
  const transposed = shape.length === 2 && shape[0] === d ? ' Send its transpose?' : '';
  const columns = `The columns are ${listNames(inputs)}.`;
  const message = `${where} must have ${expected}, got ${received}. ${columns}${transposed}`;
  return { path: path === '' ? '(body)' : path, received, expected, message };
}

function unequalShape(path: string, shape: readonly number[], expected: readonly number[]): InputIssue {
  return {
    path,
    received: `shape ${tuple(shape)}`,
    expected: `shape ${tuple(expected)}`,
    message: `${path} has shape ${tuple(shape)}, but the inputs before it ${tuple(expected)}: send one shape for all.`,
  };
}

function noRows(path: string, shape: readonly number[]): InputIssue {
  const where = path === '' ? 'The array' : path;
  const received = `shape ${tuple(shape)}`;
  const message = `${where} holds no rows (${received}): send at least one.`;
  return { path: path === '' ? '(body)' : path, received, expected: 'at least one row', message };
}

function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((length, axis) => length === b[axis]);
}

function tuple(shape: readonly number[]): string {
  if (shape.length > 6) return `of ${count(shape.length, 'dimension')}`;
  return shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;
}
