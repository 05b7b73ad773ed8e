import { DECIMAL } from './decimal-wasm.generated.js';
import { highestBits } from './powers.js';

/** What `assembly/index.ts` exports. Arguments are addresses in bytes and counts; see there. */
interface DecimalExports {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly readPosition: () => number;
  readonly readClosed: () => number;
  readonly readCsvLines: (
    at: number,
    end: number,
    delimiter: number,
    cols: number,
    targets: number,
    out: number,
  ) => number;
  readonly readJsonArrays: (at: number, cols: number, out: number) => number;
  readonly readJsonObjects: (at: number, cols: number, keys: number, out: number) => number;
  readonly writeJsonValues: (
    values: number,
    first: number,
    count: number,
    inner: number,
    outer: number,
    out: number,
  ) => number;
  readonly writeCsvValues: (
    values: number,
    first: number,
    count: number,
    cols: number,
    out: number,
  ) => number;
}

/** The module of a thread, and its memory. Text and numbers are copied in and out in blocks. */
export interface DecimalModule {
  readonly exports: DecimalExports;
  readonly bytes: Uint8Array;
  readonly doubles: Float64Array;
  readonly integers: Int32Array;
}

const PAGE = 65_536;

/** Where things lie, in bytes: `assembly/layout.ts` has the tables' places as well. */
export const LAYOUT = {
  fives: PAGE,
  tens: PAGE + 16_384,
  /** Where the columns of a CSV go, or the keys of JSON objects. */
  columns: PAGE + 32_768,
  columnsEnd: 2 * PAGE,
  /** A block of text and the 0 after it; or of numbers to write. */
  input: 2 * PAGE,
  inputBytes: PAGE,
  /** Numbers that were read, or text that was written. */
  output: 4 * PAGE,
} as const;

let loaded: DecimalModule | undefined;

/** Compiled at the first use in each thread: less than 5 ms. */
export function decimalModule(): DecimalModule {
  loaded ??= load();
  return loaded;
}

function load(): DecimalModule {
  const binary = Uint8Array.from(atob(DECIMAL), (character) => character.charCodeAt(0));
  const exports = new WebAssembly.Instance(new WebAssembly.Module(binary), {}).exports as DecimalExports;
  const { buffer } = exports.memory;
  const words = new BigUint64Array(buffer);
  for (const [start, powers] of [
    [LAYOUT.fives, highestBits.fives()],
    [LAYOUT.tens, highestBits.tens()],
  ] as const) {
    powers.forEach((power, i) => {
      words[start / 8 + 2 * i] = BigInt.asUintN(64, power);
      words[start / 8 + 2 * i + 1] = power >> 64n;
    });
  }
  return {
    exports,
    bytes: new Uint8Array(buffer),
    doubles: new Float64Array(buffer),
    integers: new Int32Array(buffer),
  };
}
