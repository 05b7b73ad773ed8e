import { crc32, inflateRawSync } from 'node:zlib';
import { count, quote } from './describe.js';
import { BodyTooLargeError, MalformedBodyError } from './issue.js';

/** What reading an archive may cost. */
export interface ZipLimits {
  /** Most bytes that all entries together may unpack to. */
  maxBytes: number;
  maxEntries: number;
}

interface Entry {
  name: string;
  flags: number;
  method: number;
  crc: number;
  packedBytes: number;
  bytes: number;
  headerAt: number;
}

const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;
const END64 = 0x06064b50;
const END64_LOCATOR = 0x07064b50;
const MAX32 = 0xffffffff;
const UTF8_NAME = 1 << 11;
const ENCRYPTED = 1 << 0;

/**
 * Unpacks a ZIP archive in memory (APPNOTE 6.3: stored and deflated entries, zip64 sizes as numpy writes them). Sizes
 * and checksums come from the central directory and must hold exactly. Names are only ever keys, never paths.
 * Throws MalformedBodyError, or BodyTooLargeError before more than `limits.maxBytes` are unpacked.
 */
export function readZip(bytes: Buffer, limits: ZipLimits): Map<string, Buffer> {
  const entries = readDirectory(bytes, limits.maxEntries);
  const total = entries.reduce((sum, entry) => sum + entry.bytes, 0);
  if (total > limits.maxBytes) {
    throw new BodyTooLargeError(
      'npz',
      `unpacks to ${total} bytes, the limit is ${limits.maxBytes}: send fewer rows.`,
    );
  }
  const files = new Map<string, Buffer>();
  for (const entry of entries) {
    if (files.has(entry.name)) throw broken(`two entries are called ${quote(entry.name)}.`, entry.headerAt);
    files.set(entry.name, unpack(bytes, entry));
  }
  return files;
}

/** Writes an archive of stored entries, as numpy.savez does. Throws RangeError past 4 GiB, which would need zip64. */
export function writeZip(files: ReadonlyMap<string, Buffer>): Buffer {
  const zip = new StoredZip();
  const parts: Buffer[] = [];
  for (const [name, content] of files) parts.push(zip.entry(name, content.length, crc32(content)), content);
  return Buffer.concat([...parts, zip.end()]);
}

/** What stands between the contents of an archive of stored entries, for one that is written piece by piece. */
export class StoredZip {
  readonly #directory: Buffer[] = [];
  #offset = 0;

