import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib';
import type { Compressors, FileMetaData, SchemaElement } from 'hyparquet';
import { memberPath, quote } from '../../common/media/describe.js';
import { BodyTooLargeError, InputIssues, MalformedBodyError } from '../../common/media/issue.js';
import { issue, notANumber } from '../../common/media/value-issue.js';
import { Matrix } from '../../numeric/linalg/matrix.js';
import type { DataTable } from './table.js';

const NUMERIC_TYPES = ['BOOLEAN', 'INT32', 'INT64', 'FLOAT', 'DOUBLE'];
const LONGEST_REASON = 120;

/**
 * A Parquet file of numeric columns (booleans are 1 and 0; integers beyond 2^53 are rounded), not nested. Unpacks at most
 * `maxBytes`. Throws MalformedBodyError, BodyTooLargeError, or InvalidInputError with the column and row of each value
 * that is no finite number.
 */
export async function readParquetTable(body: Buffer, maxBytes: number): Promise<DataTable> {
  const { parquetMetadata, parquetRead, snappyUncompress } = await import('hyparquet');
  const bytes = new Uint8Array(body).buffer;
  const metadata = understood(() => parquetMetadata(bytes));
  const columns = columnsOf(metadata);
  const rows = Number(metadata.num_rows);
  if (rows * columns.length * Float64Array.BYTES_PER_ELEMENT > maxBytes) throw tooLarge(maxBytes);
  const values = Matrix.zeros(rows, columns.length);
  const issues = new InputIssues();
  let filled = 0;
  const budget = new Budget(maxBytes, snappyUncompress);
  try {
    await parquetRead({
      file: { byteLength: bytes.byteLength, slice: (start, end) => bytes.slice(start, end) },
      metadata,
      compressors: budget.compressors,
      onChunk: ({ columnName, columnData, rowStart }) => {
        const column = columns.indexOf(columnName);
        for (let k = 0; k < columnData.length && rowStart + k < rows; k++) {
          const value: unknown = columnData[k];
          const number = typeof value === 'bigint' || typeof value === 'boolean' ? Number(value) : value;
          filled++;
          if (typeof number === 'number' && Number.isFinite(number)) {
            values.data[(rowStart + k) * columns.length + column] = number;
          } else {
            issues.add(() => notANumber(`${memberPath('', columnName)}[${rowStart + k}]`, value));
          }
        }
      },
    });
  } catch (error) {
    throw error instanceof BodyTooLargeError ? error : damaged(error);
  }
  if (filled !== rows * columns.length) {
    throw new MalformedBodyError('Parquet', `it says ${rows} rows and holds another number of values.`);
  }
  issues.throwIfAny();
  return { columns, named: true, values };
}

/** Names of the columns. Throws InvalidInputError for one that holds no plain numbers. */
function columnsOf({ schema, row_groups: groups }: FileMetaData): string[] {
  const issues = new InputIssues();
  const root = schema[0]?.num_children ?? 0;
  const elements = schema.slice(1);
  if (elements.length !== root || groups.some(({ columns }) => columns.length !== root)) {
    issues.add(() => issue('(body)', 'a file with nested columns', 'flat columns of numbers'));
  }
  for (const element of elements) {
    if (isNumeric(element)) continue;
    const { name, type, logical_type: logical, converted_type: converted } = element;
    const received = logical?.type ?? converted ?? type ?? 'a nested column';
    issues.add(() => issue(memberPath('', name), received, 'a column of numbers', 'leave the column out'));
  }
  issues.throwIfAny();
  return elements.map(({ name }) => name);
}

function isNumeric({
  type,
  repetition_type,
  logical_type: logical,
  converted_type: converted,
}: SchemaElement): boolean {
  const plain = logical === undefined || logical.type === 'INTEGER' || logical.type === 'DECIMAL';
  const old = converted === undefined || /^(U?INT_\d+|DECIMAL)$/.test(converted);
  return type !== undefined && NUMERIC_TYPES.includes(type) && repetition_type !== 'REPEATED' && plain && old;
}

/** Decompressors that give up at `maxBytes` in all: a small file may unpack to a large one. */
class Budget {
  #left: number;
  readonly compressors: Compressors;

  constructor(
    private readonly maxBytes: number,
    snappy: (input: Uint8Array, output: Uint8Array) => void,
  ) {
    this.#left = maxBytes;
    const within =
      (unpack: (input: Uint8Array, length: number) => Uint8Array) =>
      (input: Uint8Array, length: number): Uint8Array => {
        this.#take(length);
        return unpack(input, length);
      };
    this.compressors = {
      SNAPPY: within((input, length) => {
        const output = new Uint8Array(length);
        snappy(input, output);
        return output;
      }),
      GZIP: within((input, maxOutputLength) => gunzipSync(input, { maxOutputLength })),
      ZSTD: within((input, maxOutputLength) => zstdDecompressSync(input, { maxOutputLength })),
      BROTLI: within((input, maxOutputLength) => brotliDecompressSync(input, { maxOutputLength })),
    };
  }

  #take(bytes: number): void {
    this.#left -= bytes;
    if (!(this.#left >= 0)) throw tooLarge(this.maxBytes);
  }
}

function understood<Result>(read: () => Result): Result {
  try {
    return read();
  } catch (error) {
    throw damaged(error);
  }
}

function damaged(error: unknown): MalformedBodyError {
  const reason = quote(error instanceof Error ? error.message : 'unreadable', LONGEST_REASON);
  return new MalformedBodyError('Parquet', `the file is damaged, or of a kind that is not read (${reason}).`);
}

function tooLarge(maxBytes: number): BodyTooLargeError {
  return new BodyTooLargeError('Parquet', `it unpacks to more than ${maxBytes} bytes: send fewer rows.`);
}
