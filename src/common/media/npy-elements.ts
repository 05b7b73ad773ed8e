import { endianness } from 'node:os';
import { quote } from './describe.js';
import { MalformedBodyError } from './issue.js';

/** How to read the elements of one dtype. */
export interface ElementType {
  bytes: number;
  /** Reads `count` elements from `at`. The result may share memory with the buffer. */
  read(buffer: Buffer, at: number, count: number): Float64Array;
}

type NumericArray = { readonly length: number; [index: number]: number };
type ArrayOf = new (buffer: ArrayBuffer, byteOffset: number, length: number) => NumericArray;

const NATIVE = endianness() === 'LE' ? '<' : '>';

const ARRAYS: ReadonlyMap<string, ArrayOf> = new Map<string, ArrayOf>([
  ['f4', Float32Array],
  ['f8', Float64Array],
  ['i1', Int8Array],
  ['i2', Int16Array],
  ['i4', Int32Array],
  ['u1', Uint8Array],
  ['u2', Uint16Array],
  ['u4', Uint32Array],
  ['b1', Uint8Array],
]);

/** Types that JavaScript has no array of numbers for, put together from halves. */
const COMPOSED: ReadonlyMap<string, (buffer: ArrayBuffer, count: number) => Float64Array> = new Map([
  ['f2', (buffer, count) => Float64Array.from(new Uint16Array(buffer, 0, count), halfToDouble)],
  ['i8', (buffer, count) => Float64Array.from(new BigInt64Array(buffer, 0, count), Number)],
  ['u8', (buffer, count) => Float64Array.from(new BigUint64Array(buffer, 0, count), Number)],
] as [string, (buffer: ArrayBuffer, count: number) => Float64Array][]);

/**
 * The element type that a dtype such as `<f8` or `|b1` names. Throws MalformedBodyError for anything that is no real
 * number: objects (which would be pickles), texts, complex numbers, dates.
 */
export function elementType(descr: string): ElementType {
  const [, order, code] = /^([<>|=]?)([a-z]\d)$/.exec(descr) ?? [];
  if (code === undefined || !(ARRAYS.has(code) || COMPOSED.has(code))) {
    const kind = /^[<>|=]?O/.test(descr) ? 'Python objects (pickles), which are never loaded' : quote(descr);
    throw new MalformedBodyError(
      'npy',
      `elements of type ${kind}: send float64, or another real number type.`,
    );
  }
  const bytes = Number(code[1]);
  const swapped = bytes > 1 && (order === '<' || order === '>') && order !== NATIVE;
  return {
    bytes,
    read(buffer, at, count) {
      const end = at + count * bytes;
      const address = buffer.byteOffset + at;
      if (code === 'f8' && !swapped && address % 8 === 0) {
        return new Float64Array(buffer.buffer as ArrayBuffer, address, count);
      }
      const copy = new Uint8Array(count * bytes);
      buffer.copy(copy, 0, at, end);
      if (swapped) swap(copy, bytes);
      const composed = COMPOSED.get(code);
      if (composed !== undefined) return composed(copy.buffer, count);
      const NativeArray = ARRAYS.get(code)!;
      const elements = new NativeArray(copy.buffer, 0, count);
      if (code === 'b1') return Float64Array.from(elements, (value) => (value === 0 ? 0 : 1));
      return elements instanceof Float64Array ? elements : new Float64Array(elements);
    },
  };
}

function swap(bytes: Uint8Array<ArrayBuffer>, width: number): void {
  const buffer = Buffer.from(bytes.buffer);
  if (width === 2) buffer.swap16();
  else if (width === 4) buffer.swap32();
  else buffer.swap64();
}

/** IEEE 754 binary16: 1 bit of sign, 5 of exponent (bias 15), 10 of fraction. */
function halfToDouble(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1024 + fraction) * 2 ** (exponent - 25);
}
