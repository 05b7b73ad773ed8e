import { PickleError, quoted } from '../pickle-error.js';
import { opcode } from './opcode.js';

const MAX_INDEX_DIGITS = 15;
const HIGHEST_PROTOCOL = 5;

/** Stack, memo and framing. */
export const STACK_OPCODES = [
  opcode('PROTO', '\x80', (machine) => {
    const protocol = machine.input.uint8();
    if (protocol > HIGHEST_PROTOCOL) {
      throw new PickleError('bad-value', `pickle protocol ${protocol}; up to ${HIGHEST_PROTOCOL} is known`);
    }
  }),
  // Frames only help a reader to fetch ahead; that the length fits into the file is all there is to check.
  opcode('FRAME', '\x95', (machine) => void machine.input.length64()),
  opcode('STOP', '.', (machine) => machine.stop()),
  opcode('MARK', '(', (machine) => machine.mark()),
  opcode('POP', '0', (machine) => machine.popValueOrMark()),
  opcode('POP_MARK', '1', (machine) => void machine.popToMark()),
  opcode('DUP', '2', (machine) => machine.push(machine.top())),
  opcode('PUT', 'p', (machine) => machine.remember(index(machine.input.line(MAX_INDEX_DIGITS)))),
  opcode('BINPUT', 'q', (machine) => machine.remember(machine.input.uint8())),
  opcode('LONG_BINPUT', 'r', (machine) => machine.remember(machine.input.uint32())),
  opcode('MEMOIZE', '\x94', (machine) => machine.rememberNext()),
  opcode('GET', 'g', (machine) => machine.recall(index(machine.input.line(MAX_INDEX_DIGITS)))),
  opcode('BINGET', 'h', (machine) => machine.recall(machine.input.uint8())),
  opcode('LONG_BINGET', 'j', (machine) => machine.recall(machine.input.uint32())),
];

function index(text: string): number {
  if (!/^\d+$/.test(text)) throw new PickleError('bad-value', `${quoted(text)} is no memo number`);
  return Number(text);
}
