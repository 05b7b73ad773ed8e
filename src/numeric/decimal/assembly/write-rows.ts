import { writeNumber } from './write-number';

const OPEN: u32 = 0x5b;
const COMMA: u32 = 0x2c;
const CLOSE: u32 = 0x5d;
const LF: u32 = 0x0a;

/**
 * Elements [first, first + count) of a JSON array of numbers, without its own brackets, at `out`; returns the end,
 * or 0 where one is not finite.
 * Where `inner` is not 0, every `inner` elements are an array; where `outer` is not 0, every `outer` elements are an
 * array of those.
 */
export function writeJsonValues(
  values: usize, first: u32, count: u32, inner: u32, outer: u32, out: usize,
): usize {
  const last = first + count;
  // Counted rather than divided for: where in its array the next element stands.
  let atInner = inner == 0 ? 1 : first % inner;
  let atOuter = outer == 0 ? 1 : first % outer;
  for (let i = first; i < last; i++, values += 8) {
    if (!isFinite(load<f64>(values))) return 0;
    if (i > 0) store<u8>(out++, <u8>COMMA);
    if (outer != 0 && atOuter == 0) store<u8>(out++, <u8>OPEN);
    if (inner != 0 && atInner == 0) store<u8>(out++, <u8>OPEN);
    out = writeNumber(load<f64>(values), out);
    if (inner != 0 && ++atInner == inner) {
      store<u8>(out++, <u8>CLOSE);
      atInner = 0;
    }
    if (outer != 0 && ++atOuter == outer) {
      store<u8>(out++, <u8>CLOSE);
      atOuter = 0;
    }
  }
  return out;
}

/**
 * Elements [first, first + count) of a row-major table of `cols` columns: a comma after each, LF after the last of a
 * row. Returns the end, or 0.
 */
export function writeCsvValues(values: usize, first: u32, count: u32, cols: u32, out: usize): usize {
  let col = first % cols;
  for (let i: u32 = 0; i < count; i++, values += 8) {
    if (!isFinite(load<f64>(values))) return 0;
    out = writeNumber(load<f64>(values), out);
    col++;
    store<u8>(out++, <u8>(col == cols ? LF : COMMA));
    if (col == cols) col = 0;
  }
  return out;
}
