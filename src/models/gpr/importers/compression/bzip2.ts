import { InputBytes } from './input-bytes.js';
import { DamagedDataError, OutputBytes } from './output-bytes.js';

const BLOCK = 0x314159265359;
const END = 0x177245385090;
const SYMBOLS_A_TABLE = 50;
const LONGEST_CODE = 20;

/** Bits, the most significant first. */
class BitReader {
  private held = 0;
  private count = 0;

  constructor(readonly input: InputBytes) {}

  bit(): number {
    if (this.count === 0) {
      this.held = this.input.uint8();
      this.count = 8;
    }
    this.count -= 1;
    return (this.held >> this.count) & 1;
  }

  /** Up to 48 bits. */
  bits(count: number): number {
    let value = 0;
    for (let i = 0; i < count; i += 1) value = value * 2 + this.bit();
    return value;
  }

  toByteBoundary(): void {
    this.count = 0;
  }
}

/** A canonical prefix code: shorter codes first, and among equals the smaller symbol. */
class PrefixCode {
  /** The codes of a length are `limit[length] - counts` to below `limit[length]`. */
  private readonly counts = new Int32Array(LONGEST_CODE + 2);
  private readonly symbols: number[] = [];

  constructor(lengths: readonly number[]) {
    for (let length = 1; length <= LONGEST_CODE; length += 1) {
      lengths.forEach((own, symbol) => {
        if (own !== length) return;
        this.counts[length] += 1;
        this.symbols.push(symbol);
      });
    }
  }

  read(bits: BitReader): number {
    let code = 0;
    let first = 0;
    let index = 0;
    for (let length = 1; length <= LONGEST_CODE; length += 1) {
      code = code * 2 + bits.bit();
      const count = this.counts[length];
      if (code - first < count) return this.symbols[index + code - first];
      index += count;
      first = (first + count) * 2;
    }
    throw new DamagedDataError('a code stands for no symbol');
  }
}

/** The streams of a `.bz2` file, one after the other; blocks of up to 900 kB. Throws DamagedDataError, TooLargeError. */
export function unpackBzip2(bytes: Buffer, maximum: number): Uint8Array {
  const input = new InputBytes(bytes);
  const output = new OutputBytes(maximum);
  const bits = new BitReader(input);
  do {
    readStream(bits, output);
    bits.toByteBoundary();
  } while (input.remaining > 0);
  return output.view();
}

function readStream(bits: BitReader, output: OutputBytes): void {
  const level = bits.bits(16) === 0x425a && bits.bits(8) === 0x68 ? bits.bits(8) - 0x30 : 0;
  if (level < 1 || level > 9) throw new DamagedDataError('a stream does not begin as one');
  const blockBytes = level * 100_000;
  let combined = 0;
  for (let magic = bits.bits(48); magic !== END; magic = bits.bits(48)) {
    if (magic !== BLOCK) throw new DamagedDataError('a block does not begin as one');
    const expected = bits.bits(32);
    const start = output.length;
    readBlock(bits, blockBytes, output);
    const crc = crc32(output.view(start));
    if (crc !== expected) throw new DamagedDataError('the checksum of a block is wrong');
    combined = (((combined << 1) | (combined >>> 31)) ^ crc) >>> 0;
  }
  if (bits.bits(32) !== combined) throw new DamagedDataError('the checksum of a stream is wrong');
}

function readBlock(bits: BitReader, blockBytes: number, output: OutputBytes): void {
  if (bits.bit() === 1) throw new DamagedDataError('it is randomised, as bzip2 before 0.9.5 did');
  const origin = bits.bits(24);
  const used = usedBytes(bits);
  const { block, length } = moveToFront(bits, used, blockBytes);
  if (origin >= length) throw new DamagedDataError('a block begins outside itself');
  writeRuns(undoBurrowsWheeler(block.subarray(0, length), origin), output);
}

/** Which bytes occur: a bit for each sixteen of them, then a bit for each. */
function usedBytes(bits: BitReader): Uint8Array {
  const groups = bits.bits(16);
  const used: number[] = [];
  for (let group = 0; group < 16; group += 1) {
    const members = ((groups >> (15 - group)) & 1) === 1 ? bits.bits(16) : 0;
    for (let i = 0; i < 16; i += 1) if (((members >> (15 - i)) & 1) === 1) used.push(16 * group + i);
  }
  if (used.length === 0) throw new DamagedDataError('a block uses no bytes');
  return Uint8Array.from(used);
}

