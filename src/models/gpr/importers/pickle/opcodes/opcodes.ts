import { PickleError } from '../pickle-error.js';
import { CONTAINER_OPCODES } from './container-opcodes.js';
import { NUMBER_OPCODES } from './number-opcodes.js';
import { OBJECT_OPCODES } from './object-opcodes.js';
import { opcode, type Opcode } from './opcode.js';
import { STACK_OPCODES } from './stack-opcodes.js';
import { TEXT_OPCODES } from './text-opcodes.js';

/** Opcodes that exist but that no file of numbers needs: keyword arguments, persistent ids, extensions, buffers. */
const REFUSED_OPCODES = [
  refused('NEWOBJ_EX', '\x92'),
  refused('PERSID', 'P'),
  refused('BINPERSID', 'Q'),
  refused('EXT1', '\x82'),
  refused('EXT2', '\x83'),
  refused('EXT4', '\x84'),
  refused('NEXT_BUFFER', '\x97'),
];

const ALL_OPCODES = [
  ...NUMBER_OPCODES,
  ...TEXT_OPCODES,
  ...CONTAINER_OPCODES,
  ...STACK_OPCODES,
  ...OBJECT_OPCODES,
  ...REFUSED_OPCODES,
];

/** By byte; undefined where a byte is no opcode. */
export const OPCODES: readonly (Opcode | undefined)[] = Array.from({ length: 256 }, (_, code) =>
  ALL_OPCODES.find((each) => each.code === code),
);

function refused(name: string, code: string): Opcode {
  return opcode(name, code, () => {
    throw new PickleError('refused-opcode', `the opcode ${name} is not accepted: model files do not need it`);
  });
}
