import { decimalModule, LAYOUT } from './decimal-module.js';
import type { GrowingRows } from './growing-rows.js';

/** As much text as one call reads. */
export const MOST_BYTES = LAYOUT.inputBytes;

/** Text in the module's memory. Whatever else reads or writes there comes after. */
export interface LoadedText {
  readonly start: number;
  readonly end: number;
}

/** Loads bytes [start, end) of a text, at most MOST_BYTES. */
export function loadText(text: Uint8Array, start: number, end: number): LoadedText {
  const { bytes } = decimalModule();
  bytes.set(text.subarray(start, end), LAYOUT.input);
  bytes[LAYOUT.input + end - start] = 0;
  return { start, end };
}

/**
 * Appends the plain lines of numbers from byte `at` on, up to the first that is not exactly one finite number a cell, or
 * whose nearest double is in doubt; returns where that begins, and how many came before. Cell j goes to column
 * `targets[j]`. What is loaded ends in a line break.
 */
export function readCsvLines(
  loaded: LoadedText,
  at: number,
  delimiter: number,
  targets: Int32Array,
  into: GrowingRows,
): { next: number; rows: number } {
  const { exports, integers } = decimalModule();
  if (LAYOUT.columns + targets.byteLength > LAYOUT.columnsEnd) return { next: at, rows: 0 };
  integers.set(targets, LAYOUT.columns / 4);
  const rows = exports.readCsvLines(
    LAYOUT.input + at - loaded.start,
    LAYOUT.input + loaded.end - loaded.start,
    delimiter,
    into.cols,
    LAYOUT.columns,
    LAYOUT.output,
  );
  append(rows, into);
  return { next: loaded.start + exports.readPosition() - LAYOUT.input, rows };
}

/** The members of a JSON row: its keys as JSON writes them, quotes included, and the column of each. */
export interface JsonKeys {
  readonly texts: readonly Uint8Array[];
  readonly targets: readonly number[];
}

/**
 * Appends the rows of a JSON array from its first byte after the bracket, or after a comma: arrays of numbers, or with
 * `keys` objects that all have the same keys in the same order. Returns where the first that is neither (or not whole)
 * begins, and whether the array was closed.
 */
export function readJsonRows(
  { start }: LoadedText,
  into: GrowingRows,
  keys: JsonKeys | undefined,
): { next: number; rows: number; closed: boolean } {
  const { exports } = decimalModule();
  if (keys !== undefined && !loadKeys(keys)) return { next: start, rows: 0, closed: false };
  const rows =
    keys === undefined
      ? exports.readJsonArrays(LAYOUT.input, into.cols, LAYOUT.output)
      : exports.readJsonObjects(LAYOUT.input, into.cols, LAYOUT.columns, LAYOUT.output);
  append(rows, into);
  return {
    next: start + exports.readPosition() - LAYOUT.input,
    rows,
    closed: exports.readClosed() !== 0,
  };
}

function append(rows: number, into: GrowingRows): void {
  const first = LAYOUT.output / 8;
  into.push(decimalModule().doubles.subarray(first, first + rows * into.cols));
}

/** False where there is no room for them. */
function loadKeys({ texts, targets }: JsonKeys): boolean {
  const { bytes, integers } = decimalModule();
  let at = LAYOUT.columns;
  for (const [j, text] of texts.entries()) {
    const next = at + 8 + 4 * Math.ceil(text.length / 4);
    if (next > LAYOUT.columnsEnd) return false;
    integers[at / 4] = targets[j];
    integers[at / 4 + 1] = text.length;
    bytes.set(text, at + 8);
    at = next;
  }
  return true;
}
