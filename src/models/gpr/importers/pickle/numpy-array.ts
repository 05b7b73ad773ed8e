import { numbersOf } from './float64-conversion.js';
import { transposedInto } from './fortran-order.js';
import { PickleBytes } from './lazy-values.js';
import { DType } from './numpy-dtype.js';
import { PickleError } from './pickle-error.js';
import {
  describe,
  PickleDict,
  PickleInstance,
  PickleTuple,
  type GlobalRef,
  type PickleValue,
} from './pickle-values.js';

/** numpy 2 allows 64 dimensions. */
const MAX_DIMENSIONS = 64;
/** Read at a time; a multiple of every element size, small enough for the processor's cache. */
const CHUNK_BYTES = 512 * 1024;
/** 2 GiB: larger models do not fit a process anyway. */
const DEFAULT_MAX_BYTES = 2 ** 31;

/** What an array consists of, checked to be consistent. */
interface Contents {
  readonly shape: readonly number[];
  readonly count: number;
  readonly dtype: DType;
  /** Memory order: last index fastest (C), first index fastest (F), or a permutation that is not supported (K). */
  readonly order: 'C' | 'F' | 'K';
  /** The elements: bytes, or a list for arrays of objects. */
  readonly payload: PickleBytes | readonly PickleValue[];
}

/**
 * A numpy array or an instance of a subclass (GPy's Param and ObsAr). Its numbers stay in the file until
 * {@link toFloat64} is called.
 */
export class NdArray extends PickleInstance {
  private contents: Contents | undefined;
  private attributes: PickleDict | undefined;

  /** An array made in one step, as protocol 5's `_frombuffer` does. */
  static of(
    class_: GlobalRef,
    shape: PickleValue,
    dtype: PickleValue,
    order: 'C' | 'F' | 'K',
    payload: PickleValue,
  ): NdArray {
    const array = new NdArray(class_);
    array.contents = checkedContents(shape, dtype, order, payload);
    return array;
  }

  get shape(): readonly number[] {
    return this.complete().shape;
  }

  /** The number of elements. */
  get size(): number {
    return this.complete().count;
  }

  get dtype(): DType {
    return this.complete().dtype;
  }

  get fortranOrder(): boolean {
    return this.complete().order === 'F';
  }

  /** The elements of an array of objects, else undefined. */
  get objects(): readonly PickleValue[] | undefined {
    const { payload } = this.complete();
    return payload instanceof PickleBytes ? undefined : payload;
  }

  /** A subclass's own attributes, such as Param's `_name`. */
  override attribute(name: string): PickleValue | undefined {
    return this.attributes?.get(name);
  }

  /**
   * Reads the elements as 64-bit floats, the last index varying fastest (row-major) whatever the order in the file.
   * 64-bit integers beyond 2^53 are rounded.
   *
   * @param maxBytes the largest result, in bytes
   * @throws PickleError `bad-array` for types without such numbers (complex, long double, text, objects), `limit` if
   *   the array is larger than `maxBytes` or the file's arrays are read again and again, `truncated` if the file became
   *   shorter.
   */
  toFloat64(maxBytes: number = DEFAULT_MAX_BYTES): Float64Array<ArrayBuffer> {
    const { shape, count, dtype, order, payload } = this.complete();
    if (!dtype.isNumeric || !(payload instanceof PickleBytes)) {
      throw new PickleError('bad-array', `an array of type ${dtype.typeCode} holds no 64-bit floats`);
    }
    if (order === 'K')
      throw new PickleError('bad-array', 'an array with permuted axes, in neither C nor Fortran order');
    if (count * 8 > maxBytes) {
      throw new PickleError(
        'limit',
        `an array of ${count} numbers takes ${count * 8} bytes, at most ${maxBytes} expected`,
      );
    }
    const result = new Float64Array(count);
    const place =
      order === 'F'
        ? transposedInto(result, shape)
        : (numbers: ArrayLike<number>, start: number) => result.set(numbers, start);
    payload.forEachChunk(count * dtype.itemSize, CHUNK_BYTES, (chunk, start) =>
      place(numbersOf(dtype, chunk), start / dtype.itemSize),
    );
    return result;
  }

  /** (version, shape, type, Fortran order?, payload), or for a subclass that and a dict of attributes. */
  protected override restore(state: PickleValue): void {
    let items = state instanceof PickleTuple ? state.items : [];
    if (items.length === 2 && items[0] instanceof PickleTuple && items[1] instanceof PickleDict) {
      this.attributes = items[1];
      items = items[0].items;
    }
    if (items.length !== 5 || this.contents) {
      throw new PickleError(
        'bad-array',
        `an array's state must be a tuple of five, once; got ${describe(state)}`,
      );
    }
    const [, shape, dtype, fortran, payload] = items;
    this.contents = checkedContents(shape, dtype, fortran === true || fortran === 1 ? 'F' : 'C', payload);
  }

  private complete(): Contents {
    if (!this.contents)
      throw new PickleError('bad-array', `an instance of ${this.class_.toString()} without contents`);
    return this.contents;
  }
}

function checkedContents(
  shape: PickleValue,
  dtype: PickleValue,
  order: 'C' | 'F' | 'K',
  payload: PickleValue,
): Contents {
  const sizes = dimensions(shape);
  if (!(dtype instanceof DType))
    throw new PickleError('bad-array', `an array's type must be a dtype, got ${describe(dtype)}`);
  const count = product(sizes);
  return { shape: sizes, count, dtype, order, payload: checkedPayload(payload, dtype, count) };
}

/** How many bytes the elements of such an array take. @throws PickleError `bad-array` where there is no such array */
export function payloadLength(shape: PickleValue, dtype: DType): number {
  const length = product(dimensions(shape)) * dtype.itemSize;
  if (Number.isSafeInteger(length)) return length;
  throw new PickleError('bad-array', `an array of ${length} bytes`);
}

function dimensions(shape: PickleValue): number[] {
  const items = shape instanceof PickleTuple ? shape.items : [shape];
  if (items.length > MAX_DIMENSIONS)
    throw new PickleError('bad-array', `an array of ${items.length} dimensions`);
  return items.map((item) => {
    if (typeof item === 'number' && Number.isSafeInteger(item) && item >= 0) return item;
    throw new PickleError('bad-array', `an array's dimensions must be counts, got ${describe(item)}`);
  });
}

function product(sizes: readonly number[]): number {
  // A zero among huge numbers makes an empty array.
  const count = sizes.includes(0) ? 0 : sizes.reduce((result, size) => result * size, 1);
  if (!Number.isSafeInteger(count)) throw new PickleError('bad-array', `an array of ${count} elements`);
  return count;
}

function checkedPayload(payload: PickleValue, dtype: DType, count: number): Contents['payload'] {
  if (dtype.kind === 'O') {
    if (Array.isArray(payload) && payload.length === count) return payload;
    throw new PickleError(
      'bad-array',
      `an array of ${count} objects needs a list of them, got ${describe(payload)}`,
    );
  }
  // Python 2 wrote bytes as strings of Latin-1.
  const bytes = typeof payload === 'string' ? new PickleBytes(payload) : payload;
  if (!(bytes instanceof PickleBytes))
    throw new PickleError('bad-array', `an array's payload must be bytes, got ${describe(payload)}`);
  const length = count * dtype.itemSize;
  if (Number.isSafeInteger(length) && bytes.canHaveLength(length)) return bytes;
  throw new PickleError(
    'bad-array',
    `an array of ${count} elements of type ${dtype.typeCode} needs ${length} bytes; its payload has another length`,
  );
}
