import { ByteSource } from '../../src/models/gpr/importers/pickle/byte-source.js';

/*
 * Pickles written by hand, as text of Latin-1 characters: each opcode is the character that CPython's Lib/pickletools.py
 * prints for it, so `cos\nsystem\n)R.` calls os.system() with no arguments.
 */

export function pickle(...parts: string[]): Buffer {
  return Buffer.from(parts.join(''), 'latin1');
}

export function uint32(value: number): string {
  return littleEndian(BigInt(value), 4);
}

export function uint64(value: number | bigint): string {
  return littleEndian(BigInt(value), 8);
}

function littleEndian(value: bigint, length: number): string {
  return Array.from({ length }, (_, index) =>
    String.fromCharCode(Number((value >> BigInt(8 * index)) & 0xffn)),
  ).join('');
}

/** A string: SHORT_BINUNICODE. */
export function text(value: string): string {
  return `\x8c${String.fromCharCode(value.length)}${value}`;
}

/** BINBYTES8. */
export function bytes(value: string): string {
  return `\x8e${uint64(value.length)}${value}`;
}

/** `module.name`: GLOBAL. */
export function global(module: string, name: string): string {
  return `c${module}\n${name}\n`;
}

/** The same by STACK_GLOBAL. */
export function stackGlobal(module: string, name: string): string {
  return `${text(module)}${text(name)}\x93`;
}

/** An integer: BININT. */
export function int(value: number): string {
  return `J${uint32(value >>> 0)}`;
}

/** A tuple. */
export function tuple(...items: string[]): string {
  return `(${items.join('')}t`;
}

/** `callee(*args)`: REDUCE. */
export function call(callee: string, ...args: string[]): string {
  return `${callee}${tuple(...args)}R`;
}

/** numpy's dtype with its byte order. */
export function dtype(code: string, order = '<'): string {
  const state = tuple(int(3), text(order), 'N', 'N', 'N', int(-1), int(-1), int(0));
  return `${call(global('numpy', 'dtype'), text(code), '\x89', '\x88')}${state}b`;
}

/** An array without contents. */
export const EMPTY_ARRAY = call(
  global('numpy.core.multiarray', '_reconstruct'),
  global('numpy', 'ndarray'),
  tuple(int(0)),
  bytes('b'),
);

/** An array as protocols 2 to 4 have it. */
export function array(shape: string, type: string, payload: string, fortran = '\x89'): string {
  return `${EMPTY_ARRAY}${tuple(int(1), shape, type, fortran, payload)}b`;
}

/** A file of any size that repeats one pattern after a prefix and is nowhere in memory. */
export class RepeatingSource extends ByteSource {
  constructor(
    private readonly prefix: string,
    private readonly pattern: string,
    readonly size: number,
  ) {
    super();
  }

  override readInto(target: Uint8Array, offset: number): void {
    this.demand(offset, target.byteLength);
    const { prefix, pattern } = this;
    const head = Buffer.from(prefix.slice(offset), 'latin1').subarray(0, target.byteLength);
    target.set(head);
    const phase = Math.max(0, offset - prefix.length) % pattern.length;
    Buffer.from(target.buffer, target.byteOffset + head.length, target.byteLength - head.length).fill(
      pattern.slice(phase) + pattern.slice(0, phase),
      'latin1',
    );
  }
}
