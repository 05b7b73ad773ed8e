import { keyOf } from '../global-table.js';
import { PickleError } from '../pickle-error.js';
import { COST } from '../pickle-limits.js';
import type { PickleMachine } from '../pickle-machine.js';
import {
  describe,
  GlobalRef,
  PickledObject,
  PickleInstance,
  PickleTuple,
  type PickleValue,
} from '../pickle-values.js';
import { opcode } from './opcode.js';

const MAX_NAME_CHARACTERS = 512;

/** Names, calls and instances. A "call" looks a pure function up in the caller's table; no code comes from the file. */
export const OBJECT_OPCODES = [
  opcode('GLOBAL', 'c', (machine) => {
    const module = machine.input.line(MAX_NAME_CHARACTERS);
    machine.push(machine.global(module, machine.input.line(MAX_NAME_CHARACTERS)));
  }),
  opcode('STACK_GLOBAL', '\x93', (machine) => {
    const [module, name] = machine.popMany(2);
    if (typeof module !== 'string' || typeof name !== 'string') {
      throw new PickleError('bad-stack', `a name made of ${describe(module)} and ${describe(name)}`);
    }
    machine.push(machine.global(module, name));
  }),
  opcode('REDUCE', 'R', (machine) => {
    const [callee, args] = machine.popMany(2);
    const ref = named(callee);
    const call = machine.table.functions.get(keyOf(ref));
    if (!call) throw new PickleError('bad-call', `${ref.toString()} is called, but it is no known function`);
    machine.budget.spend(COST.reference);
    machine.push(call(argumentsOf(args), { callee: ref, budget: machine.budget, table: machine.table }));
  }),
  opcode('NEWOBJ', '\x81', (machine) => {
    const [class_, args] = machine.popMany(2);
    pushInstance(machine, named(class_), argumentsOf(args));
  }),
  // Python 2's old-style instances, among them the optimisers of GPy 0.8; their arguments are kept, not used.
  opcode('OBJ', 'o', (machine) => {
    const [class_, ...args] = machine.popToMark();
    pushInstance(machine, named(class_), args);
  }),
  opcode('INST', 'i', (machine) => {
    const module = machine.input.line(MAX_NAME_CHARACTERS);
    const class_ = machine.global(module, machine.input.line(MAX_NAME_CHARACTERS));
    pushInstance(machine, class_, machine.popToMark());
  }),
  opcode('BUILD', 'b', (machine) => {
    const state = machine.pop();
    const target = machine.top();
    if (!(target instanceof PickleInstance))
      throw new PickleError('bad-call', `a state for ${describe(target)}`);
    target.build(state);
    const trailing = machine.table.trailing?.get(keyOf(target.class_));
    if (!trailing) return;
    machine.pop();
    machine.push(trailing(target, machine));
  }),
];

function named(value: PickleValue | undefined): GlobalRef {
  if (value instanceof GlobalRef) return value;
  throw new PickleError('bad-call', `${describe(value)} is called or instantiated`);
}

function argumentsOf(value: PickleValue | undefined): readonly PickleValue[] {
  if (value instanceof PickleTuple) return value.items;
  throw new PickleError('bad-call', `arguments must be a tuple, got ${describe(value)}`);
}

function pushInstance(machine: PickleMachine, class_: GlobalRef, args: readonly PickleValue[]): void {
  if (!machine.table.classes.has(keyOf(class_))) {
    throw new PickleError('bad-call', `${class_.toString()} is instantiated, but it is no known class`);
  }
  machine.budget.spend(COST.container);
  machine.push(new PickledObject(class_, args));
}
