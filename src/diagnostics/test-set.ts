import { npyToRows } from '../common/media/array-rows.js';
import type { FileFormat } from '../common/media/detect.js';
import { count } from '../common/media/describe.js';
import { InvalidInputError } from '../common/media/issue.js';
import { readJsonMembers } from '../common/media/json-rows.js';
import type { NpyArray } from '../common/media/npy.js';
import { readNpz } from '../common/media/npz.js';
import { issue } from '../common/media/value-issue.js';
import type { Task } from '../common/pool/task.js';
import { Matrix } from '../numeric/linalg/matrix.js';
import { readRows } from '../predict/read-rows.task.js';

/** Rows whose outputs are known. */
export interface TestSet {
  /** N x d */
  readonly X: Matrix;
  /** N x p */
  readonly Y: Matrix;
}

export interface TestSetInput {
  readonly format: FileFormat;
  readonly body: Uint8Array;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Most bytes that a compressed body may unpack to. */
  readonly maxBytes: number;
}

/** Names that the arrays of an npz file go by. */
const INPUT_ARRAYS = ['inputs', 'X', 'x'];
const OUTPUT_ARRAYS = ['outputs', 'Y', 'y'];

/**
 * Reads a test set: what `readRows` reads, with the outputs as further columns (by name, or behind the inputs), or
 * inputs and outputs apart: JSON `{"inputs": [rows], "outputs": [rows]}`, npz with `inputs` (or X) and `outputs` (or Y).
 * Throws as `readRows`.
 */
export function readTestSet(input: TestSetInput): TestSet {
  const { format, inputs, outputs, maxBytes } = input;
  const body = Buffer.from(input.body.buffer, input.body.byteOffset, input.body.byteLength);
  const apart =
    format === 'json'
      ? readJsonMembers(body, { inputs, outputs })
      : format === 'npz'
        ? readArrays(readNpz(body, { maxBytes }), inputs, outputs)
        : undefined;
  if (apart) return sameRows({ X: apart.inputs, Y: apart.outputs });
  const names = [...inputs, ...outputs];
  return splitColumns(readRows({ format, body, inputs: names, maxBytes }).X, inputs.length);
}

/** The first d columns, and the others. */
export function splitColumns(table: Matrix, d: number): TestSet {
  const { rows, cols } = table;
  const X = Matrix.zeros(rows, d);
  const Y = Matrix.zeros(rows, cols - d);
  for (let i = 0; i < rows; i++) {
    const row = table.row(i);
    X.row(i).set(row.subarray(0, d));
    Y.row(i).set(row.subarray(d));
  }
  return { X, Y };
}

function readArrays(
  arrays: ReadonlyMap<string, NpyArray>,
  inputs: readonly string[],
  outputs: readonly string[],
): { inputs: Matrix; outputs: Matrix } | undefined {
  if ([...inputs, ...outputs].every((name) => arrays.has(name))) return undefined;
  const find = (names: readonly string[]): NpyArray | undefined =>
    names.map((name) => arrays.get(name)).find((array) => array !== undefined);
  const X = find(INPUT_ARRAYS);
  const Y = find(OUTPUT_ARRAYS);
  return X && Y && { inputs: npyToRows(X, inputs), outputs: npyToRows(Y, outputs) };
}

function sameRows({ X, Y }: TestSet): TestSet {
  if (X.rows === Y.rows) return { X, Y };
  throw new InvalidInputError([issue('outputs', count(Y.rows, 'row'), `${count(X.rows, 'row')}, as inputs`)]);
}

export const readTestSetTask: Task<TestSetInput, TestSet> = {
  name: 'diagnostics.read-test-set',
  run: readTestSet,
  transfer: ({ X, Y }) =>
    [X, Y].flatMap(({ data: { buffer } }) => (buffer instanceof ArrayBuffer ? [buffer] : [])),
};
