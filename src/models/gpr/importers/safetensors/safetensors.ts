import type { Matrix } from '../../../../numeric/linalg/matrix.js';

/** One metadata key of a safetensors file, and its tensors, all of them matrices of doubles. */
export interface Safetensors {
  readonly metadata: ReadonlyMap<string, string>;
  readonly tensors: ReadonlyMap<string, Tensor>;
}

export interface Tensor {
  readonly matrix: Matrix;
  /** SHA-256 of its bytes in the file, hexadecimal. */
  readonly sha256: string;
}

/** A file starts with the length of its JSON header, 8 bytes, little-endian. */
export const LENGTH_BYTES = 8;

/** The header of a model is a few kB; provenance and a kernel of 1000 parts may take more. */
export const MAX_HEADER_BYTES = 16 * 2 ** 20;
