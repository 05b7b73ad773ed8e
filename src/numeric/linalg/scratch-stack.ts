/**
 * Reusable working memory with stack discipline: `take` in a function, `release` in its `finally`. Nested calls
 * (a product of sums of kernels) each get their own buffer, and memory grows with the depth, not with the tree.
 * The numeric core is synchronous, so that one stack serves every model of a thread.
 */
export interface Scratch {
  /** `length` doubles with undefined content. */
  take(length: number): Float64Array;

  /** Gives back the last `count` buffers. */
  release(count?: number): void;
}

/** Working memory in ordinary arrays. */
export class ScratchStack implements Scratch {
  readonly #buffers: Float64Array[] = [];
  #depth = 0;

  take(length: number): Float64Array {
    let buffer = this.#buffers[this.#depth];
    if (buffer === undefined || buffer.length < length) {
      buffer = new Float64Array(length);
      this.#buffers[this.#depth] = buffer;
    }
    this.#depth += 1;
    return buffer.length === length ? buffer : buffer.subarray(0, length);
  }

  release(count = 1): void {
    this.#depth -= count;
  }
}

export const scratch = new ScratchStack();
