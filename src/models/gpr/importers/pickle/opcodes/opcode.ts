import type { PickleMachine } from '../pickle-machine.js';

/** One opcode: its name in CPython's Lib/pickletools.py, its byte, and what it does to the machine. */
export interface Opcode {
  readonly name: string;
  readonly code: number;
  readonly run: (machine: PickleMachine) => void;
}

/** @param code the byte, as the character that pickletools prints for it */
export function opcode(name: string, code: string, run: Opcode['run']): Opcode {
  return { name, code: code.charCodeAt(0), run };
}
