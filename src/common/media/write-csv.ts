import { MOST_VALUES, writeCsvValues } from '../../numeric/decimal/write-values.js';

/**
 * Writes columns of numbers as CSV (RFC 4180, lines ending in "\n") in chunks of some thousand numbers, so that a large
 * result is never one text. Numbers take their shortest form that reads back the same.
 *
 * @param names the header; quoted where needed
 * @param columns one array a name, of equal length
 * @throws RangeError when the columns do not fit the names or each other, or hold a number that is not finite
 */
export function* csvChunks(
  names: readonly string[],
  columns: readonly ArrayLike<number>[],
): Generator<Uint8Array> {
  const rows = columns[0]?.length ?? 0;
  if (names.length !== columns.length || columns.some((column) => column.length !== rows)) {
    throw new RangeError(`A CSV of ${names.length} names needs as many columns, all of one length.`);
  }
  yield Buffer.from(`${names.map(quoteCell).join(',')}\n`);
  const elements = rows * columns.length;
  for (let start = 0; start < elements; start += MOST_VALUES) {
    const values = rowMajor(columns, start, Math.min(start + MOST_VALUES, elements));
    const chunk = writeCsvValues(values, start, columns.length);
    if (!chunk) throw notFinite(names, values, start);
    yield chunk;
  }
}

/** The whole of `csvChunks` in one buffer. */
export function writeCsv(names: readonly string[], columns: readonly ArrayLike<number>[]): Buffer {
  return Buffer.concat([...csvChunks(names, columns)]);
}

/** Elements [start, end) of a row-major table that is given by its columns. */
export function rowMajor(
  columns: readonly ArrayLike<number>[],
  start: number,
  end: number,
): Float64Array<ArrayBuffer> {
  const cols = columns.length;
  const elements = new Float64Array(end - start);
  columns.forEach((column, j) => {
    const first = (j - (start % cols) + cols) % cols;
    let row = Math.floor((start + first) / cols);
    for (let i = first; i < elements.length; i += cols) elements[i] = column[row++];
  });
  return elements;
}

function notFinite(names: readonly string[], values: Float64Array, start: number): RangeError {
  const at = values.findIndex((value) => !Number.isFinite(value));
  const row = Math.floor((start + at) / names.length);
  return new RangeError(
    `${names[(start + at) % names.length]} is ${values[at]} in row ${row}, not a finite number.`,
  );
}

function quoteCell(text: string): string {
  return /[",\r\n;\t#]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
