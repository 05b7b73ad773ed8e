import { Matrix } from '../../numeric/linalg/matrix.js';
import { columnTargets, isCommentedHeader, isHeader } from './csv-header.js';
import { CsvNumbers } from './csv-numbers.js';
import { type CsvRecord, readCsvRecord } from './csv-record.js';
import { count, listNames, memberPath } from './describe.js';
import { InputIssues, MalformedBodyError } from './issue.js';
import { parseNumberText } from './number-text.js';
import { atLine, issue, notANumberText } from './value-issue.js';

const BLOCK_BYTES = 64 * 1024;
const MAX_RECORD_BYTES = 1024 * 1024;

const LF = 0x0a;
const CR = 0x0d;
const HASH = 0x23;
const QUOTE = 0x22;
const [COMMA, SEMICOLON, TAB] = [0x2c, 0x3b, 0x09];

/**
 * Reads a whole CSV into rows, for a model with the named inputs.
 *
 * With a header (a first line that holds names, also behind `# ` as numpy.savetxt writes it), columns are found by name
 * and may come in any order; without one they are the inputs in order. Cells are separated by a comma, or by a semicolon
 * or tab where the first line has one and no comma. Blank lines and lines starting with `#` are skipped.
 *
 * Throws MalformedBodyError (no UTF-8, an unclosed quote) or InvalidInputError with the line and column of each cell
 * that is no finite number and of each row of another width.
 */
export function readCsvRows(body: Buffer, inputs: readonly string[]): Matrix {
  const reader = new CsvRowReader(inputs, { expectedBytes: body.length });
  reader.push(body);
  return reader.end();
}

/**
 * Reads a CSV piece by piece: `push` any number of chunks, cut anywhere, then `end`. Beside the numbers themselves it
 * holds no more than a block of text (`blockBytes`) and one record (at most 1 MiB).
 */
export class CsvRowReader {
  private readonly issues = new InputIssues();
  private readonly numbers: CsvNumbers;
  private pending: Buffer[] = [];
  private pendingBytes = 0;
  private started = false;
  private afterCr = false;
  private line = 1;
  private delimiter: number | undefined;
  private targets: Int32Array | undefined;
  private rows = 0;
  /** Several pieces are put together here. */
  private joined = Buffer.alloc(0);

  private readonly blockBytes: number;
  private readonly expectedBytes: number | undefined;

  /**
   * @param options `expectedBytes`: how long the whole is said to be, for making room at once; `blockBytes`: how much
   * text is gathered before it is read
   */
  constructor(
    private readonly inputs: readonly string[],
    options: { readonly expectedBytes?: number | undefined; readonly blockBytes?: number } = {},
  ) {
    this.expectedBytes = options.expectedBytes;
    this.blockBytes = options.blockBytes ?? BLOCK_BYTES;
    this.numbers = new CsvNumbers(inputs.length);
  }

  /** Takes the next bytes. Throws as soon as the text or its header is beyond reading. */
  push(chunk: Buffer): void {
    for (let at = 0; at < chunk.length; at += this.blockBytes) {
      const block = chunk.subarray(at, at + this.blockBytes);
      this.pending.push(block);
      this.pendingBytes += block.length;
      // Small chunks are gathered, so that a record which comes byte by byte is not read anew for every byte.
      if (this.pendingBytes >= this.blockBytes) this.readPending(false);
    }
  }

  /** The rows that were read since the last time, which are then forgotten: of a text too long for memory. */
  take(): Matrix {
    return this.numbers.take();
  }

  /** All rows that were not taken. Throws InvalidInputError when anything was wrong with any, or when there were none. */
  end(): Matrix {
    this.readPending(true);
    if (this.rows === 0) {
      const received = this.targets === undefined ? 'an empty text' : 'a header and no rows';
      this.issues.add(() =>
        issue('(body)', received, 'at least one row', `columns are ${listNames(this.inputs)}`),
      );
    }
    this.issues.throwIfAny();
    return this.numbers.matrix();
  }

  private readPending(last: boolean): void {
    // With a line break after the last line, every record ends in one, and reading needs no other check of the end.
    const bytes = this.join(last ? [...this.pending, Buffer.from('\n')] : this.pending);
    const start = this.started ? 0 : this.start(bytes, last);
    const end = last ? bytes.length : 1 + Math.max(bytes.lastIndexOf(LF), bytes.lastIndexOf(CR));
    const before = this.rows;
    const next = start === undefined ? 0 : this.readRecords(bytes, start, end, last);
    if (before === 0 && this.rows > 0 && this.expectedBytes !== undefined) {
      this.numbers.expect(next, this.expectedBytes);
    }
    const rest = bytes.subarray(next);
    if (rest.length > MAX_RECORD_BYTES) {
      const problem = `a row of more than ${MAX_RECORD_BYTES} bytes: is a quote left open, or are line breaks missing?`;
      throw new MalformedBodyError('CSV', problem, { line: this.line });
    }
    this.pending = rest.length === 0 ? [] : [Buffer.from(rest)];
    this.pendingBytes = 0;
  }

