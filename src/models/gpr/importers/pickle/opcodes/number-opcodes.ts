import { PickleError, quoted } from '../pickle-error.js';
import type { PickleMachine } from '../pickle-machine.js';
import { exactInteger, type PickleValue } from '../pickle-values.js';
import { opcode } from './opcode.js';

/** Random generators keep integers of 128 bits; CPython itself stops at 4300 decimal digits. */
const MAX_INTEGER_BYTES = 1024;
const MAX_DIGITS = 2500;
const MAX_FLOAT_CHARACTERS = 64;
const DECIMAL = /^[+-]?\d+$/;
const FLOAT = /^[+-]?(\d+\.?\d*(e[+-]?\d+)?|\.\d+(e[+-]?\d+)?|inf|nan)$/i;

/** None, booleans, integers and floats. */
export const NUMBER_OPCODES = [
  opcode('NONE', 'N', (machine) => machine.push(null)),
  opcode('NEWTRUE', '\x88', (machine) => machine.push(true)),
  opcode('NEWFALSE', '\x89', (machine) => machine.push(false)),
  opcode('INT', 'I', (machine) => {
    const text = digits(machine);
    // Protocol 0 has no booleans: it writes them as integers with a leading zero.
    machine.push(text === '01' ? true : text === '00' ? false : decimal(text));
  }),
  opcode('LONG', 'L', (machine) => machine.push(decimal(digits(machine).replace(/L$/, '')))),
  opcode('BININT', 'J', (machine) => machine.push(machine.input.int32())),
  opcode('BININT1', 'K', (machine) => machine.push(machine.input.uint8())),
  opcode('BININT2', 'M', (machine) => machine.push(machine.input.uint16())),
  opcode('LONG1', '\x8a', (machine) => pushTwosComplement(machine, machine.input.uint8())),
  opcode('LONG4', '\x8b', (machine) => pushTwosComplement(machine, machine.input.signedLength32())),
  opcode('FLOAT', 'F', (machine) => machine.push(float(machine.input.line(MAX_FLOAT_CHARACTERS)))),
  opcode('BINFLOAT', 'G', (machine) => machine.push(machine.input.float64BigEndian())),
];

/** Charged for, because converting takes more than linear time. */
function digits(machine: PickleMachine): string {
  const text = machine.input.line(MAX_DIGITS);
  machine.budget.spend(2 * text.length);
  return text;
}

function decimal(text: string): PickleValue {
  if (!DECIMAL.test(text)) throw new PickleError('bad-value', `${quoted(text)} is no integer`);
  return exactInteger(BigInt(text.replace(/^\+/, '')));
}

function float(text: string): number {
  if (!FLOAT.test(text)) throw new PickleError('bad-value', `${quoted(text)} is no number`);
  return Number(text.toLowerCase().replace('inf', 'Infinity').replace('nan', 'NaN'));
}

function pushTwosComplement(machine: PickleMachine, length: number): void {
  if (length > MAX_INTEGER_BYTES) {
    throw new PickleError('limit', `an integer of ${length} bytes, at most ${MAX_INTEGER_BYTES} expected`);
  }
  machine.budget.spend(4 * length);
  const bytes = Buffer.from(machine.input.bytes(length)).reverse();
  machine.push(
    length === 0 ? 0 : exactInteger(BigInt.asIntN(length * 8, BigInt(`0x${bytes.toString('hex')}`))),
  );
}
