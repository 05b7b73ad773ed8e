import type { ByteSource } from './byte-source.js';
import { PickleError } from './pickle-error.js';

/**
 * How a stretch of the file spells a string.
 * - `bytes`: one byte, one character.
 * - `utf-8`: as BINUNICODE has it; lone surrogates are allowed, as in CPython's `surrogatepass`.
 * - `raw-unicode-escape`: protocol 0's UNICODE, Latin-1 with `\uXXXX` and `\UXXXXXXXX`.
 * - `string-escape`: protocol 0's STRING, the inside of a Python 2 string literal.
 */
export type TextEncoding = 'bytes' | 'utf-8' | 'raw-unicode-escape' | 'string-escape';

const CHUNK_BYTES = 64 * 1024;
const BACKSLASH = 0x5c;
const LOWER_U = 0x75;
const UPPER_U = 0x55;
const LOWER_X = 0x78;
const NEWLINE = 0x0a;
/** The characters that may follow a backslash, and, at the same positions, what the pairs mean. */
const ESCAPED = '\\\'"abfnrtv';
const MEANING = '\\\'"\x07\b\f\n\r\t\v';

/** Yields one code point after the other from a stretch of a source, in constant memory; -1 at the end. */
export class CharacterReader {
  private chunk: Buffer = Buffer.alloc(0);
  private index = 0;
  private nextChunk: number;
  private readonly end: number;
  private readonly decode: () => number;

  /** @throws PickleError `bad-value` while reading, where the bytes do not follow the encoding. */
  constructor(
    private readonly source: ByteSource,
    offset: number,
    length: number,
    encoding: TextEncoding,
  ) {
    this.nextChunk = offset;
    this.end = offset + length;
    this.decode = {
      bytes: () => this.byte(),
      'utf-8': () => this.utf8(),
      'raw-unicode-escape': () => this.rawUnicodeEscape(),
      'string-escape': () => this.stringEscape(),
    }[encoding];
  }

  next(): number {
    return this.decode();
  }

  private byte(): number {
    if (this.index === this.chunk.length && !this.refill()) return -1;
    return this.chunk[this.index++];
  }

  private peek(): number {
    if (this.index === this.chunk.length && !this.refill()) return -1;
    return this.chunk[this.index];
  }

  private refill(): boolean {
    const length = Math.min(CHUNK_BYTES, this.end - this.nextChunk);
    if (length <= 0) return false;
    this.chunk = this.source.read(this.nextChunk, length);
    this.nextChunk += length;
    this.index = 0;
    return true;
  }

  private utf8(): number {
    const first = this.byte();
    if (first < 0x80) return first;
    if (first >= 0xc2 && first <= 0xdf) return ((first & 0x1f) << 6) | this.continuation();
    if (first >= 0xe0 && first <= 0xef) {
      const code = ((first & 0x0f) << 12) | (this.continuation() << 6) | this.continuation();
      return code >= 0x800 ? code : this.fail('UTF-8');
    }
    if (first >= 0xf0 && first <= 0xf4) {
      const high = ((first & 0x07) << 18) | (this.continuation() << 12);
      const code = high | (this.continuation() << 6) | this.continuation();
      return code >= 0x10000 && code <= 0x10ffff ? code : this.fail('UTF-8');
    }
    return this.fail('UTF-8');
  }

  private continuation(): number {
    const byte = this.byte();
    return byte >= 0x80 && byte <= 0xbf ? byte & 0x3f : this.fail('UTF-8');
  }

  /** A pair of backslashes is two characters, and neither begins an escape: hence the state. */
  private afterBackslash = false;

  private rawUnicodeEscape(): number {
    const first = this.byte();
    if (first !== BACKSLASH || this.afterBackslash) {
      this.afterBackslash = false;
      return first;
    }
    const kind = this.peek();
    if (kind !== LOWER_U && kind !== UPPER_U) {
      this.afterBackslash = kind === BACKSLASH;
      return first;
    }
    this.byte();
    const code = this.hexadecimal(kind === LOWER_U ? 4 : 8);
    return code <= 0x10ffff ? code : this.fail('a unicode escape');
  }

  private stringEscape(): number {
    for (;;) {
      const first = this.byte();
      if (first !== BACKSLASH) return first;
      const kind = this.peek();
      if (kind === NEWLINE) {
        this.byte();
        continue;
      }
      if (kind >= 0x30 && kind <= 0x37) return this.octal();
      const simple = kind < 0 ? -1 : ESCAPED.indexOf(String.fromCharCode(kind));
      if (kind !== LOWER_X && simple < 0) return first;
      this.byte();
      return kind === LOWER_X ? this.hexadecimal(2) : MEANING.charCodeAt(simple);
    }
  }

  private octal(): number {
    let code = 0;
    for (let digits = 0; digits < 3 && this.peek() >= 0x30 && this.peek() <= 0x37; digits++) {
      code = code * 8 + this.byte() - 0x30;
    }
    return code & 0xff;
  }

  private hexadecimal(digits: number): number {
    let code = 0;
    for (let index = 0; index < digits; index++) {
      const digit = Number.parseInt(String.fromCharCode(this.byte() & 0xffff), 16);
      code = code * 16 + (Number.isNaN(digit) ? this.fail('an escape') : digit);
    }
    return code;
  }

  private fail(what: string): never {
    throw new PickleError(
      'bad-value',
      `text that is not ${what}`,
      this.nextChunk - this.chunk.length + this.index,
    );
  }
}