/** The prefix codes, and which of them is meant for each fifty symbols. */
function readTables(bits: BitReader, symbols: number): { codes: PrefixCode[]; selectors: Uint8Array } {
  const count = bits.bits(3);
  const selectorCount = bits.bits(15);
  if (count < 2 || count > 6 || selectorCount === 0) throw new DamagedDataError('a block has no code tables');
  const order = Array.from({ length: count }, (_, i) => i);
  const selectors = new Uint8Array(selectorCount);
  for (let i = 0; i < selectorCount; i += 1) {
    let steps = 0;
    while (bits.bit() === 1) steps += 1;
    if (steps >= count) throw new DamagedDataError('a code table is named that there is not');
    order.unshift(...order.splice(steps, 1));
    selectors[i] = order[0];
  }
  const codes = Array.from({ length: count }, () => {
    let length = bits.bits(5);
    const lengths = Array.from({ length: symbols }, () => {
      while (bits.bit() === 1) length += bits.bit() === 1 ? -1 : 1;
      if (length < 1 || length > LONGEST_CODE) throw new DamagedDataError('a code is too long');
      return length;
    });
    return new PrefixCode(lengths);
  });
  return { codes, selectors };
}

/** Symbols to bytes: 0 and 1 are the digits of a run of the byte in front, n is byte n - 1 of the list. */
function moveToFront(
  bits: BitReader,
  used: Uint8Array,
  blockBytes: number,
): { block: Uint8Array; length: number } {
  const end = used.length + 1;
  const { codes, selectors } = readTables(bits, end + 1);
  const block = new Uint8Array(blockBytes);
  let length = 0;
  let run = 0;
  let digit = 1;
  const flush = (): void => {
    if (run > blockBytes - length) throw new DamagedDataError('a block is larger than declared');
    block.fill(used[0], length, length + run);
    length += run;
    run = 0;
    digit = 1;
  };
  for (let i = 0; ; i += 1) {
    const selector = Math.floor(i / SYMBOLS_A_TABLE);
    if (selector >= selectors.length) throw new DamagedDataError('a block has more symbols than declared');
    const symbol = codes[selectors[selector]].read(bits);
    if (symbol <= 1) {
      run += digit * (symbol + 1);
      digit *= 2;
      if (run > blockBytes) throw new DamagedDataError('a block is larger than declared');
      continue;
    }
    flush();
    if (symbol === end) return { block, length };
    if (length >= blockBytes) throw new DamagedDataError('a block is larger than declared');
    const byte = used[symbol - 1];
    used.copyWithin(1, 0, symbol - 1);
    used[0] = byte;
    block[length++] = byte;
  }
}

/** Burrows & Wheeler (1994), algorithm D. */
function undoBurrowsWheeler(last: Uint8Array, origin: number): Uint8Array {
  const places = new Int32Array(256);
  for (const byte of last) places[byte] += 1;
  for (let byte = 0, sum = 0; byte < 256; byte += 1) {
    const count = places[byte];
    places[byte] = sum;
    sum += count;
  }
  const next = new Uint32Array(last.length);
  for (let i = 0; i < last.length; i += 1) next[places[last[i]]++] = i;
  const bytes = new Uint8Array(last.length);
  for (let i = 0, at = next[origin]; i < bytes.length; i += 1, at = next[at]) bytes[i] = last[at];
  return bytes;
}

/** Four equal bytes are followed by how many more there are. */
function writeRuns(bytes: Uint8Array, output: OutputBytes): void {
  let equal = 0;
  let previous = -1;
  for (const byte of bytes) {
    if (equal === 4) {
      for (let i = 0; i < byte; i += 1) output.push(previous);
      equal = 0;
      previous = -1;
      continue;
    }
    equal = byte === previous ? equal + 1 : 1;
    previous = byte;
    output.push(byte);
  }
}

/** CRC-32 with the polynomial of zlib's, the bits the other way round. */
function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff | 0;
  for (const byte of bytes) crc = (crc << 8) ^ CRC_TABLE[((crc >>> 24) ^ byte) & 0xff];
  return ~crc >>> 0;
}

const CRC_TABLE = Int32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 24;
  for (let bit = 0; bit < 8; bit += 1) crc = (crc << 1) ^ (crc < 0 ? 0x04c11db7 : 0);
  return crc;
});
