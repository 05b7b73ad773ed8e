import { readCsvRows } from '../../common/media/csv-rows.js';
import { parseJsonWithNonFinite } from '../../common/media/json-text.js';
import { writeCsv } from '../../common/media/write-csv.js';
import { DomainError } from '../../common/errors/domain-error.js';
import { Matrix } from '../../numeric/linalg/matrix.js';

/** A command's output is not what its protocol asks for. The message names rows and outputs, and quotes nothing. */
export class OutputError extends Error {}

/** How rows are written to a command, and its answers read. */
interface RowsText {
  /** X: N x d, one name a column. */
  write(X: Matrix, names: readonly string[]): Buffer;
  /** N x p, one name a column. Throws OutputError. */
  read(output: Buffer, names: readonly string[], rows: number): Matrix;
}

/** `{"inputs": [{"x1": 0.5, "x2": 0.7}]}`, answered by `{"outputs": [{"y": 1.5}]}`. */
const json: RowsText = {
  write(X, names) {
    const inputs = Array.from({ length: X.rows }, (_, i) =>
      Object.fromEntries(names.map((name, k) => [name, X.get(i, k)])),
    );
    return Buffer.from(`${JSON.stringify({ inputs })}\n`);
  },

  read(output, names, rows) {
    const { outputs } = asObject(parseJson(output), 'the output');
    if (!Array.isArray(outputs)) throw new OutputError('it has no list "outputs"');
    const Y = Matrix.zeros(requireRows(outputs.length, rows), names.length);
    outputs.forEach((value, i) => {
      const row = asObject(value, `row ${i}`);
      names.forEach((name, q) => {
        const number = row[name];
        if (typeof number !== 'number' || !Number.isFinite(number)) {
          const received =
            number === undefined ? 'missing' : `${typeof number === 'number' ? number : 'no number'}`;
          throw new OutputError(`${name} of row ${i} is ${received}, expected a finite number`);
        }
        Y.row(i)[q] = number;
      });
      if (Object.keys(row).length !== names.length) {
        throw new OutputError(`row ${i} has other outputs than ${names.join(', ')}`);
      }
    });
    return Y;
  },
};

/** A header and one line a row, both ways; an answer may come by the same rules as the CSV of a request. */
const csv: RowsText = {
  write: (X, names) =>
    writeCsv(
      names,
      names.map((_, k) => X.column(k)),
    ),

  read(output, names, rows) {
    let Y: Matrix;
    try {
      Y = readCsvRows(output, names);
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      const { errors, line = errors?.[0]?.line } = error.details as {
        errors?: { line?: number }[];
        line?: number;
      };
      const where = line === undefined ? 'it' : `line ${line}`;
      throw new OutputError(`${where} is not CSV with a finite number for each of ${names.join(', ')}`, {
        cause: error,
      });
    }
    requireRows(Y.rows, rows);
    return Y;
  },
};

export const ROWS_TEXT = { json, csv };

function parseJson(output: Buffer): unknown {
  try {
    return parseJsonWithNonFinite(output.toString('utf8'));
  } catch (error) {
    throw new OutputError(output.length === 0 ? 'it is empty' : 'it is not JSON', { cause: error });
  }
}

function asObject(value: unknown, what: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new OutputError(`${what} is not an object`);
  }
  return value as Record<string, unknown>;
}

function requireRows(received: number, expected: number): number {
  if (received !== expected) throw new OutputError(`it has ${received} rows, expected ${expected}`);
  return received;
}
