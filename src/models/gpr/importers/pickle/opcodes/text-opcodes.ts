import { BufferSource } from '../byte-source.js';
import { decodeText, type FileRange, LazyText, PickleBytes } from '../lazy-values.js';
import { PickleError, quoted } from '../pickle-error.js';
import { COST } from '../pickle-limits.js';
import type { PickleMachine } from '../pickle-machine.js';
import type { TextEncoding } from '../text-decoders.js';
import { opcode } from './opcode.js';

/** Bytes up to this length are kept; a reference to the file would take more. */
const SHORT_BYTES = 64;

/** Strings and bytes. Python 2's `str` is either: a short one becomes a string of Latin-1, a long one bytes. */
export const TEXT_OPCODES = [
  opcode('SHORT_BINUNICODE', '\x8c', (machine) => pushText(machine, machine.input.uint8(), 'utf-8')),
  opcode('BINUNICODE', 'X', (machine) => pushText(machine, machine.input.length32(), 'utf-8')),
  opcode('BINUNICODE8', '\x8d', (machine) => pushText(machine, machine.input.length64(), 'utf-8')),
  opcode('UNICODE', 'V', (machine) => {
    pushText(machine, machine.input.lineLength(machine.input.remaining), 'raw-unicode-escape');
    machine.input.skip(1);
  }),
  opcode('SHORT_BINSTRING', 'U', (machine) => pushOldString(machine, machine.input.uint8(), 'bytes')),
  opcode('BINSTRING', 'T', (machine) => pushOldString(machine, machine.input.signedLength32(), 'bytes')),
  opcode('STRING', 'S', pushQuotedString),
  opcode('SHORT_BINBYTES', 'C', (machine) => pushBytes(machine, machine.input.uint8())),
  opcode('BINBYTES', 'B', (machine) => pushBytes(machine, machine.input.length32())),
  opcode('BINBYTES8', '\x8e', (machine) => pushBytes(machine, machine.input.length64())),
  opcode('BYTEARRAY8', '\x96', (machine) => pushBytes(machine, machine.input.length64())),
  opcode('READONLY_BUFFER', '\x98', (machine) => {
    if (!(machine.top() instanceof PickleBytes))
      throw new PickleError('bad-stack', 'READONLY_BUFFER needs bytes');
  }),
];

function pushText(machine: PickleMachine, length: number, encoding: TextEncoding): void {
  if (length > machine.limits.longText) machine.push(new LazyText(reference(machine, length, encoding)));
  else machine.push(shortText(machine, length, encoding));
}

function pushOldString(machine: PickleMachine, length: number, encoding: TextEncoding): void {
  if (length > machine.limits.longText) machine.push(new PickleBytes(reference(machine, length, encoding)));
  else machine.push(shortText(machine, length, encoding));
}

function pushBytes(machine: PickleMachine, length: number): void {
  if (length > SHORT_BYTES) machine.push(new PickleBytes(reference(machine, length, 'bytes')));
  else machine.push(new PickleBytes(shortText(machine, length, 'bytes')));
}

/** A Python 2 string literal; CPython accepts spaces around it, nobody writes them. */
function pushQuotedString(machine: PickleMachine): void {
  const length = machine.input.lineLength(machine.input.remaining);
  const quote = length >= 2 ? machine.input.bytes(1).toString('latin1') : '';
  if (quote !== "'" && quote !== '"') throw new PickleError('bad-value', 'STRING without quotes');
  pushOldString(machine, length - 2, 'string-escape');
  const end = machine.input.bytes(2).toString('latin1');
  if (end !== `${quote}\n`)
    throw new PickleError('bad-value', `STRING that ends in ${quoted(end)}, not in its quote`);
}

/** Leaves the bytes in the file. */
function reference(machine: PickleMachine, length: number, encoding: TextEncoding): FileRange {
  machine.budget.spend(COST.reference);
  const { offset } = machine.input;
  machine.input.skip(length);
  return { source: machine.payloads, offset, length, encoding };
}

function shortText(machine: PickleMachine, length: number, encoding: TextEncoding): string {
  machine.budget.spend(2 * length);
  const bytes = machine.input.bytes(length);
  if (encoding === 'bytes' || (encoding === 'utf-8' && isAscii(bytes))) return bytes.toString('latin1');
  return decodeText({ source: new BufferSource(bytes), offset: 0, length, encoding });
}

function isAscii(bytes: Uint8Array): boolean {
  for (let index = 0; index < bytes.length; index++) if (bytes[index] > 0x7f) return false;
  return true;
}
