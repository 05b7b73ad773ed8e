import { createHash } from 'node:crypto';
import { endianness } from 'node:os';
import type { Matrix } from '../../../../numeric/linalg/matrix.js';
import { LENGTH_BYTES } from './safetensors.js';

/** Tensors ready to be written: their bytes little-endian, row by row, and the digest of those. */
export interface PackedTensor {
  readonly shape: readonly [number, number];
  readonly bytes: Buffer;
  readonly sha256: string;
}

export function packTensor({ rows, cols, data }: Matrix): PackedTensor {
  const bytes = Buffer.alloc(data.byteLength);
  new Float64Array(bytes.buffer, bytes.byteOffset, data.length).set(data);
  if (endianness() === 'BE') bytes.swap64();
  return { shape: [rows, cols], bytes, sha256: createHash('sha256').update(bytes).digest('hex') };
}

/** The bytes of a safetensors file, tensors in the order given; the data starts at a multiple of 8. */
export function writeSafetensors(
  metadata: Readonly<Record<string, string>>,
  tensors: ReadonlyMap<string, PackedTensor>,
): Buffer {
  let at = 0;
  const entries = [...tensors].map(([name, { shape, bytes }]) => {
    const start = at;
    at += bytes.length;
    return [name, { dtype: 'F64', shape, data_offsets: [start, at] }] as const;
  });
  const text = Buffer.from(JSON.stringify({ __metadata__: metadata, ...Object.fromEntries(entries) }));
  const header = Buffer.alloc(Math.ceil(text.length / 8) * 8, ' ');
  text.copy(header);
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([length, header, ...[...tensors.values()].map(({ bytes }) => bytes)]);
}
