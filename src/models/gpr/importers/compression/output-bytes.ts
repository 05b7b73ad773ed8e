/** Compressed data that contradicts its format. */
export class DamagedDataError extends Error {
  override readonly name = 'DamagedDataError';
}

/** Compressed data that unpacks to more than was allowed. */
export class TooLargeError extends Error {
  override readonly name = 'TooLargeError';
}

const FIRST_BYTES = 64 * 1024;

/** Bytes that a decoder writes one after the other, up to a maximum. Memory grows with what was written, not with claims. */
export class OutputBytes {
  private bytes: Uint8Array;
  private used = 0;

  constructor(private readonly maximum: number) {
    this.bytes = new Uint8Array(Math.min(maximum, FIRST_BYTES));
  }

  get length(): number {
    return this.used;
  }

  push(byte: number): void {
    if (this.used === this.bytes.length) this.grow(1);
    this.bytes[this.used++] = byte;
  }

  append(bytes: Uint8Array): void {
    if (this.used + bytes.length > this.bytes.length) this.grow(bytes.length);
    this.bytes.set(bytes, this.used);
    this.used += bytes.length;
  }

  /** The byte written `distance` bytes ago; 1 is the last one. */
  back(distance: number): number {
    return this.bytes[this.used - distance];
  }

  /**
   * Repeats `length` bytes from `distance` bytes ago; the two may overlap.
   * @throws DamagedDataError for a distance that reaches back beyond `start`
   */
  repeat(distance: number, length: number, start = 0): void {
    if (distance <= 0 || distance > this.used - start)
      throw new DamagedDataError('it refers to bytes before its beginning');
    if (this.used + length > this.bytes.length) this.grow(length);
    const { bytes } = this;
    let to = this.used;
    for (let from = to - distance, end = to + length; to < end; from += 1, to += 1) bytes[to] = bytes[from];
    this.used = to;
  }

  /** A view of what was written from `start` on. */
  view(start = 0): Uint8Array {
    return this.bytes.subarray(start, this.used);
  }

  /** @throws TooLargeError */
  private grow(length: number): void {
    const needed = this.used + length;
    if (needed > this.maximum) throw new TooLargeError(`more than ${this.maximum} bytes`);
    const larger = new Uint8Array(Math.min(this.maximum, Math.max(needed, 2 * this.bytes.length)));
    larger.set(this.view());
    this.bytes = larger;
  }
}
