import { BlockList, type Block } from './block-list.js';

const PAGE = 65_536;
/** What 32-bit addresses reach. Memory is reserved, not used, until it is written to. */
const MOST_PAGES = 65_536;

/**
 * One memory that WebAssembly code, BLAS and typed arrays work on without copying, shared by all threads: models live
 * here, and each thread has a region of its own for working memory.
 *
 * The thread that made the heap gives out and frees its memory; the others attach to it and make views.
 */
export class WasmHeap {
  /** Every buffer object that `memory.buffer` was: growing makes a new one over the same bytes. */
  readonly #buffers = new WeakSet<ArrayBufferLike>();

  private constructor(
    readonly memory: WebAssembly.Memory,
    private readonly blocks: BlockList | undefined,
  ) {
    this.#buffers.add(memory.buffer);
  }

  /** Takes at most `maximumBytes` (4 GiB by default) of memory, bit by bit. */
  static create(maximumBytes = MOST_PAGES * PAGE): WasmHeap {
    const maximum = Math.max(1, Math.min(MOST_PAGES, Math.ceil(maximumBytes / PAGE)));
    const memory = new WebAssembly.Memory({ initial: 1, maximum, shared: true });
    // The first page belongs to the module's constants.
    const blocks = new BlockList(PAGE, (end) => {
      const missing = Math.ceil((end - memory.buffer.byteLength) / PAGE);
      if (missing > 0) memory.grow(missing);
    });
    return new WasmHeap(memory, blocks);
  }

  /** The heap that another thread made. */
  static attach(memory: WebAssembly.Memory): WasmHeap {
    return new WasmHeap(memory, undefined);
  }

  /** Whether this thread may allocate. */
  get isOwner(): boolean {
    return this.blocks !== undefined;
  }

  /** Bytes given out and not freed; 0 where this thread is not the owner. */
  get usedBytes(): number {
    return this.blocks?.takenBytes ?? 0;
  }

  /** `length` doubles with undefined content. Throws RangeError when the heap is full, or not this thread's. */
  allocate(length: number): Float64Array {
    if (this.blocks === undefined) throw new RangeError('Only the thread that made the heap can allocate.');
    return this.view({ byteOffset: this.blocks.take(length * 8), byteLength: length * 8 });
  }

  /** Gives back what `allocate` gave out; it must not be used any more. */
  free(array: Float64Array): void {
    if (this.blocks === undefined) throw new RangeError('Only the thread that made the heap can free.');
    this.blocks.give(array.byteOffset);
  }

  /** Whether the array's memory is the heap's. */
  owns(array: Float64Array): boolean {
    return this.#buffers.has(array.buffer);
  }

  view({ byteOffset, byteLength }: Block): Float64Array {
    // Another thread may have grown the memory: growing by nothing looks again.
    if (byteOffset + byteLength > this.memory.buffer.byteLength) this.memory.grow(0);
    const { buffer } = this.memory;
    this.#buffers.add(buffer);
    return new Float64Array(buffer, byteOffset, byteLength / 8);
  }
}
