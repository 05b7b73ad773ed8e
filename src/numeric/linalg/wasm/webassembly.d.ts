/** The part of the WebAssembly JavaScript interface that is used here: the compiler's own types come with the DOM's. */
declare namespace WebAssembly {
  // oxlint-disable-next-line typescript/no-extraneous-class -- it is opaque in the standard, too
  class Module {
    constructor(bytes: ArrayBufferView);
  }
  class Instance {
    constructor(module: Module, imports: Record<string, Record<string, unknown>>);
    readonly exports: object;
  }
  class Memory {
    constructor(descriptor: { initial: number; maximum: number; shared: true });
    readonly buffer: SharedArrayBuffer;
    /** In pages of 64 KiB; returns the size before. Throws RangeError beyond the maximum. */
    grow(pages: number): number;
  }
  function validate(bytes: ArrayBufferView): boolean;
}
