import type { InputBytes } from './input-bytes.js';
import { LzmaDecoder, type LzmaProperties, lzmaProperties } from './lzma-decoder.js';
import { DamagedDataError, type OutputBytes } from './output-bytes.js';

/** LZMA2: chunks of LZMA or plain bytes up to one that is 0. Each says what of the decoder's state begins anew. */
export function readLzma2(input: InputBytes, output: OutputBytes, dictionary: number): void {
  let start = output.length;
  let properties: LzmaProperties | undefined;
  let decoder: LzmaDecoder | undefined;
  let needsDictionary = true;
  for (let control = input.uint8(); control !== 0; control = input.uint8()) {
    const resetsDictionary = control === 1 || control >= 0xe0;
    if (resetsDictionary) start = output.length;
    else if (needsDictionary) throw new DamagedDataError('its first chunk does not begin a dictionary');
    needsDictionary = false;
    if (control < 0x80) {
      if (control > 2) throw new DamagedDataError('a chunk is of no known kind');
      output.append(input.slice(input.uint16BE() + 1));
      // A dictionary that begins with plain bytes leaves the decoder of the one before behind.
      if (resetsDictionary) decoder = undefined;
      continue;
    }
    const unpacked = ((control & 0x1f) << 16) + input.uint16BE() + 1;
    const packed = input.uint16BE() + 1;
    if (control >= 0xc0) properties = lzmaProperties(input.uint8());
    if (!properties || properties.lc + properties.lp > 4)
      throw new DamagedDataError('a chunk has no valid properties');
    if (control >= 0xa0) decoder = new LzmaDecoder(input, output, properties, start, dictionary);
    if (!decoder) throw new DamagedDataError('a chunk goes on with a state that there is not');
    const end = input.offset + packed;
    decoder.startRange();
    if (decoder.decode(output.length + unpacked)) throw new DamagedDataError('a chunk has an end marker');
    if (input.offset !== end || !decoder.rangeAtEnd)
      throw new DamagedDataError('a chunk is not as long as declared');
  }
}
