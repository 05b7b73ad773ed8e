import { InputBytes } from './input-bytes.js';
import { DamagedDataError, OutputBytes } from './output-bytes.js';
import { xxhash32 } from './xxhash32.js';

const MAGIC = 0x184d2204;
const SKIPPABLE = 0x184d2a50;
const UNCOMPRESSED = 0x80000000;
const LEAST_MATCH = 4;
const BLOCK_BYTES: Readonly<Record<number, number>> = { 4: 2 ** 16, 5: 2 ** 18, 6: 2 ** 20, 7: 2 ** 22 };

/** The frames of an LZ4 file, one after the other. LZ4 frame format 1.6.4; throws DamagedDataError, TooLargeError. */
export function unpackLz4(bytes: Buffer, maximum: number): Uint8Array {
  const input = new InputBytes(bytes);
  const output = new OutputBytes(maximum);
  do {
    const magic = input.uint32LE();
    if ((magic & 0xfffffff0) >>> 0 === SKIPPABLE) input.slice(input.uint32LE());
    else if (magic === MAGIC) readFrame(input, output);
    else throw new DamagedDataError('a frame does not begin as one');
  } while (input.remaining > 0);
  return output.view();
}

function readFrame(input: InputBytes, output: OutputBytes): void {
  const begin = input.offset;
  const flags = input.uint8();
  const block = input.uint8();
  const has = (bit: number): boolean => (flags & (1 << bit)) !== 0;
  const blockBytes = BLOCK_BYTES[(block >> 4) & 7];
  if (flags >> 6 !== 1 || has(1) || (block & 0x8f) !== 0 || blockBytes === undefined)
    throw new DamagedDataError('its frame descriptor is of no known version');
  const contentSize = has(3) ? input.uint64LE() : undefined;
  if (has(0)) throw new DamagedDataError('it needs a dictionary');
  const descriptor = input.bytes.subarray(begin, input.offset);
  demandSame((xxhash32(descriptor) >>> 8) & 0xff, input.uint8(), 'frame descriptor');

  const start = output.length;
  for (let size = input.uint32LE(); size !== 0; size = input.uint32LE()) {
    const data = input.slice(size & ~UNCOMPRESSED);
    const blockStart = output.length;
    if (size >>> 0 >= UNCOMPRESSED) output.append(data);
    // Independent blocks may not look back into the ones before.
    else readBlock(data, output, has(5) ? blockStart : start);
    if (output.length - blockStart > blockBytes)
      throw new DamagedDataError('a block is larger than declared');
    if (has(4)) demandSame(xxhash32(data), input.uint32LE(), 'block');
  }
  if (has(2)) demandSame(xxhash32(output.view(start)), input.uint32LE(), 'content');
  if (contentSize !== undefined && contentSize !== output.length - start)
    throw new DamagedDataError('its content is not as long as declared');
}

/** LZ4 block format: sequences of literals and a match; the last one ends after its literals. */
function readBlock(data: Buffer, output: OutputBytes, start: number): void {
  const input = new InputBytes(data);
  for (;;) {
    const token = input.uint8();
    output.append(input.slice(extended(token >> 4, input)));
    if (input.remaining === 0) return;
    const distance = input.uint8() | (input.uint8() << 8);
    output.repeat(distance, extended(token & 15, input) + LEAST_MATCH, start);
  }
}

/** 15 means that more follows: bytes of 255, and one below. */
function extended(nibble: number, input: InputBytes): number {
  let length = nibble;
  if (nibble < 15) return length;
  for (let byte = 255; byte === 255; length += byte) byte = input.uint8();
  return length;
}

function demandSame(actual: number, expected: number, what: string): void {
  if (actual !== expected) throw new DamagedDataError(`the checksum of its ${what} is wrong`);
}