  /** What stands before the content of an entry. Throws RangeError past 4 GiB. */
  entry(fileName: string, bytes: number, checksum: number): Buffer {
    requireBelow4GiB(Math.max(bytes, this.#offset));
    const name = Buffer.from(fileName);
    // What the local and the central header have in common: version, flags, method, time, date (1980), CRC, sizes.
    const shared = Buffer.alloc(26);
    shared.writeUInt16LE(20, 0);
    shared.writeUInt16LE(UTF8_NAME, 2);
    shared.writeUInt16LE(0x21, 8);
    shared.writeUInt32LE(checksum, 10);
    shared.writeUInt32LE(bytes, 14);
    shared.writeUInt32LE(bytes, 18);
    shared.writeUInt16LE(name.length, 22);
    const place = Buffer.alloc(14);
    place.writeUInt32LE(this.#offset, 10);
    this.#directory.push(uint32(CENTRAL), Buffer.from([20, 0]), shared, place, name);
    this.#offset += 30 + name.length + bytes;
    return Buffer.concat([uint32(LOCAL), shared, name]);
  }

  /** What stands after the content of the last. Throws RangeError past 4 GiB. */
  end(): Buffer {
    requireBelow4GiB(this.#offset);
    const directory = Buffer.concat(this.#directory);
    const end = Buffer.alloc(22);
    end.writeUInt32LE(END, 0);
    const entries = this.#directory.length / 5;
    end.writeUInt16LE(entries, 8);
    end.writeUInt16LE(entries, 10);
    end.writeUInt32LE(directory.length, 12);
    end.writeUInt32LE(this.#offset, 16);
    return Buffer.concat([directory, end]);
  }
}

function requireBelow4GiB(bytes: number): void {
  if (bytes > MAX32) throw new RangeError('An npz file of more than 4 GiB cannot be written.');
}

function readDirectory(bytes: Buffer, maxEntries: number): Entry[] {
  const { entryCount, start, end } = findDirectory(bytes);
  if (entryCount > maxEntries) {
    throw new BodyTooLargeError('npz', `holds ${count(entryCount, 'array')}, the limit is ${maxEntries}.`);
  }
  const entries: Entry[] = [];
  let at = start;
  while (entries.length < entryCount) {
    if (at + 46 > end || bytes.readUInt32LE(at) !== CENTRAL) throw broken('the directory is cut short.', at);
    const nameEnd = at + 46 + bytes.readUInt16LE(at + 28);
    const extraEnd = nameEnd + bytes.readUInt16LE(at + 30);
    const next = extraEnd + bytes.readUInt16LE(at + 32);
    if (next > end) throw broken('the directory is cut short.', at);
    const entry: Entry = {
      name: bytes.toString('utf8', at + 46, nameEnd),
      flags: bytes.readUInt16LE(at + 8),
      method: bytes.readUInt16LE(at + 10),
      crc: bytes.readUInt32LE(at + 16),
      packedBytes: bytes.readUInt32LE(at + 20),
      bytes: bytes.readUInt32LE(at + 24),
      headerAt: bytes.readUInt32LE(at + 42),
    };
    readZip64Sizes(entry, bytes.subarray(nameEnd, extraEnd), nameEnd);
    entries.push(entry);
    at = next;
  }
  return entries;
}

/** The end record is the last thing in the file; before it may stand its zip64 form, which has the larger numbers. */
function findDirectory(bytes: Buffer): { entryCount: number; start: number; end: number } {
  let at = bytes.length - 22;
  const first = Math.max(0, at - 0xffff);
  while (
    at >= first &&
    !(bytes.readUInt32LE(at) === END && at + 22 + bytes.readUInt16LE(at + 20) === bytes.length)
  ) {
    at--;
  }
  if (at < first) throw broken('the archive has no end: it is cut short, or no ZIP archive.', bytes.length);
  let entryCount = bytes.readUInt16LE(at + 10);
  let size = bytes.readUInt32LE(at + 12);
  let start = bytes.readUInt32LE(at + 16);
  let end = at;
  const locator = at - 20;
  if (locator >= 0 && bytes.readUInt32LE(locator) === END64_LOCATOR) {
    end = uint64(bytes, locator + 8);
    if (end > locator - 56 || bytes.readUInt32LE(end) !== END64)
      throw broken('the zip64 end is missing.', locator);
    entryCount = uint64(bytes, end + 32);
    size = uint64(bytes, end + 40);
    start = uint64(bytes, end + 48);
  }
  if (start + size !== end) throw broken('the directory is not where the end of the archive says.', at);
  return { entryCount, start, end };
}

/** Sizes that do not fit 32 bits stand in the extra field 0x0001, in this order, each only where it is needed. */
function readZip64Sizes(entry: Entry, extra: Buffer, at: number): void {
  const large = (['bytes', 'packedBytes', 'headerAt'] as const).filter((field) => entry[field] === MAX32);
  if (large.length === 0) return;
  let field = 0;
  while (field + 4 <= extra.length && extra.readUInt16LE(field) !== 1)
    field += 4 + extra.readUInt16LE(field + 2);
  const content = extra.subarray(
    field + 4,
    field + 4 + (field + 4 <= extra.length ? extra.readUInt16LE(field + 2) : 0),
  );
  if (content.length < large.length * 8) throw broken('a zip64 size is missing.', at);
  large.forEach((name, i) => (entry[name] = uint64(content, i * 8)));
}

function unpack(bytes: Buffer, entry: Entry): Buffer {
  const { headerAt, packedBytes, method } = entry;
  const name = quote(entry.name);
  if ((entry.flags & ENCRYPTED) !== 0) throw broken(`${name} is encrypted.`, headerAt);
  if (headerAt + 30 > bytes.length || bytes.readUInt32LE(headerAt) !== LOCAL) {
    throw broken(`${name} is not where the directory says.`, headerAt);
  }
  const start = headerAt + 30 + bytes.readUInt16LE(headerAt + 26) + bytes.readUInt16LE(headerAt + 28);
  if (start + packedBytes > bytes.length) throw broken(`${name} is cut short.`, bytes.length);
  const packed = bytes.subarray(start, start + packedBytes);
  if (method !== 0 && method !== 8) {
    throw broken(
      `${name} is packed by method ${method}: use numpy.savez or numpy.savez_compressed.`,
      headerAt,
    );
  }
  const content = method === 0 ? packed : inflate(packed, entry.bytes, name, start);
  if (content.length !== entry.bytes)
    throw broken(`${name} has not the size that the directory says.`, start);
  if (crc32(content) !== entry.crc)
    throw broken(`${name} was damaged on the way: its checksum differs.`, start);
  return content;
}

function inflate(packed: Buffer, size: number, name: string, at: number): Buffer {
  try {
    return inflateRawSync(packed, { maxOutputLength: Math.max(1, size) });
  } catch {
    throw broken(`${name} cannot be unpacked, or is larger than the directory says.`, at);
  }
}

function uint64(bytes: Buffer, at: number): number {
  return bytes.readUInt32LE(at) + bytes.readUInt32LE(at + 4) * 2 ** 32;
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function broken(problem: string, byte: number): MalformedBodyError {
  return new MalformedBodyError('npz', problem, { byte });
}
