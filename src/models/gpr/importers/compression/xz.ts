import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { crc64 } from './crc64.js';
import { InputBytes } from './input-bytes.js';
import { readLzma2 } from './lzma2.js';
import { DamagedDataError, OutputBytes } from './output-bytes.js';

const HEADER_MAGIC = Buffer.of(0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00);
const FOOTER_MAGIC = Buffer.from('YZ');
const LZMA2 = 0x21;

/** Bytes of each kind of check (`.xz` specification, section 2.1.1.2), and those that can be computed here. */
const CHECK_BYTES = [0, 4, 4, 4, 8, 8, 8, 16, 16, 16, 32, 32, 32, 64, 64, 64];
const CHECKS: ReadonlyMap<number, (bytes: Uint8Array) => Uint8Array> = new Map([
  [1, (bytes: Uint8Array) => littleEndian(crc32(bytes))],
  [4, crc64],
  [10, (bytes: Uint8Array) => createHash('sha256').update(bytes).digest()],
]);

/** What the index at the end of a stream says about each block. */
interface BlockRecord {
  readonly unpaddedBytes: number;
  readonly unpackedBytes: number;
}

/** The streams of an `.xz` file, one after the other. The .xz File Format, version 1.2.1, with the LZMA2 filter alone. */
export function unpackXz(bytes: Buffer, maximum: number): Uint8Array {
  const input = new InputBytes(bytes);
  const output = new OutputBytes(maximum);
  do {
    readStream(input, output);
    // Streams may be padded with zeros to a multiple of four bytes.
    while (input.remaining >= 4 && input.bytes.readUInt32LE(input.offset) === 0) input.slice(4);
  } while (input.remaining > 0);
  return output.view();
}

function readStream(input: InputBytes, output: OutputBytes): void {
  demand(input.slice(6).equals(HEADER_MAGIC), 'a stream does not begin as one');
  const flags = input.slice(2);
  demand(flags[0] === 0 && flags[1] < CHECK_BYTES.length, 'its stream flags are of no known version');
  demand(crc32(flags) === input.uint32LE(), 'the checksum of its header is wrong');
  const records: BlockRecord[] = [];
  for (let first = input.uint8(); first !== 0; first = input.uint8()) {
    records.push(readBlock(first, flags[1], input, output));
  }
  const indexBytes = readIndex(records, input);
  const footerCrc = input.uint32LE();
  const footer = input.slice(6);
  demand(crc32(footer) === footerCrc, 'the checksum of its footer is wrong');
  demand((footer.readUInt32LE(0) + 1) * 4 === indexBytes, 'its footer does not fit its index');
  demand(footer.subarray(4).equals(flags), 'its footer does not fit its header');
  demand(input.slice(2).equals(FOOTER_MAGIC), 'a stream does not end as one');
}

function readBlock(first: number, check: number, input: InputBytes, output: OutputBytes): BlockRecord {
  const begin = input.offset - 1;
  const header = new InputBytes(input.slice(4 * first - 1));
  const headerEnd = input.offset;
  const crc = input.uint32LE();
  demand(crc32(input.bytes.subarray(begin, headerEnd)) === crc, 'the checksum of a block header is wrong');
  const flags = header.uint8();
  demand((flags & 0x3c) === 0, 'a block header is of no known version');
  const packed = (flags & 0x40) === 0 ? undefined : variableLength(header);
  const unpacked = (flags & 0x80) === 0 ? undefined : variableLength(header);
  demand(
    (flags & 3) === 0 && variableLength(header) === LZMA2 && variableLength(header) === 1,
    'it uses filters other than LZMA2, which are not supported',
  );
  const dictionary = dictionarySize(header.uint8());

  const dataBegin = input.offset;
  const outputBegin = output.length;
  readLzma2(input, output, dictionary);
  const packedBytes = input.offset - dataBegin;
  const unpackedBytes = output.length - outputBegin;
  demand(packed === undefined || packed === packedBytes, 'a block is not as long as declared');
  demand(unpacked === undefined || unpacked === unpackedBytes, 'a block is not as long as declared');
  while ((input.offset - dataBegin) % 4 !== 0)
    demand(input.uint8() === 0, 'a block is not padded with zeros');
  const stored = input.slice(CHECK_BYTES[check]);
  const computed = CHECKS.get(check)?.(output.view(outputBegin));
  demand(!computed || stored.equals(computed), 'the checksum of a block is wrong');
  return { unpaddedBytes: dataBegin - begin + packedBytes + stored.length, unpackedBytes };
}

/** Compares the index with the blocks that were read, and gives its length in bytes. */
function readIndex(records: readonly BlockRecord[], input: InputBytes): number {
  const begin = input.offset - 1;
  demand(variableLength(input) === records.length, 'its index does not fit its blocks');
  for (const { unpaddedBytes, unpackedBytes } of records) {
    const fits = variableLength(input) === unpaddedBytes && variableLength(input) === unpackedBytes;
    demand(fits, 'its index does not fit its blocks');
  }
  while ((input.offset - begin) % 4 !== 0) demand(input.uint8() === 0, 'its index is not padded with zeros');
  const crc = crc32(input.bytes.subarray(begin, input.offset));
  demand(input.uint32LE() === crc, 'the checksum of its index is wrong');
  return input.offset - begin;
}

/** Seven bits a byte, the least significant first; nine bytes at most. */
function variableLength(input: InputBytes): number {
  let value = 0;
  for (let i = 0; i < 9; i += 1) {
    const byte = input.uint8();
    value += (byte & 0x7f) * 2 ** (7 * i);
    if (byte < 0x80) return value;
  }
  throw new DamagedDataError('a length has too many bytes');
}

function dictionarySize(byte: number): number {
  demand(byte <= 40, 'its dictionary is too large');
  return byte === 40 ? 2 ** 32 - 1 : (2 | (byte & 1)) * 2 ** ((byte >> 1) + 11);
}

function littleEndian(value: number): Uint8Array {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function demand(condition: boolean, problem: string): void {
  if (!condition) throw new DamagedDataError(problem);
}
