import { PickleError } from '../pickle-error.js';
import { CONTAINER_OPCODES } from './container-opcodes.js';
import { NUMBER_OPCODES } from './number-opcodes.js';
import { OBJECT_OPCODES } from './object-opcodes.js';
import { opcode, type Opcode } from './opcode.js';
import { STACK_OPCODES } from './stack-opcodes.js';
import { TEXT_OPCODES } from './text-opcodes.js';

/** Opcodes that exist but that no file of numbers needs: old-style instances, persistent ids, extensions, buffers. */
const REFUSED_OPCODES = [
  refused('INST', 'i'),
  refused('OBJ', 'o'),
  refused('NEWOBJ_EX', '\x92'),
  refused('PERSID', 'P'),
  refused('BINPERSID', 'Q'),
  refused('EXT1', '\x82'),
  refused('EXT2', '\x83'),
  refused('EXT4', '\x84'),
  refused('NEXT_BUFFER', '\x97'),
];

/** By byte; a byte that is no opcode is undefined. */
export const OPCODES: readonly (Opcode | undefined)[] = byCode([
  ...NUMBER_OPCODES,
  ...TEXT_OPCODES,
  ...CONTAINER_OPCODES,
  ...STACK_OPCODES,
  ...OBJECT_OPCODES,
  ...REFUSED_OPCODES,
]);

function refused(name: string, code: string): Opcode {
  return opcode(name, code, () => {
    throw new PickleError('refused-opcode', `the opcode ${name} is not accepted: model files do not need it`);
  });
}

function byCode(opcodes: readonly Opcode[]): (Opcode | undefined)[] {
  const table = new Array<Opcode | undefined>(256).fill(undefined);
  for (const each of opcodes) table[each.code] = each;
  return table;
}
