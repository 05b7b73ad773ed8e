import type { ByteSource } from './byte-source.js';
import { PickleError } from './pickle-error.js';
import { CharacterReader, type TextEncoding } from './text-decoders.js';

/** A stretch of the file that spells bytes or text; nothing of it is in memory. */
export interface FileRange {
  readonly source: ByteSource;
  readonly offset: number;
  readonly length: number;
  readonly encoding: TextEncoding;
}

/** A string too long to be kept; it is decoded when asked for. */
export class LazyText {
  constructor(readonly range: FileRange) {}

  /** @throws PickleError `limit` if the text is longer than `maximum` bytes in the file. */
  decode(maximum: number): string {
    if (this.range.length > maximum) {
      throw new PickleError(
        'limit',
        `a text of ${this.range.length} bytes, at most ${maximum} expected`,
        this.range.offset,
      );
    }
    return decodeText(this.range);
  }
}

/** Decodes a whole stretch of the file. @throws PickleError `bad-value` where the bytes do not follow the encoding. */
export function decodeText({ source, offset, length, encoding }: FileRange): string {
  const characters = new CharacterReader(source, offset, length, encoding);
  const pieces: string[] = [];
  let codes: number[] = [];
  for (let code = characters.next(); code >= 0; code = characters.next()) {
    if (codes.push(code) === 4096) {
      pieces.push(String.fromCodePoint(...codes));
      codes = [];
    }
  }
  return pieces.join('') + String.fromCodePoint(...codes);
}

/**
 * Python's bytes: short ones as a string of characters 0 to 255, long ones as a place in the file. Protocols 0 to 2 spell
 * bytes as text that is to be encoded as Latin-1, so a long payload's exact length may be known only after decoding it.
 */
export class PickleBytes {
  constructor(private readonly content: string | FileRange) {}

  /** Whether `length` can be the number of bytes; certain for a plain payload, bounds for one that is spelt as text. */
  canHaveLength(length: number): boolean {
    if (typeof this.content === 'string') return length === this.content.length;
    if (this.content.encoding === 'bytes') return length === this.content.length;
    // The longest spelling of one byte is \U000000ff.
    return length <= this.content.length && this.content.length <= 10 * length;
  }

  /**
   * Hands the payload over piece by piece, each in the same buffer of at most `chunkBytes`, in which the consumer may write.
   * @param length the number of bytes it must have
   * @throws PickleError `bad-array` if it has another length, `bad-value` if it does not decode
   */
  forEachChunk(
    length: number,
    chunkBytes: number,
    consume: (chunk: Uint8Array<ArrayBuffer>, start: number) => void,
  ): void {
    if (!this.canHaveLength(length)) throw this.wrongLength(length);
    const chunk = new Uint8Array(Math.min(length, chunkBytes));
    const payload = this.open(length);
    for (let start = 0; start < length; start += chunk.length) {
      const piece = chunk.subarray(0, Math.min(chunk.length, length - start));
      payload.fill(piece, start);
      consume(piece, start);
    }
    payload.finish();
  }

  /** The whole payload, for short things. */
  toBytes(length: number): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(length);
    this.forEachChunk(length, length, (chunk) => bytes.set(chunk));
    return bytes;
  }

  private open(length: number): { fill(target: Uint8Array, start: number): void; finish(): void } {
    const content = this.content;
    if (typeof content === 'string') {
      return {
        fill: (target, start) => {
          for (let index = 0; index < target.length; index++)
            target[index] = content.charCodeAt(start + index);
        },
        finish: () => {},
      };
    }
    if (content.encoding === 'bytes') {
      return {
        fill: (target, start) => content.source.readInto(target, content.offset + start),
        finish: () => {},
      };
    }
    const characters = new CharacterReader(content.source, content.offset, content.length, content.encoding);
    return {
      fill: (target) => {
        for (let index = 0; index < target.length; index++) {
          const code = characters.next();
          if (code < 0) throw this.wrongLength(length);
          if (code > 0xff)
            throw new PickleError('bad-value', 'bytes with a character beyond Latin-1', content.offset);
          target[index] = code;
        }
      },
      finish: () => {
        if (characters.next() >= 0) throw this.wrongLength(length);
      },
    };
  }

  private wrongLength(length: number): PickleError {
    const offset = typeof this.content === 'string' ? undefined : this.content.offset;
    return new PickleError('bad-array', `a payload that does not have the expected ${length} bytes`, offset);
  }
}
