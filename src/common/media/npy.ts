import { count } from './describe.js';
import { BodyTooLargeError, MalformedBodyError } from './issue.js';
import { type ElementType, elementType } from './npy-elements.js';
import { type NpyHeader, readNpyHeader } from './npy-header.js';

/** An N-dimensional array of doubles, row-major (the last index runs fastest). */
export interface NpyArray {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

export interface NpyLayout extends Omit<NpyHeader, 'descr'> {
  readonly type: ElementType;
  readonly elements: number;
}

/**
 * Reads an npy file (`numpy.save`) of any real number type into doubles; Fortran order is turned into row-major. The
 * result may share memory with `bytes`. Integers beyond 2^53 are rounded. Throws MalformedBodyError, with the byte,
 * when header and length do not fit each other exactly; nothing is allocated by a header's word alone. As a byte may
 * become a double of eight, `maxElements` bounds the result too: beyond it, throws BodyTooLargeError.
 */
export function readNpy(bytes: Buffer, maxElements = Infinity): NpyArray {
  const { type, fortranOrder, shape, dataStart, elements } = readNpyLayout(bytes, bytes.length, maxElements);
  const data = type.read(bytes, dataStart, elements);
  return { shape, data: fortranOrder && shape.length > 1 ? toRowMajor(data, shape) : data };
}

/** Where the elements of an npy file of `length` bytes lie, by its first bytes. Throws as `readNpy`. */
export function readNpyLayout(head: Buffer, length: number, maxElements = Infinity): NpyLayout {
  const { descr, fortranOrder, shape, dataStart } = readNpyHeader(head);
  const type = elementType(descr);
  const available = length - dataStart;
  const elements = elementCount(shape);
  if (elements * type.bytes !== available) {
    const problem = `a shape of (${shape.join(', ')}) and a type of ${descr} do not fit the`;
    const advice = 'send the whole file, and nothing after it.';
    throw new MalformedBodyError('npy', `${problem} ${count(available, 'byte')} of data: ${advice}`, {
      byte: dataStart,
    });
  }
  if (elements > maxElements) {
    throw new BodyTooLargeError(
      'npy',
      `${count(elements, 'number')}, the limit is ${maxElements}: send fewer rows.`,
    );
  }
  return { type, fortranOrder, shape, dataStart, elements };
}

/** Writes an npy file, version 1, of little-endian doubles. Throws RangeError when shape and data differ in size. */
export function writeNpy(shape: readonly number[], data: Float64Array): Buffer {
  if (elementCount(shape) !== data.length) {
    throw new RangeError(`A shape of (${shape.join(', ')}) does not hold ${data.length} numbers.`);
  }
  return Buffer.concat([npyHeader(shape), npyBytes(data)]);
}

/** What an npy file of little-endian doubles begins with. */
export function npyHeader(shape: readonly number[]): Buffer {
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;
  const dict = `{'descr': '<f8', 'fortran_order': False, 'shape': ${tuple}, }`;
  // Padded as numpy does, so that the data starts at a multiple of 64.
  const headerBytes = Math.ceil((10 + dict.length + 1) / 64) * 64 - 10;
  const header = Buffer.alloc(10 + headerBytes);
  header.write('\x93NUMPY\x01\x00', 0, 'latin1');
  header.writeUInt16LE(headerBytes, 8);
  header.write(`${dict.padEnd(headerBytes - 1)}\n`, 10, 'latin1');
  return header;
}

/** Numbers as an npy file holds them: the same memory, where that is little-endian. */
export function npyBytes(data: Float64Array): Buffer {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  return LITTLE_ENDIAN ? bytes : Buffer.from(bytes).swap64();
}

const LITTLE_ENDIAN = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/** The product of the shape. One too large to be exact, or infinite, is no length that a buffer can have. */
function elementCount(shape: readonly number[]): number {
  return shape.includes(0) ? 0 : shape.reduce((product, length) => product * length, 1);
}

/** Reorders an array whose first index runs fastest. */
function toRowMajor(data: Float64Array, shape: readonly number[]): Float64Array {
  const result = new Float64Array(data.length);
  const strides = shape.map((_, axis) => shape.slice(0, axis).reduce((a, b) => a * b, 1));
  const index = shape.map(() => 0);
  let source = 0;
  for (let target = 0; target < result.length; target++) {
    result[target] = data[source];
    // Counts up like an odometer: the last axis first, carrying to the one before.
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      source += strides[axis];
      if (++index[axis] < shape[axis]) break;
      source -= strides[axis] * shape[axis];
      index[axis] = 0;
    }
  }
  return result;
}
