import { Matrix } from '../../numeric/linalg/matrix.js';
import { ExternalModelError } from '../external-errors.js';

/** An answer that is not what the protocol promises. `what`: where, and what is wrong with it; no value of it. */
export function wrongAnswer(what: string): ExternalModelError {
  return new ExternalModelError(`The answer of the server behind this model cannot be used: ${what}.`);
}

/** Nested lists of finite numbers of this shape, row-major. Throws ExternalModelError. */
export function readArray(value: unknown, shape: readonly number[], path: string): Float64Array {
  const data = new Float64Array(shape.reduce((product, length) => product * length, 1));
  let at = 0;
  const read = (part: unknown, axis: number, where: string): void => {
    if (axis === shape.length) {
      if (typeof part !== 'number' || !Number.isFinite(part))
        throw wrongAnswer(`${where} is no finite number`);
      data[at++] = part;
      return;
    }
    if (!Array.isArray(part) || part.length !== shape[axis]) {
      const received = Array.isArray(part) ? `has ${part.length} items` : 'is no list';
      throw wrongAnswer(`${where} ${received}, expected a list of ${shape[axis]}`);
    }
    part.forEach((item, i) => read(item, axis + 1, `${where}[${i}]`));
  };
  read(value, 0, path);
  return data;
}

/** As `readArray`, of N lists of p. */
export function readMatrix(value: unknown, rows: number, cols: number, path: string): Matrix {
  return new Matrix(rows, cols, readArray(value, [rows, cols], path));
}

export function asObject(value: unknown, path: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw wrongAnswer(`${path} is no object`);
  return value as Record<string, unknown>;
}

export function asList(value: unknown, path: string): unknown[] {
  if (!Array.isArray(value)) throw wrongAnswer(`${path} is no list`);
  return value;
}

export function asText(value: unknown, path: string): string {
  if (typeof value !== 'string' || value === '') throw wrongAnswer(`${path} is no text`);
  return value;
}
