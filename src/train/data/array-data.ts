import { count, listNames } from '../../common/media/describe.js';
import { InputIssues, InvalidInputError } from '../../common/media/issue.js';
import type { NpyArray } from '../../common/media/npy.js';
import { issue, notANumber } from '../../common/media/value-issue.js';
import { Matrix } from '../../numeric/linalg/matrix.js';
import type { DataTable } from './table.js';

/** What the two arrays of an npz file may be called. */
const X_NAMES = ['X', 'x', 'inputs'];
const Y_NAMES = ['y', 'Y', 'outputs'];

/** An npy array of shape (n, columns). Throws InvalidInputError. */
export function npyTable(array: NpyArray): DataTable {
  const values = toMatrix(array, '');
  return { columns: Array.from({ length: values.cols }, (_, c) => `column ${c + 1}`), named: false, values };
}

/** The arrays X and y of an npz file: (n, d) and (n, p), or (n,) for one column. Throws InvalidInputError. */
export function npzData(arrays: ReadonlyMap<string, NpyArray>): { X: Matrix; Y: Matrix } {
  const [x, y] = [X_NAMES, Y_NAMES].map((names) => names.find((name) => arrays.has(name)));
  const unknown = [...arrays.keys()].find((name) => name !== x && name !== y);
  if (x === undefined || y === undefined || unknown !== undefined) {
    const received =
      arrays.size === 0
        ? 'no array'
        : `the ${arrays.size === 1 ? 'array' : 'arrays'} ${listNames([...arrays.keys()])}`;
    const advice = 'write it with numpy.savez(file, X=X, y=y)';
    throw new InvalidInputError([issue('(body)', received, 'the arrays X and y', advice)]);
  }
  return pairUp(toMatrix(arrays.get(x)!, x), toMatrix(arrays.get(y)!, y), x, y);
}

/** Throws InvalidInputError unless there are as many outputs as inputs. */
export function pairUp(X: Matrix, Y: Matrix, x: string, y: string): { X: Matrix; Y: Matrix } {
  if (X.rows === Y.rows) return { X, Y };
  throw new InvalidInputError([issue(y, count(Y.rows, 'row'), `as many rows as ${x} has (${X.rows})`)]);
}

function toMatrix({ shape, data }: NpyArray, path: string): Matrix {
  const where = path === '' ? '(body)' : path;
  const issues = new InputIssues();
  if (shape.length !== 1 && shape.length !== 2) {
    const expected = 'an array of shape (n, columns) or (n,)';
    throw new InvalidInputError([issue(where, `shape (${shape.slice(0, 6).join(', ')})`, expected)]);
  }
  const cols = shape[1] ?? 1;
  if (data.length === 0) issues.add(() => issue(where, `shape (${shape.join(', ')})`, 'at least one row'));
  for (let k = 0; k < data.length; k++) {
    if (Number.isFinite(data[k])) continue;
    const place = shape.length === 1 ? String(k) : `${Math.floor(k / cols)}, ${k % cols}`;
    issues.add(() => notANumber(`${path}[${place}]`, data[k]));
  }
  issues.throwIfAny();
  return new Matrix(shape[0], cols, data);
}
