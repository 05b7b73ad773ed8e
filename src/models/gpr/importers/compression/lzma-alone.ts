import { InputBytes } from './input-bytes.js';
import { LzmaDecoder, lzmaProperties } from './lzma-decoder.js';
import { DamagedDataError, OutputBytes } from './output-bytes.js';

/** All bits set, as a double has it. */
const UNKNOWN_SIZE = 2 ** 64;
const LEAST_DICTIONARY = 4096;

/** A file of the older format `.lzma`: properties, dictionary size, content size, data. Throws as the others do. */
export function unpackLzmaAlone(bytes: Buffer, maximum: number): Uint8Array {
  const input = new InputBytes(bytes);
  const output = new OutputBytes(maximum);
  const properties = lzmaProperties(input.uint8());
  const dictionary = Math.max(LEAST_DICTIONARY, input.uint32LE());
  const size = input.uint64LE();
  const decoder = new LzmaDecoder(input, output, properties, 0, dictionary);
  decoder.startRange();
  const ended = decoder.decode(size === UNKNOWN_SIZE ? Infinity : size);
  if (ended && size !== UNKNOWN_SIZE && output.length !== size)
    throw new DamagedDataError('its content is not as long as declared');
  return output.view();
}
