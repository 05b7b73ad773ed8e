const ROWS_PER_CHUNK = 4096;

/**
 * Writes columns of numbers as CSV (RFC 4180, lines ending in "\n") in chunks of some thousand rows, so that a large
 * result is never one string. Numbers take their shortest form that reads back the same.
 *
 * @param names the header; quoted where needed
 * @param columns one array a name, of equal length
 * @throws RangeError when the columns do not fit the names or each other, or hold a number that is not finite
 */
export function* csvChunks(
  names: readonly string[],
  columns: readonly ArrayLike<number>[],
): Generator<string> {
  const rows = columns[0]?.length ?? 0;
  if (names.length !== columns.length || columns.some((column) => column.length !== rows)) {
    throw new RangeError(`A CSV of ${names.length} names needs as many columns, all of one length.`);
  }
  let chunk = `${names.map(quoteCell).join(',')}\n`;
  for (let row = 0; row < rows; row++) {
    for (let col = 0; col < columns.length; col++) {
      const value = columns[col][row];
      if (!Number.isFinite(value))
        throw new RangeError(`${names[col]} is ${value} in row ${row}, not a finite number.`);
      chunk += col === 0 ? value : `,${value}`;
    }
    chunk += '\n';
    if ((row + 1) % ROWS_PER_CHUNK === 0) {
      yield chunk;
      chunk = '';
    }
  }
  if (chunk !== '') yield chunk;
}

/** The whole of `csvChunks` in one buffer. */
export function writeCsv(names: readonly string[], columns: readonly ArrayLike<number>[]): Buffer {
  return Buffer.concat(Array.from(csvChunks(names, columns), (chunk) => Buffer.from(chunk)));
}

function quoteCell(text: string): string {
  return /[",\r\n;\t#]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
