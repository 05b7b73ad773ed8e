import type { DType } from './numpy-dtype.js';
import { PickleError } from './pickle-error.js';

/** A piece of an array, in native byte order, as numbers. */
type Elements = (bytes: ArrayBuffer, offset: number, length: number) => ArrayLike<number>;

const ELEMENTS: Readonly<Record<string, Elements>> = {
  b1: (bytes, offset, length) => new Uint8Array(bytes, offset, length).map((byte) => (byte === 0 ? 0 : 1)),
  i1: (bytes, offset, length) => new Int8Array(bytes, offset, length),
  i2: (bytes, offset, length) => new Int16Array(bytes, offset, length),
  i4: (bytes, offset, length) => new Int32Array(bytes, offset, length),
  i8: (bytes, offset, length) =>
    wide(new Uint32Array(bytes, offset, 2 * length), new Int32Array(bytes, offset, 2 * length)),
  u1: (bytes, offset, length) => new Uint8Array(bytes, offset, length),
  u2: (bytes, offset, length) => new Uint16Array(bytes, offset, length),
  u4: (bytes, offset, length) => new Uint32Array(bytes, offset, length),
  u8: (bytes, offset, length) =>
    wide(new Uint32Array(bytes, offset, 2 * length), new Uint32Array(bytes, offset, 2 * length)),
  f2: (bytes, offset, length) => Float64Array.from(new Uint16Array(bytes, offset, length), halfToNumber),
  f4: (bytes, offset, length) => new Float32Array(bytes, offset, length),
  f8: (bytes, offset, length) => new Float64Array(bytes, offset, length),
};

/**
 * The numbers of a piece of an array's payload. 64-bit integers beyond 2^53 are rounded.
 * @param bytes whole elements from the start of a buffer; bytes may be swapped in place
 * @throws PickleError `bad-array` for types without such numbers
 */
export function numbersOf(dtype: DType, bytes: Uint8Array<ArrayBuffer>): ArrayLike<number> {
  const elements = ELEMENTS[dtype.typeCode];
  if (!elements)
    throw new PickleError('bad-array', `an array of type ${dtype.typeCode} holds no 64-bit floats`);
  if (dtype.bigEndian) swapBytes(bytes, dtype.itemSize);
  return elements(bytes.buffer, bytes.byteOffset, bytes.byteLength / dtype.itemSize);
}

function swapBytes(bytes: Uint8Array<ArrayBuffer>, itemSize: number): void {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (itemSize === 2) buffer.swap16();
  else if (itemSize === 4) buffer.swap32();
  else if (itemSize === 8) buffer.swap64();
}

/** 64-bit integers from their halves: ten times faster than through bigint, and rounded once, as there. */
function wide(low: Uint32Array, high: Int32Array | Uint32Array): Float64Array {
  const result = new Float64Array(low.length / 2);
  for (let index = 0; index < result.length; index++) {
    result[index] = high[2 * index + 1] * 2 ** 32 + low[2 * index];
  }
  return result;
}

/** IEEE 754 binary16. */
function halfToNumber(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
