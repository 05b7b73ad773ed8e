import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import { endianness } from 'node:os';
import { MalformedBodyError } from '../../../../common/media/issue.js';
import { quote } from '../../../../common/media/describe.js';
import { parseJsonText } from '../../../../common/media/json-text.js';
import { Matrix } from '../../../../numeric/linalg/matrix.js';
import { ModelFileError } from '../../../model-errors.js';
import type { ModelFile } from '../../../model-file.js';
import { Field } from '../document/field.js';
import { LENGTH_BYTES, MAX_HEADER_BYTES, type Safetensors, type Tensor } from './safetensors.js';

const MAX_TENSORS = 64;
/** Read in pieces: one call of the operating system takes at most 2 GiB. */
const PIECE_BYTES = 2 ** 26;

interface Entry {
  readonly name: string;
  readonly rows: number;
  readonly cols: number;
  readonly start: number;
  readonly end: number;
}

/**
 * Reads a safetensors file, strictly: a bounded header without repeated keys, tensors of type F64 and one or two
 * dimensions (a vector is a column) that follow each other without hole or overlap and end where the file ends.
 * Nothing is allocated before the sizes are known to agree with the file and with `maxBytes`.
 * Throws ModelFileError.
 */
export function readSafetensors(file: ModelFile, maxBytes: number): Safetensors {
  const descriptor = openSync(file.path, 'r');
  try {
    const headerBytes = headerLength(file);
    const { metadata, entries } = readHeader(readAt(descriptor, LENGTH_BYTES, headerBytes));
    const dataStart = LENGTH_BYTES + headerBytes;
    checkLayout(entries, file.bytes - dataStart);
    const total = entries.reduce((sum, { start, end }) => sum + end - start, 0);
    if (total > maxBytes) {
      throw new ModelFileError(
        `The model needs ${total} bytes, more than MAX_MODEL_BYTES allows (${maxBytes}).`,
      );
    }
    const tensors = entries.map(
      ({ name, rows, cols, start, end }) =>
        [name, toTensor(rows, cols, readAt(descriptor, dataStart + start, end - start))] as const,
    );
    return { metadata, tensors: new Map(tensors) };
  } finally {
    closeSync(descriptor);
  }
}

/** Whether the first bytes are a length that fits the file, and the brace of a header. */
export function looksLikeSafetensors({ head, bytes }: ModelFile): boolean {
  if (head.length <= LENGTH_BYTES || head[LENGTH_BYTES] !== 0x7b) return false;
  return head.readBigUInt64LE() <= BigInt(bytes - LENGTH_BYTES);
}

function headerLength({ head, bytes }: ModelFile): number {
  if (head.length < LENGTH_BYTES) throw broken(`the file has ${bytes} bytes, fewer than its header's length`);
  const length = head.readBigUInt64LE();
  if (length > BigInt(bytes - LENGTH_BYTES))
    throw broken(`a header of ${length} bytes, past the end of the file`);
  if (length > MAX_HEADER_BYTES)
    throw broken(`a header of ${length} bytes, expected at most ${MAX_HEADER_BYTES}`);
  return Number(length);
}

function readHeader(bytes: Buffer): { metadata: Map<string, string>; entries: Entry[] } {
  // Tools pad the header with blanks; nothing but the brace may stand first.
  if (bytes[0] !== 0x7b) throw broken('the header does not begin with "{"');
  const metadata = new Map<string, string>();
  const entries: Entry[] = [];
  for (const [name, field] of new Field('header', parseHeader(bytes)).entries()) {
    if (name !== '__metadata__') entries.push(readEntry(name, field));
    else for (const [key, text] of field.entries()) metadata.set(key, metadataText(text));
  }
  if (entries.length > MAX_TENSORS)
    throw broken(`${entries.length} tensors, expected at most ${MAX_TENSORS}`);
  return { metadata, entries: entries.sort((a, b) => a.start - b.start) };
}

function parseHeader(bytes: Buffer): unknown {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    return parseJsonText(text, { uniqueKeys: true });
  } catch (error) {
    if (error instanceof MalformedBodyError) throw broken(`in the header, ${error.message}`);
    if (error instanceof TypeError) throw broken('the header is not UTF-8');
    throw error;
  }
}

function metadataText({ path, value }: Field): string {
  if (typeof value === 'string') return value;
  throw broken(`${path} is no text`);
}

function readEntry(name: string, field: Field): Entry {
  const members = field.members(['dtype', 'shape', 'data_offsets']);
  const dtype = members.required('dtype', '"F64"');
  if (dtype.value !== 'F64') dtype.refuse('"F64"', 'write the tensor in double precision');
  const shape = members.required('shape', 'its dimensions');
  const [rows, cols = 1, ...rest] = shape.list('its dimensions').map((size) => size.wholeNumber(1));
  if (rows === undefined || rest.length > 0) shape.refuse('one or two dimensions');
  const offsets = members.required('data_offsets', 'its first byte and the one after its last');
  const [start, end, ...more] = offsets.list().map((offset) => offset.wholeNumber(0));
  if (end === undefined || more.length > 0 || end - start !== 8 * rows * cols) {
    throw broken(`${quote(name)} is ${rows} x ${cols}, which its data_offsets do not hold`);
  }
  return { name, rows, cols, start, end };
}

function checkLayout(entries: readonly Entry[], available: number): void {
  let at = 0;
  for (const { name, start, end } of entries) {
    if (start !== at) throw broken(`${quote(name)} starts at byte ${start} of the data, expected ${at}`);
    at = end;
  }
  if (at !== available) throw broken(`the tensors take ${at} bytes, but ${available} follow the header`);
}

/** The bytes in memory of their own, which is aligned whatever their place in the file. */
function readAt(descriptor: number, position: number, length: number): Buffer {
  const bytes = Buffer.from(new ArrayBuffer(length));
  for (let at = 0; at < length;) {
    const read = readSync(descriptor, bytes, at, Math.min(PIECE_BYTES, length - at), position + at);
    if (read === 0) throw broken('the file became shorter while it was read');
    at += read;
  }
  return bytes;
}

function toTensor(rows: number, cols: number, bytes: Buffer): Tensor {
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  if (endianness() === 'BE') bytes.swap64();
  const data = new Float64Array(bytes.buffer as ArrayBuffer, bytes.byteOffset, rows * cols);
  return { matrix: new Matrix(rows, cols, data), sha256 };
}

function broken(problem: string): ModelFileError {
  return new ModelFileError(`Not a safetensors file that can be read: ${problem}.`);
}
