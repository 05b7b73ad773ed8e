import type { ClonedMatrix } from '../cloned.js';
import { type FunctionName, functionOf, FUNCTIONS, isTrue } from './functions.js';
import type { Instruction, Value } from './instruction-list.js';

/** What computes some values of one row; its arrays lie in shared memory, so that posting it copies nothing. */
export interface Program {
  /** Numbers that a row needs room for at a time. The first ones hold `numbers`. */
  readonly registers: number;
  readonly numbers: Float64Array;
  /** STEP entries a step: operation, target, up to three operands; all but the first are registers (or a column). */
  readonly steps: Int32Array;
  /** The register of each value asked for. */
  readonly results: Int32Array;
}

const STEP = 5;
const INPUT = 0;
const CHOICE = 1;
const FIRST_FUNCTION = 2;
const NAMES = Object.keys(FUNCTIONS) as FunctionName[];
const KERNELS = NAMES.map((name) => functionOf(name).evaluate);

/** Rows that a step works on at once: its operands then stay in the processor's cache. */
const BLOCK = 128;

/** Takes of the instructions those that `wanted` needs, and lets values share registers when they are used up. */
export function makeProgram(instructions: readonly Instruction[], wanted: readonly Value[]): Program {
  const lastUse = lastUses(instructions, wanted);
  const numbers: number[] = [];
  const steps: number[] = [];
  const registerOf = new Map<Value, number>();
  for (const [value, instruction] of instructions.entries()) {
    if (!lastUse.has(value) || instruction.kind !== 'number') continue;
    registerOf.set(value, numbers.push(instruction.value) - 1);
  }
  let registers = numbers.length;
  const free: number[] = [];
  for (const [value, instruction] of instructions.entries()) {
    if (!lastUse.has(value) || instruction.kind === 'number') continue;
    const args = instruction.kind === 'input' ? [] : instruction.args;
    const operands = args.map((arg) => registerOf.get(arg) as number);
    // A step reads each row before it writes it: its target may be an operand that it is the last to use.
    for (const arg of new Set(args)) {
      if (lastUse.get(arg) === value && instructions[arg].kind !== 'number') {
        free.push(registerOf.get(arg) as number);
      }
    }
    const target = free.pop() ?? registers++;
    registerOf.set(value, target);
    if (instruction.kind === 'input') steps.push(INPUT, target, instruction.index, 0, 0);
    else {
      const operation =
        instruction.kind === 'choice' ? CHOICE : FIRST_FUNCTION + NAMES.indexOf(instruction.name);
      const [a, b = a, c = a] = operands;
      steps.push(operation, target, a, b, c);
    }
  }
  return {
    registers,
    numbers: shared(Float64Array, numbers),
    steps: shared(Int32Array, steps),
    results: shared(
      Int32Array,
      wanted.map((value) => registerOf.get(value) as number),
    ),
  };
}

/** Operations that a row takes. */
export function stepsOf({ steps }: Program): number {
  return steps.length / STEP;
}

/** The instruction that is the last to need each value; results are needed to the end. */
function lastUses(instructions: readonly Instruction[], wanted: readonly Value[]): Map<Value, Value> {
  const lastUse = new Map<Value, Value>(wanted.map((value) => [value, Infinity]));
  for (let value = instructions.length - 1; value >= 0; value--) {
    const instruction = instructions[value];
    if (!lastUse.has(value) || instruction.kind === 'number' || instruction.kind === 'input') continue;
    for (const arg of instruction.args) if (!lastUse.has(arg)) lastUse.set(arg, value);
  }
  return lastUse;
}

/**
 * Computes rows [start, end) of `X`. The results fill the tables' columns in order, in the same rows.
 */
export function runProgram(
  program: Program,
  X: ClonedMatrix,
  tables: readonly ClonedMatrix[],
  start: number,
  end: number,
): void {
  const block = Math.min(BLOCK, end - start);
  const memory = new Float64Array(program.registers * block);
  program.numbers.forEach((value, register) => memory.fill(value, register * block, (register + 1) * block));
  for (let row = start; row < end; row += block) {
    const count = Math.min(block, end - row);
    computeBlock(program, X, row, count, memory, block);
    let result = 0;
    for (const { data, cols } of tables) {
      for (let column = 0; column < cols; column++) {
        const from = program.results[result++] * block;
        for (let i = 0; i < count; i++) data[(row + i) * cols + column] = memory[from + i];
      }
    }
  }
}

function computeBlock(
  { steps }: Program,
  X: ClonedMatrix,
  row: number,
  count: number,
  memory: Float64Array,
  block: number,
): void {
  for (let at = 0; at < steps.length; at += STEP) {
    const operation = steps[at];
    const target = steps[at + 1] * block;
    if (operation === INPUT) {
      for (let i = 0, from = row * X.cols + steps[at + 2]; i < count; i++, from += X.cols) {
        memory[target + i] = X.data[from];
      }
      continue;
    }
    const a = steps[at + 2] * block;
    const b = steps[at + 3] * block;
    if (operation === CHOICE) {
      const c = steps[at + 4] * block;
      for (let i = 0; i < count; i++)
        memory[target + i] = isTrue(memory[a + i]) ? memory[b + i] : memory[c + i];
    } else {
      const kernel = KERNELS[operation - FIRST_FUNCTION];
      for (let i = 0; i < count; i++) memory[target + i] = kernel(memory[a + i], memory[b + i]);
    }
  }
}

function shared<T extends Float64Array | Int32Array>(
  type: { new (buffer: SharedArrayBuffer): T; readonly BYTES_PER_ELEMENT: number },
  values: readonly number[],
): T {
  const array = new type(new SharedArrayBuffer(values.length * type.BYTES_PER_ELEMENT));
  array.set(values);
  return array;
}
