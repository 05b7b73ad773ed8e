import { isHeader } from '../../common/media/csv-header.js';
import { readCsvRecord } from '../../common/media/csv-record.js';
import { findDelimiter, readCsvRows } from '../../common/media/csv-rows.js';
import { InvalidInputError } from '../../common/media/issue.js';
import type { DataTable } from './table.js';

const LF = 0x0a;
const CR = 0x0d;
const HASH = 0x23;

/**
 * A CSV whose columns are named by its first line, also behind `# ` as numpy.savetxt writes it. Without such a line, they
 * have no names. What else is read, and what is refused, is told at `readCsvRows`.
 */
export function readCsvTable(body: Buffer): DataTable {
  const { header, width } = findColumns(body);
  const columns = header ?? Array.from({ length: width }, (_, column) => `column ${column + 1}`);

  return { columns, named: header !== undefined, values: readCsvRows(body, columns) };
}

/** The cells of the first line that is neither blank nor a comment, if it is a header, or of a comment just before it. */
function findColumns(body: Buffer): { header?: string[]; width: number } {
  let comment: string[] | undefined;
  let at = body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf ? 3 : 0;
  while (at < body.length) {
    if (body[at] === LF || body[at] === CR) {
      at++;
      continue;
    }
    const end = lineEnd(body, at);
    if (body[at] === HASH) {
      comment = cellsOf(body.subarray(at + 1, end)) ?? comment;
      at = end;
      continue;
    }
    const cells = readCsvRecord(body, at, body.length, findDelimiter(body, at, body.length), 1)?.cells ?? [];
    if (isHeader(cells, [])) return { header: cells, width: cells.length };
    const above = comment?.length === cells.length && isHeader(comment, []) ? comment : undefined;
    return { ...(above && { header: above }), width: cells.length };
  }
  const received = 'an empty text';
  const message = `The CSV is ${received}, expected a line of names and rows of numbers.`;
  throw new InvalidInputError([{ path: '(body)', received, expected: 'rows of numbers', message }]);
}

/** Of a comment's text, which may be anything. */
function cellsOf(line: Buffer): string[] | undefined {
  try {
    return readCsvRecord(line, 0, line.length, findDelimiter(line, 0, line.length), 1)?.cells;
  } catch {
    return undefined;
  }
}

function lineEnd(body: Buffer, from: number): number {
  let at = from;
  while (at < body.length && body[at] !== LF && body[at] !== CR) at++;
  return at;
}
