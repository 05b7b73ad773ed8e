import { gunzipSync, inflateSync, constants } from 'node:zlib';
import { ModelFileError } from '../../../model-errors.js';
import { unpackBzip2 } from './bzip2.js';
import { unpackLz4 } from './lz4.js';
import { unpackLzmaAlone } from './lzma-alone.js';
import { DamagedDataError, TooLargeError } from './output-bytes.js';
import { unpackXz } from './xz.js';

/** What joblib can compress with, and what people compress pickles with. */
export type Compression = 'zlib' | 'gzip' | 'bz2' | 'xz' | 'lzma' | 'lz4';

type Unpack = (bytes: Buffer, maximum: number) => Uint8Array;

const UNPACKERS: Readonly<Record<Compression, Unpack>> = {
  zlib: (bytes, maximum) => inflateSync(bytes, { maxOutputLength: maximum }),
  gzip: (bytes, maximum) => gunzipSync(bytes, { maxOutputLength: maximum }),
  bz2: unpackBzip2,
  xz: unpackXz,
  lzma: unpackLzmaAlone,
  lz4: unpackLz4,
};

const MAGIC: readonly (readonly [Compression, readonly number[]])[] = [
  ['gzip', [0x1f, 0x8b, 0x08]],
  ['bz2', [0x42, 0x5a, 0x68]],
  ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
  ['lz4', [0x04, 0x22, 0x4d, 0x18]],
  // The usual properties (lc 3, lp 0, pb 2), and a dictionary of a multiple of 64 KiB.
  ['lzma', [0x5d, 0x00, 0x00]],
];

/** How a file is compressed, by its first bytes; undefined where it is not. */
export function detectCompression(head: Buffer): Compression | undefined {
  const found = MAGIC.find(([, magic]) => magic.every((byte, i) => head[i] === byte));
  return found?.[0] ?? (isZlib(head) ? 'zlib' : undefined);
}

/** RFC 1950: method 8, a window of up to 32 KiB, and a header that is a multiple of 31. */
function isZlib(head: Buffer): boolean {
  return head.length > 1 && head[0] === 0x78 && head.readUInt16BE(0) % 31 === 0;
}

/** What the first bytes of a gzip or zlib file unpack to; nothing for the others. */
export function peek(head: Buffer, compression: Compression): Buffer {
  const partial = { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: 2 ** 20 };
  try {
    if (compression === 'gzip') return gunzipSync(head, partial);
    if (compression === 'zlib') return inflateSync(head, partial);
  } catch {
    // Damaged, or a lot of the same: whoever reads the whole file says so.
  }
  return Buffer.alloc(0);
}

/**
 * The whole content, in memory. Throws ModelFileError where it is damaged or would be larger than `maximum` bytes; no
 * more than about twice that is ever allocated.
 */
export function unpack(bytes: Buffer, compression: Compression, maximum: number): Uint8Array {
  try {
    return UNPACKERS[compression](bytes, maximum);
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (error instanceof TooLargeError || code === 'ERR_BUFFER_TOO_LARGE') {
      throw new ModelFileError(
        `The ${compression} data unpacks to more than ${maximum} bytes, the most that MAX_MODEL_BYTES allows.`,
      );
    }
    if (error instanceof DamagedDataError)
      throw new ModelFileError(`The ${compression} data is damaged: ${error.message}.`);
    if (code.startsWith('Z_')) throw new ModelFileError(`The ${compression} data is damaged (${code}).`);
    throw error;
  }
}
