import type { Scratch } from '../scratch-stack.js';
import type { Block } from './block-list.js';
import type { WasmHeap } from './wasm-heap.js';

const ALIGNMENT = 64;

/**
 * Working memory in a thread's own region of the heap, with stack discipline. What does not fit comes from the heap
 * itself on its own thread, else from ordinary memory, which operations copy from and to.
 */
export class HeapScratch implements Scratch {
  readonly #heap: WasmHeap;
  readonly #end: number;
  #top: number;
  #depth = 0;
  /** By depth: where the buffer starts, the view last given out, and what had to come from elsewhere. */
  readonly #starts: number[] = [];
  readonly #views: (Float64Array | undefined)[] = [];
  readonly #spilled: (Float64Array | undefined)[] = [];

  constructor(heap: WasmHeap, region: Block) {
    this.#heap = heap;
    this.#top = region.byteOffset;
    this.#end = region.byteOffset + region.byteLength;
  }

  take(length: number): Float64Array {
    const start = this.#push(length * 8);
    const depth = this.#depth - 1;
    if (start === 0) return this.#spill(depth, length);
    const last = this.#views[depth];
    if (last?.byteOffset === start && last.length === length) return last;
    const view = this.#heap.view({ byteOffset: start, byteLength: length * 8 });
    this.#views[depth] = view;
    return view;
  }

  /** The address of `length` doubles of heap memory, or 0 where there is none: then nothing is to be released. */
  reserve(length: number): number {
    const start = this.#push(length * 8);
    if (start !== 0) return start;
    const spilled = this.#spill(this.#depth - 1, length);
    if (this.#heap.owns(spilled)) return spilled.byteOffset;
    this.release();
    return 0;
  }

  release(count = 1): void {
    if (count === 0) return;
    for (let k = 0; k < count; k += 1) {
      this.#depth -= 1;
      const spilled = this.#spilled[this.#depth];
      if (spilled === undefined) continue;
      if (this.#heap.owns(spilled)) this.#heap.free(spilled);
      this.#spilled[this.#depth] = undefined;
    }
    this.#top = this.#starts[this.#depth];
  }

  /** The start of a new buffer, or 0 where the region is full. */
  #push(bytes: number): number {
    const start = this.#top;
    this.#starts[this.#depth] = start;
    this.#depth += 1;
    const end = start + Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
    if (end > this.#end) return 0;
    this.#top = end;
    return start;
  }

  #spill(depth: number, length: number): Float64Array {
    const memory = this.#allocate(length) ?? new Float64Array(length);
    this.#spilled[depth] = memory;
    return memory;
  }

  #allocate(length: number): Float64Array | undefined {
    if (!this.#heap.isOwner) return undefined;
    try {
      return this.#heap.allocate(length);
    } catch (error) {
      if (error instanceof RangeError) return undefined;
      throw error;
    }
  }
}
