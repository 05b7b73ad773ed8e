import { readNumber, value } from './read-number';

// Plain rows of numbers, straight from text. Each function reads the rows that lie whole in [at, end) into `out`, up to
// the first that is anything else, and says in `position` where that begins. The byte at `end` is 0, at which every
// loop stops.

/** Where the first row begins that was not read. */
let position: usize = 0;
/** Whether what was read last closed the rows of a JSON array. */
let closed: bool = false;

export function readPosition(): usize {
  return position;
}

export function readClosed(): bool {
  return closed;
}

const TAB: u32 = 0x09;
const LF: u32 = 0x0a;
const CR: u32 = 0x0d;
const SPACE: u32 = 0x20;
const COMMA: u32 = 0x2c;
const COLON: u32 = 0x3a;
const OPEN_ARRAY: u32 = 0x5b;
const CLOSE_ARRAY: u32 = 0x5d;
const OPEN_OBJECT: u32 = 0x7b;
const CLOSE_OBJECT: u32 = 0x7d;

/**
 * CSV lines of `cols` cells; cell j goes to column targets[j] (i32). Every line ends in LF, CR or both. Returns the
 * number of rows.
 */
export function readCsvLines(
  at: usize, end: usize, delimiter: u32, cols: usize, targets: usize, out: usize,
): usize {
  let rows: usize = 0;
  position = at;
  while (at < end) {
    const row = out + ((rows * cols) << 3);
    for (let column: usize = 0; column < cols; column++) {
      while (load<u8>(at) == SPACE) at++;
      at = readNumber(at, false);
      if (at == 0) return rows;
      while (load<u8>(at) == SPACE) at++;
      if (column + 1 < cols && load<u8>(at++) != delimiter) return rows;
      store<f64>(row + (<usize>load<u32>(targets + (column << 2)) << 3), value);
    }
    const byte: u32 = load<u8>(at++);
    if (byte == CR) {
      if (load<u8>(at) == LF) at++;
    } else if (byte != LF) return rows;
    rows++;
    position = at;
  }
  return rows;
}

/** The elements of a JSON array after its bracket, or after a comma: arrays of `cols` numbers. */
export function readJsonArrays(at: usize, cols: usize, out: usize): usize {
  let rows: usize = 0;
  closed = false;
  position = at;
  while (!closed) {
    at = afterBlanks(at);
    if (load<u8>(at++) != OPEN_ARRAY) return rows;
    const row = out + ((rows * cols) << 3);
    for (let column: usize = 0; column < cols; column++) {
      at = readNumber(afterBlanks(at), true);
      if (at == 0) return rows;
      at = afterBlanks(at);
      if (load<u8>(at++) != (column + 1 < cols ? COMMA : CLOSE_ARRAY)) return rows;
      store<f64>(row + (column << 3), value);
    }
    at = afterRow(at);
    if (at == 0) return rows;
    rows++;
    position = at;
  }
  return rows;
}

/**
 * The same for objects of `cols` members, always in the same order. `keys` has for each the column it goes to, the
 * length of its key in bytes (i32 both), and the key as JSON writes it, quotes included, padded to a multiple of four.
 */
export function readJsonObjects(at: usize, cols: usize, keys: usize, out: usize): usize {
  let rows: usize = 0;
  closed = false;
  position = at;
  while (!closed) {
    at = afterBlanks(at);
    if (load<u8>(at++) != OPEN_OBJECT) return rows;
    const row = out + ((rows * cols) << 3);
    let key = keys;
    for (let column: usize = 0; column < cols; column++) {
      at = afterBlanks(at);
      const length = <usize>load<u32>(key, 4);
      for (let i: usize = 0; i < length; i++) {
        if (load<u8>(at + i) != load<u8>(key + i, 8)) return rows;
      }
      at = afterBlanks(at + length);
      if (load<u8>(at++) != COLON) return rows;
      at = readNumber(afterBlanks(at), true);
      if (at == 0) return rows;
      at = afterBlanks(at);
      if (load<u8>(at++) != (column + 1 < cols ? COMMA : CLOSE_OBJECT)) return rows;
      store<f64>(row + (<usize>load<u32>(key) << 3), value);
      key += 8 + ((length + 3) & ~3);
    }
    at = afterRow(at);
    if (at == 0) return rows;
    rows++;
    position = at;
  }
  return rows;
}

/** Past the comma that another row follows, or the bracket that ends them: 0 for anything else. */
// @ts-ignore: decorator
@inline
function afterRow(at: usize): usize {
  at = afterBlanks(at);
  const byte: u32 = load<u8>(at);
  closed = byte == CLOSE_ARRAY;
  return closed || byte == COMMA ? at + 1 : 0;
}

// @ts-ignore: decorator
@inline
function afterBlanks(at: usize): usize {
  while (isBlank(load<u8>(at))) at++;
  return at;
}

// @ts-ignore: decorator
@inline
function isBlank(byte: u32): bool {
  return byte <= SPACE && (byte == SPACE || byte == LF || byte == CR || byte == TAB);
}
