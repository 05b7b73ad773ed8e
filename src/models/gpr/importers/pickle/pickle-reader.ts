import { ByteCursor } from './byte-cursor.js';
import { MeteredSource, type ByteSource } from './byte-source.js';
import type { GlobalTable } from './global-table.js';
import { OPCODES } from './opcodes/opcodes.js';
import { PickleError } from './pickle-error.js';
import { COST, DEFAULT_LIMITS, type PickleLimits } from './pickle-limits.js';
import { PickleMachine } from './pickle-machine.js';
import type { PickleValue } from './pickle-values.js';

/** What may be read lazily even from a tiny file. */
const LEAST_ALLOWANCE = 64 * 1024;

/**
 * Reads a pickle of any protocol (0 to 5) as data. Nothing in the file is ever executed: names are looked up in
 * `globals`, and calls reach only the pure functions found there. Time and memory are bounded by the file's size and by
 * `limits`. Long strings and bytes are left in the file, so `source` must stay open while the result is in use. Bytes
 * after the end of the pickle are ignored, as in Python.
 *
 * The format is that of CPython's Lib/pickletools.py.
 *
 * @throws PickleError for everything that is wrong with the file, with a stable `code` and the byte offset.
 */
export function parsePickle(
  source: ByteSource,
  globals: GlobalTable,
  limits: Partial<PickleLimits> = {},
): PickleValue {
  const allLimits = { ...DEFAULT_LIMITS, ...limits };
  const input = new ByteCursor(source);
  const payloads = new MeteredSource(source, allLimits.rereads * source.size + LEAST_ALLOWANCE);
  return run(new PickleMachine(input, payloads, globals, allLimits, run));
}

/** Reads opcodes until STOP. */
function run(machine: PickleMachine): PickleValue {
  const { input } = machine;
  let offset = input.offset;
  try {
    while (machine.result === undefined) {
      offset = input.offset;
      const code = input.uint8();
      const opcode = OPCODES[code];
      if (!opcode) throw unknownOpcode(code, offset);
      machine.budget.spend(COST.opcode);
      opcode.run(machine);
    }
    return machine.result;
  } catch (error) {
    throw error instanceof PickleError ? error.at(offset) : error;
  }
}

function unknownOpcode(code: number, offset: number): PickleError {
  const hex = `0x${code.toString(16).padStart(2, '0')}`;
  const hint = offset === 0 ? ': this is not a pickle file' : '';
  return new PickleError('refused-opcode', `the byte ${hex} is no pickle opcode${hint}`);
}
