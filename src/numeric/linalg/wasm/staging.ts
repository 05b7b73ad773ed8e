import type { HeapScratch } from './heap-scratch.js';
import type { WasmHeap } from './wasm-heap.js';

/** From here on a copy by the engine is worth the view that it needs. */
const LONG = 64;

/**
 * The addresses of an operation's arrays: their own in the heap, or those of copies in working memory. An address of 0
 * says that there is no room. Each operation begins, asks, copies back and ends; operations do not nest.
 */
export class Staging {
  readonly #heap: WasmHeap;
  readonly #scratch: HeapScratch;
  readonly #written: { readonly array: Float64Array; readonly at: number }[] = [];
  #reserved = 0;
  #doubles = new Float64Array(new SharedArrayBuffer(0));
  #words = new Int32Array(new SharedArrayBuffer(0));

  constructor(heap: WasmHeap, scratch: HeapScratch) {
    this.#heap = heap;
    this.#scratch = scratch;
  }

  begin(): this {
    this.#reserved = 0;
    return this;
  }

  /** All of the heap as doubles. */
  get doubles(): Float64Array {
    this.#refresh();
    return this.#doubles;
  }

  /** All of the heap as 32-bit integers. */
  get words(): Int32Array {
    this.#refresh();
    return this.#words;
  }

  /** An array that is read; 0 where it is outside the heap and `worthCopying` is false. */
  read(array: Float64Array, worthCopying = true): number {
    if (this.#heap.owns(array)) return array.byteOffset;
    return worthCopying ? this.copy(array) : 0;
  }

  /** An array that is written as a whole. */
  write(array: Float64Array): number {
    if (this.#heap.owns(array)) return array.byteOffset;
    const at = this.reserve(array.length);
    if (at !== 0) this.#written.push({ array, at });
    return at;
  }

  /** An array that is read and written. */
  update(array: Float64Array): number {
    const at = this.write(array);
    if (at !== 0 && !this.#heap.owns(array)) this.doubles.set(array, at / 8);
    return at;
  }

  /** A copy, also of an array in the heap. */
  copy(array: Float64Array): number {
    const at = this.reserve(array.length);
    if (at !== 0) this.doubles.set(array, at / 8);
    return at;
  }

  /** Room for `length` doubles. */
  reserve(length: number): number {
    const at = this.#scratch.reserve(length);
    if (at !== 0) this.#reserved += 1;
    return at;
  }

  /** What was written to copies goes to the arrays themselves. */
  copyBack(): void {
    for (const { array, at } of this.#written) {
      const { doubles } = this;
      if (array.length > LONG) array.set(doubles.subarray(at / 8, at / 8 + array.length));
      else for (let k = 0, from = at / 8; k < array.length; k += 1, from += 1) array[k] = doubles[from];
    }
  }

  end(): void {
    this.#scratch.release(this.#reserved);
    this.#reserved = 0;
    this.#written.length = 0;
  }

  /** Growing leaves views as long as they were. */
  #refresh(): void {
    const { buffer } = this.#heap.memory;
    if (this.#doubles.buffer === buffer) return;
    this.#doubles = new Float64Array(buffer);
    this.#words = new Int32Array(buffer);
  }
}
