import { expectedRows, GrowingRows } from '../../numeric/decimal/growing-rows.js';
import { type JsonKeys, loadText, MOST_BYTES, readJsonRows } from '../../numeric/decimal/read-rows.js';
import type { Matrix } from '../../numeric/linalg/matrix.js';

/** An array of rows, bare or as the first member `inputs`: up to its bracket. */
const HEAD = /^(?:\xef\xbb\xbf)?[ \t\r\n]*(\{[ \t\r\n]*"inputs"[ \t\r\n]*:[ \t\r\n]*)?\[/;
const BLANK = /^[ \t\r\n]*$/;
const CLOSED_OBJECT = /^[ \t\r\n]*\}[ \t\r\n]*$/;
/** What may stand before and after the rows. */
const MOST_HEAD = 128;
const MOST_REST = 64 * 1024;

export interface PlainRows {
  /** N x d */
  readonly X: Matrix;
  /** What follows the array of an `inputs` member, where that is more than the closing brace. */
  readonly rest?: Buffer;
}

/**
 * Rows that programs write: an array of arrays of d numbers, or of objects that have the inputs as their members, always
 * in the same order; read without making a value of each. Undefined for everything else, and where anything is wrong:
 * whoever calls then reads the body in the general way.
 */
export function readPlainJson(body: Buffer, inputs: readonly string[]): PlainRows | undefined {
  const head = HEAD.exec(body.toString('latin1', 0, MOST_HEAD));
  if (!head) return undefined;
  const start = head[0].length;
  const keys = readKeys(body, start, inputs);
  if (keys === null) return undefined;
  const rows = new GrowingRows(inputs.length);
  const end = readBlocks(body, start, rows, keys);
  if (end === undefined || body.length - end > MOST_REST) return undefined;
  const rest = body.subarray(end);
  const text = rest.toString('latin1');
  if (head[1] === undefined) return BLANK.test(text) ? { X: rows.matrix() } : undefined;
  return CLOSED_OBJECT.test(text) ? { X: rows.matrix() } : { X: rows.matrix(), rest };
}

/** Returns where the array ends. */
function readBlocks(
  body: Buffer,
  start: number,
  rows: GrowingRows,
  keys: JsonKeys | undefined,
): number | undefined {
  let at = start;
  for (;;) {
    const loaded = loadText(body, at, Math.min(body.length, at + MOST_BYTES));
    const read = readJsonRows(loaded, rows, keys);
    at = read.next;
    if (read.closed) return at;
    if (read.rows === 0) return undefined;
    if (loaded.start === start) rows.reserve(expectedRows(rows.rows, at - start, body.length - start));
  }
}

/** Undefined where the rows are arrays, null where the first is an object that cannot be the pattern of all. */
function readKeys(body: Buffer, start: number, inputs: readonly string[]): JsonKeys | undefined | null {
  const text = body.toString('utf8', start, Math.min(body.length, start + MOST_BYTES));
  if (!/^[ \t\r\n]*\{/.test(text)) return undefined;
  let names: string[];
  try {
    // A name with a brace in it ends the object too early, which is then no JSON.
    names = Object.keys(JSON.parse(text.slice(0, text.indexOf('}') + 1)) as object);
  } catch {
    return null;
  }
  if (names.length !== inputs.length || !names.every((name) => inputs.includes(name))) return null;
  return {
    texts: names.map((name) => Buffer.from(JSON.stringify(name))),
    targets: names.map((name) => inputs.indexOf(name)),
  };
}
