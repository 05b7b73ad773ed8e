import type { NpyHeader } from '../../../../common/media/npy-header.js';
import { ModelFileError } from '../../../model-errors.js';

/** numpy's texts: `<U12` (UCS-4, of either byte order) and `|S12` (bytes). */
export const TEXT_TYPE = /^([<>|=]?)([US])(\d{1,7})$/;

const MAX_TEXTS = 1000;
const MAX_CODE_POINT = 0x10ffff;

/** The texts of an npy array of no or one dimension, without the NULs that pad them. Throws ModelFileError. */
export function readTexts(bytes: Buffer, { descr, shape, dataStart }: NpyHeader): string[] {
  const [, order, kind, length] = TEXT_TYPE.exec(descr) ?? [];
  const count = shape.length === 0 ? 1 : shape[0];
  const width = Number(length) * (kind === 'U' ? 4 : 1);
  if (shape.length > 1 || count > MAX_TEXTS || count * width !== bytes.length - dataStart) {
    throw new ModelFileError(
      `An array of texts (${descr}) of shape (${shape.join(', ')}) does not fit its bytes.`,
    );
  }
  return Array.from({ length: count }, (_, i) => {
    const item = bytes.subarray(dataStart + i * width, dataStart + (i + 1) * width);
    const text = kind === 'S' ? item.toString('utf8') : decodeUcs4(item, order === '>');
    return text.replace(/\0+$/, '');
  });
}

function decodeUcs4(bytes: Buffer, bigEndian: boolean): string {
  const points: string[] = [];
  for (let at = 0; at + 4 <= bytes.length; at += 4) {
    const point = bigEndian ? bytes.readUInt32BE(at) : bytes.readUInt32LE(at);
    if (point > MAX_CODE_POINT) throw new ModelFileError(`A text holds ${point}, which is no character.`);
    points.push(String.fromCodePoint(point));
  }
  return points.join('');
}
