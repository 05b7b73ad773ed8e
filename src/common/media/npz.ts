import { quote } from './describe.js';
import { BodyTooLargeError, MalformedBodyError } from './issue.js';
import { type NpyArray, readNpy, writeNpy } from './npy.js';
import { readZip, writeZip, type ZipLimits } from './zip.js';

const DEFAULT_LIMITS: ZipLimits = { maxBytes: 256 * 2 ** 20, maxEntries: 1000 };

/**
 * Reads an npz file (`numpy.savez`, `numpy.savez_compressed`) into its arrays by name.
 * Throws MalformedBodyError, or BodyTooLargeError before more than `limits.maxBytes` are unpacked, or made into doubles.
 */
export function readNpz(bytes: Buffer, limits: Partial<ZipLimits> = {}): Map<string, NpyArray> {
  const allLimits = { ...DEFAULT_LIMITS, ...limits };
  const arrays = new Map<string, NpyArray>();
  let elementsLeft = Math.floor(allLimits.maxBytes / 8);
  for (const [file, content] of readZip(bytes, allLimits)) {
    if (!file.endsWith('.npy')) {
      throw new MalformedBodyError('npz', `${quote(file)} is no array: write the file with numpy.savez.`);
    }
    const name = file.slice(0, -'.npy'.length);
    const array = readEntry(name, content, elementsLeft);
    elementsLeft -= array.data.length;
    arrays.set(name, array);
  }
  return arrays;
}

/** Writes arrays as an npz file, not compressed (numbers hardly are). */
export function writeNpz(arrays: Readonly<Record<string, NpyArray>>): Buffer {
  const files = Object.entries(arrays).map(
    ([name, { shape, data }]) => [`${name}.npy`, writeNpy(shape, data)] as const,
  );
  return writeZip(new Map(files));
}

/** An error inside an entry names the entry; the byte is counted from its start. */
function readEntry(name: string, content: Buffer, maxElements: number): NpyArray {
  try {
    return readNpy(content, maxElements);
  } catch (error) {
    if (!(error instanceof MalformedBodyError)) throw error;
    const Kind = error instanceof BodyTooLargeError ? BodyTooLargeError : MalformedBodyError;
    throw new Kind('npz', `in the array ${quote(name)}, ${error.problem}`, error.place);
  }
}
