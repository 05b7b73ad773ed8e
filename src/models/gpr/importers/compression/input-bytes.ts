import { DamagedDataError } from './output-bytes.js';

/** Bytes that a decoder reads one after the other. */
export class InputBytes {
  offset = 0;

  constructor(readonly bytes: Buffer) {}

  get remaining(): number {
    return this.bytes.length - this.offset;
  }

  uint8(): number {
    return this.bytes[this.take(1)];
  }

  uint16BE(): number {
    return this.bytes.readUInt16BE(this.take(2));
  }

  uint32BE(): number {
    return this.bytes.readUInt32BE(this.take(4));
  }

  uint32LE(): number {
    return this.bytes.readUInt32LE(this.take(4));
  }

  /** Beyond 2^53 it is rounded: no length is that large. */
  uint64LE(): number {
    const at = this.take(8);
    return this.bytes.readUInt32LE(at) + this.bytes.readUInt32LE(at + 4) * 2 ** 32;
  }

  /** A view of the next bytes. */
  slice(length: number): Buffer {
    const at = this.take(length);
    return this.bytes.subarray(at, at + length);
  }

  private take(length: number): number {
    const at = this.offset;
    if (length > this.remaining) throw new DamagedDataError('it ends early');
    this.offset += length;
    return at;
  }
}
