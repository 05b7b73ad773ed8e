/** A piece of memory: bytes from the start of the heap. */
export interface Block {
  readonly byteOffset: number;
  readonly byteLength: number;
}

/** Lines of cache: blocks start on one, so that two threads never write to the same. */
const ALIGNMENT = 64;

/** Which bytes of a growing heap are taken: first fit over the free blocks, neighbours merged when one is freed. */
export class BlockList {
  /** Free blocks by address, never adjacent. */
  readonly #free: { start: number; end: number }[] = [];
  readonly #taken = new Map<number, number>();
  #end: number;

  /** `start`: the first byte that may be given out. `grow` makes room up to a byte, or throws RangeError. */
  constructor(
    start: number,
    private readonly grow: (end: number) => void,
  ) {
    this.#end = start;
  }

  /** Bytes in use. */
  get takenBytes(): number {
    let sum = 0;
    for (const bytes of this.#taken.values()) sum += bytes;
    return sum;
  }

  /** The address of `bytes` bytes with undefined content. Throws RangeError where the heap cannot grow. */
  take(bytes: number): number {
    const size = Math.ceil(Math.max(bytes, 1) / ALIGNMENT) * ALIGNMENT;
    const fit = this.#free.findIndex(({ start, end }) => end - start >= size);
    const at = fit < 0 ? this.#append(size) : this.#cut(fit, size);
    this.#taken.set(at, size);
    return at;
  }

  /** Throws RangeError for an address that is not taken: freed twice, or never given out. */
  give(at: number): void {
    const size = this.#taken.get(at);
    if (size === undefined) throw new RangeError(`No block of the heap starts at byte ${at}.`);
    this.#taken.delete(at);
    const next = this.#free.findIndex(({ start }) => start > at);
    const index = next < 0 ? this.#free.length : next;
    this.#free.splice(index, 0, { start: at, end: at + size });
    this.#merge(index);
    if (index > 0) this.#merge(index - 1);
  }

  #cut(index: number, size: number): number {
    const block = this.#free[index];
    const at = block.start;
    block.start += size;
    if (block.start === block.end) this.#free.splice(index, 1);
    return at;
  }

  /** Behind everything, in a free block at the end if there is one. */
  #append(size: number): number {
    const last = this.#free.at(-1);
    const at = last?.end === this.#end ? last.start : this.#end;
    this.grow(at + size);
    if (last?.start === at) this.#free.pop();
    this.#end = at + size;
    return at;
  }

  #merge(index: number): void {
    const block = this.#free[index];
    const next = this.#free[index + 1];
    if (next === undefined || block.end !== next.start) return;
    block.end = next.end;
    this.#free.splice(index + 1, 1);
  }
}
