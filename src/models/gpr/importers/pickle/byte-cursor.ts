import type { ByteSource } from './byte-source.js';
import { PickleError } from './pickle-error.js';

const WINDOW_BYTES = 256 * 1024;
const NEWLINE = 0x0a;
const EMPTY = Buffer.alloc(0);

/** Reads a source from front to back through a window; `skip` jumps over payloads without reading them. */
export class ByteCursor {
  private window: Buffer = EMPTY;
  private windowStart = 0;
  private index = 0;

  constructor(readonly source: ByteSource) {}

  get offset(): number {
    return this.windowStart + this.index;
  }

  get remaining(): number {
    return this.source.size - this.offset;
  }

  // `need` may replace the window, so it has to come before the window is named.

  uint8(): number {
    const at = this.need(1);
    return this.window[at];
  }

  uint16(): number {
    const at = this.need(2);
    return this.window.readUInt16LE(at);
  }

  int32(): number {
    const at = this.need(4);
    return this.window.readInt32LE(at);
  }

  uint32(): number {
    const at = this.need(4);
    return this.window.readUInt32LE(at);
  }

  float64BigEndian(): number {
    const at = this.need(8);
    return this.window.readDoubleBE(at);
  }

  /** An unsigned 64-bit length; one that exceeds the rest of the file is refused at once. */
  length64(): number {
    const at = this.need(8);
    // Exact up to 2^53; above, the rounding does not matter because no file is that long.
    return this.checkedLength(this.window.readUInt32LE(at) + this.window.readUInt32LE(at + 4) * 2 ** 32);
  }

  length32(): number {
    return this.checkedLength(this.uint32());
  }

  /** A length stored as a signed number (protocol 1's strings and long integers). */
  signedLength32(): number {
    return this.checkedLength(this.int32());
  }

  /** A view of the next bytes, valid until the next call. For short things: long ones are left where they are. */
  bytes(length: number): Buffer {
    const at = this.need(length);
    return this.window.subarray(at, at + length);
  }

  skip(length: number): void {
    this.checkedLength(length);
    this.index += length;
    if (this.index > this.window.length) {
      this.windowStart += this.index;
      this.index = 0;
      this.window = EMPTY;
    }
  }

  /** Text up to the next newline, for names and numbers; the newline is consumed. */
  line(maximum: number): string {
    const text = this.bytes(this.lineLength(maximum)).toString('latin1');
    this.skip(1);
    return text;
  }

  /** How many bytes there are before the next newline, without consuming any; more than `maximum` is refused. */
  lineLength(maximum: number): number {
    const start = this.offset;
    const end = Math.min(this.source.size, start + maximum + 1);
    const found = this.window.indexOf(NEWLINE, this.index);
    if (found >= 0) return this.demandWithin(found - this.index, maximum, start);
    for (let at = this.windowStart + this.window.length; at < end; at += WINDOW_BYTES) {
      const piece = this.source.read(at, Math.min(WINDOW_BYTES, this.source.size - at));
      const inPiece = piece.indexOf(NEWLINE);
      if (inPiece >= 0) return this.demandWithin(at + inPiece - start, maximum, start);
    }
    if (end === this.source.size)
      throw new PickleError('truncated', 'the file ends inside a line of text', start);
    return this.demandWithin(maximum + 1, maximum, start);
  }

  private demandWithin(length: number, maximum: number, offset: number): number {
    if (length <= maximum) return length;
    throw new PickleError('limit', `a line of more than ${maximum} bytes`, offset);
  }

  private checkedLength(length: number): number {
    if (length < 0) throw new PickleError('bad-value', `a negative length: ${length}`, this.offset);
    if (length <= this.remaining) return length;
    throw new PickleError(
      'truncated',
      `the file ends early: ${length} bytes expected, ${this.remaining} left`,
      this.offset,
    );
  }

  /** Makes sure that the window holds the next `length` bytes, consumes them and returns where they begin in it. */
  private need(length: number): number {
    if (this.index + length > this.window.length) this.refill(length);
    const at = this.index;
    this.index += length;
    return at;
  }

  private refill(length: number): void {
    const offset = this.offset;
    this.checkedLength(length);
    this.window = this.source.read(
      offset,
      Math.min(this.source.size - offset, Math.max(WINDOW_BYTES, length)),
    );
    this.windowStart = offset;
    this.index = 0;
  }
}