  /** The parts as one, until the next call. */
  private join(parts: readonly Buffer[]): Buffer {
    if (parts.length === 1) return parts[0];
    const length = parts.reduce((sum, part) => sum + part.length, 0);
    if (length > this.joined.length) this.joined = Buffer.allocUnsafe(Math.max(length, 2 * this.blockBytes));
    let at = 0;
    for (const part of parts) at += part.copy(this.joined, at);
    return this.joined.subarray(0, length);
  }

  /** Where the text begins, after a byte order mark; undefined while there are too few bytes to tell. */
  private start(bytes: Buffer, last: boolean): number | undefined {
    if (bytes.length < 3 && !last) return undefined;
    this.started = true;
    const [first, second, third] = bytes;
    if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) {
      throw new MalformedBodyError('CSV', 'the text is UTF-16, not UTF-8. Send UTF-8.', { line: 1 });
    }
    return first === 0xef && second === 0xbb && third === 0xbf ? 3 : 0;
  }

  /** Reads the records that end before `end`, and returns where the first that does not begins. */
  private readRecords(bytes: Buffer, start: number, end: number, last: boolean): number {
    let at = start;
    this.numbers.block(bytes);
    while (at < end) {
      if (this.afterCr && bytes[at] === LF) at++;
      this.afterCr = false;
      if (this.targets !== undefined) {
        const { next, rows } = this.numbers.readRows(at, end, this.delimiter!, this.targets);
        at = next;
        this.rows += rows;
        this.line += rows;
      }
      if (at >= end) break;
      if (bytes[at] === LF || bytes[at] === CR) {
        at += bytes[at] === CR && bytes[at + 1] === LF && at + 1 < end ? 2 : 1;
        this.line++;
        continue;
      }
      const next = this.readOddRecord(bytes, at, end);
      if (next === undefined) {
        if (!last) return at;
        throw new MalformedBodyError('CSV', 'a quote is opened and never closed.', { line: this.line });
      }
      at = next;
    }
    this.afterCr = at > 0 && bytes[at - 1] === CR;
    return at;
  }

  /** A record that is no plain row of numbers: a header, a comment, a blank line, quotes, or something wrong. */
  private readOddRecord(bytes: Buffer, at: number, end: number): number | undefined {
    const { line } = this;
    const comment = bytes[at] === HASH;
    const delimiter = this.delimiter ?? findDelimiter(bytes, at, end);
    const record = comment
      ? readComment(bytes, at, end, delimiter, line)
      : readCsvRecord(bytes, at, end, delimiter, line);
    if (record === undefined) return undefined;
    this.line += record.lines;
    const { cells } = record;
    // pandas writes a missing value of a single column as "": that line is not blank.
    const blank = cells.length === 1 && cells[0] === '' && !bytes.subarray(at, record.next).includes(QUOTE);
    if (comment) {
      if (this.targets === undefined && isCommentedHeader(cells, this.inputs))
        this.begin(delimiter, cells, line);
    } else if (!blank) {
      if (this.targets === undefined) {
        const header = isHeader(cells, this.inputs);
        this.begin(delimiter, header ? cells : this.inputs, line);
        if (header) return record.next;
      }
      this.readCells(cells, line);
    }
    return record.next;
  }

  private begin(delimiter: number, header: readonly string[], line: number): void {
    if (header.some((name) => name.includes('\ufffd'))) {
      throw new MalformedBodyError('CSV', 'the header is not UTF-8. Save the file as UTF-8.', { line });
    }
    this.targets = columnTargets(header, this.inputs, line);
    this.delimiter = delimiter;
  }

  private readCells(cells: readonly string[], line: number): void {
    this.rows++;
    if (cells.length !== this.inputs.length) {
      const expected = `${count(this.inputs.length, 'cell')} (${listNames(this.inputs)})`;
      const advice = 'cells are separated by a comma, a semicolon or a tab';
      this.issues.add(() => atLine(issue('row', count(cells.length, 'cell'), expected, advice), line));
      return;
    }
    const row = new Float64Array(cells.length);
    cells.forEach((cell, column) => {
      const target = this.targets![column];
      const value = parseNumberText(cell);
      if (value !== undefined && Number.isFinite(value)) row[target] = value;
      else this.issues.add(() => notANumberText(memberPath('', this.inputs[target]), cell, line));
    });
    this.numbers.add(row);
  }
}

/** A comment ends with its line, whatever quotes are in it. */
function readComment(bytes: Buffer, at: number, end: number, delimiter: number, line: number): CsvRecord {
  let stop = at;
  while (stop < end && bytes[stop] !== LF && bytes[stop] !== CR) stop++;
  const next = stop + (bytes[stop] === CR && stop + 1 < end && bytes[stop + 1] === LF ? 2 : 1);
  try {
    const record = readCsvRecord(bytes.subarray(at + 1, stop), 0, stop - at - 1, delimiter, line);
    return { cells: record?.cells ?? [], next: Math.min(next, end), lines: 1 };
  } catch {
    return { cells: [], next: Math.min(next, end), lines: 1 };
  }
}

export function findDelimiter(bytes: Buffer, at: number, end: number): number {
  let stop = at;
  while (stop < end && bytes[stop] !== LF && bytes[stop] !== CR) stop++;
  const line = bytes.subarray(at, stop);
  return [COMMA, SEMICOLON, TAB].find((delimiter) => line.includes(delimiter)) ?? COMMA;
}
