const FIRST_BYTES = 1024 * 1024;

/** A body in memory that other threads see. It grows with what comes, whatever length was announced. */
export class SharedBytes {
  #bytes: Buffer;
  #used = 0;

  constructor(private readonly announced?: number) {
    this.#bytes = allocate(Math.min(announced ?? FIRST_BYTES, FIRST_BYTES));
  }

  push(chunk: Uint8Array): void {
    const used = this.#used + chunk.length;
    if (used > this.#bytes.length) {
      const doubled = 2 * this.#bytes.length;
      const grown = allocate(Math.max(used, Math.min(doubled, this.announced ?? doubled)));
      grown.set(this.#bytes.subarray(0, this.#used));
      this.#bytes = grown;
    }
    this.#bytes.set(chunk, this.#used);
    this.#used = used;
  }

  /** What was pushed, without a copy. */
  whole(): Buffer {
    return this.#bytes.subarray(0, this.#used);
  }
}

function allocate(length: number): Buffer {
  return Buffer.from(new SharedArrayBuffer(length));
}
