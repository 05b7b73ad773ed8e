import { MalformedBodyError } from './issue.js';

const LF = 0x0a;
const CR = 0x0d;
const QUOTE = 0x22;

/** One record of a CSV, as bytes: its cells, and where the next record starts. */
export interface CsvRecord {
  cells: string[];
  next: number;
  /** Lines that the record spans: more than one when a quoted cell holds a line break. */
  lines: number;
}

/**
 * Splits the record that starts at `at` into its cells (RFC 4180: a cell in quotes may hold delimiters, line breaks and
 * doubled quotes), blanks around a cell removed. Slow and exact: the numbers of usual rows never come here.
 *
 * Undefined when a quoted cell has not ended at `end`: there is more to come. Throws MalformedBodyError when a text
 * follows a closing quote.
 */
export function readCsvRecord(
  bytes: Buffer,
  at: number,
  end: number,
  delimiter: number,
  line: number,
): CsvRecord | undefined {
  const cells: string[] = [];
  let lines = 1;
  for (;;) {
    while (isBlank(bytes[at], delimiter)) at++;
    let stop: number;
    if (bytes[at] === QUOTE) {
      const start = at + 1;
      for (stop = start; bytes[stop] !== QUOTE || bytes[stop + 1] === QUOTE; stop++) {
        if (stop >= end) return undefined;
        if (bytes[stop] === QUOTE) stop++;
        else if (bytes[stop] === LF || (bytes[stop] === CR && bytes[stop + 1] !== LF)) lines++;
      }
      if (stop >= end) return undefined;
      cells.push(bytes.toString('utf8', start, stop).replaceAll('""', '"').trim());
      stop++;
      while (isBlank(bytes[stop], delimiter)) stop++;
      if (stop < end && !isCellEnd(bytes[stop], delimiter)) {
        const problem = 'text after the closing quote of a cell: double the quotes inside it.';
        throw new MalformedBodyError('CSV', problem, { line: line + lines - 1 });
      }
    } else {
      stop = at;
      while (stop < end && !isCellEnd(bytes[stop], delimiter)) stop++;
      cells.push(bytes.toString('utf8', at, stop).trim());
    }
    at = stop + 1;
    if (stop < end && bytes[stop] === delimiter) continue;
    if (bytes[stop] === CR && stop + 1 < end && bytes[stop + 1] === LF) at++;
    return { cells, next: Math.min(at, end), lines };
  }
}

function isCellEnd(byte: number, delimiter: number): boolean {
  return byte === delimiter || byte === LF || byte === CR;
}

function isBlank(byte: number, delimiter: number): boolean {
  return (byte === 0x20 || byte === 0x09) && byte !== delimiter;
}
