import { ModelFileError } from '../model-errors.js';

/**
 * Messages of an ONNX file that can hold a tensor, by the numbers of their fields in onnx.proto (version 1.23), and
 * what each field holds.
 */
const MESSAGES = {
  Model: { 7: 'Graph', 20: 'Training', 25: 'Function' },
  Training: { 1: 'Graph', 2: 'Graph' },
  Graph: { 1: 'Node', 5: 'Tensor', 15: 'SparseTensor' },
  Function: { 7: 'Node', 11: 'Attribute' },
  Node: { 5: 'Attribute' },
  Attribute: { 5: 'Tensor', 6: 'Graph', 10: 'Tensor', 11: 'Graph', 22: 'SparseTensor', 23: 'SparseTensor' },
  SparseTensor: { 1: 'Tensor', 2: 'Tensor' },
  Tensor: {},
} as const satisfies Record<string, Readonly<Record<number, string>>>;
type Message = keyof typeof MESSAGES;

/** TensorProto: where its numbers are kept outside, and whether they are. */
const EXTERNAL_DATA = 13;
const DATA_LOCATION = 14;

/** Graphs within graphs (branches, loops) are never nested deeper. */
const DEEPEST = 64;

/**
 * Throws ModelFileError where a tensor names another file for its numbers: ONNX Runtime would open that file, by a
 * name of the model's choosing. Also where the bytes are no protocol buffer.
 */
export function refuseExternalData(bytes: Buffer): void {
  visit(bytes, 'Model', 0);
}

function visit(bytes: Buffer, message: Message, depth: number): void {
  if (depth > DEEPEST) throw new ModelFileError('The graphs of the ONNX file are nested too deeply.');
  const children: Readonly<Record<number, Message>> = MESSAGES[message];
  for (const { field, body, value } of fields(bytes)) {
    if (message === 'Tensor' && (field === EXTERNAL_DATA || (field === DATA_LOCATION && value !== 0n))) {
      throw new ModelFileError(
        'The ONNX file keeps its numbers in another file (external data), which is not read: save the model as one file.',
      );
    }
    const child = children[field];
    if (child !== undefined && body) visit(body, child, depth + 1);
  }
}

interface Field {
  readonly field: number;
  /** Of a field with a length. */
  readonly body?: Buffer;
  /** Of a whole number. */
  readonly value?: bigint;
}

/** The fields of a message in the encoding of protocol buffers. */
function* fields(bytes: Buffer): Generator<Field> {
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      if (at >= bytes.length) break;
      const byte = bytes[at++];
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    throw damaged();
  };
  const skip = (length: number): number => {
    if (length > bytes.length - at) throw damaged();
    at += length;
    return at - length;
  };
  while (at < bytes.length) {
    const tag = varint();
    const field = Number(tag >> 3n);
    switch (Number(tag & 7n)) {
      case 0:
        yield { field, value: varint() };
        break;
      case 1:
        skip(8);
        break;
      case 2: {
        const start = skip(Number(varint()));
        yield { field, body: bytes.subarray(start, at) };
        break;
      }
      case 5:
        skip(4);
        break;
      default:
        throw damaged();
    }
  }
}

function damaged(): ModelFileError {
  return new ModelFileError('Not an ONNX file, or a damaged one: it is not a protocol buffer.');
}
