import { PickleError } from '../pickle-error.js';
import { COST, type MemoryBudget } from '../pickle-limits.js';
import type { PickleMachine } from '../pickle-machine.js';
import {
  describe,
  PickleDict,
  PickledObject,
  PickleSet,
  PickleTuple,
  type PickleValue,
} from '../pickle-values.js';
import { opcode } from './opcode.js';

/** Lists, tuples, dicts and sets. */
export const CONTAINER_OPCODES = [
  opcode('EMPTY_LIST', ']', (machine) => pushContainer(machine, [])),
  opcode('EMPTY_TUPLE', ')', (machine) => pushTuple(machine, [])),
  opcode('EMPTY_DICT', '}', (machine) => pushContainer(machine, new PickleDict())),
  opcode('EMPTY_SET', '\x8f', (machine) => pushContainer(machine, new PickleSet())),
  opcode('LIST', 'l', (machine) => pushContainer(machine, machine.popToMark())),
  opcode('TUPLE', 't', (machine) => pushTuple(machine, machine.popToMark())),
  opcode('TUPLE1', '\x85', (machine) => pushTuple(machine, machine.popMany(1))),
  opcode('TUPLE2', '\x86', (machine) => pushTuple(machine, machine.popMany(2))),
  opcode('TUPLE3', '\x87', (machine) => pushTuple(machine, machine.popMany(3))),
  opcode('DICT', 'd', (machine) => {
    const entries = machine.popToMark();
    const dict = new PickleDict();
    pushContainer(machine, dict);
    setEntries(dict, entries, machine.budget);
  }),
  opcode('FROZENSET', '\x91', (machine) => {
    const elements = machine.popToMark();
    const set = new PickleSet();
    pushContainer(machine, set);
    addElements(set, elements, machine.budget);
  }),
  opcode('APPEND', 'a', (machine) => {
    const [item] = machine.popMany(1);
    appendAll(machine, [item!]);
  }),
  opcode('APPENDS', 'e', (machine) => appendAll(machine, machine.popToMark())),
  opcode('SETITEM', 's', (machine) => {
    const entry = machine.popMany(2);
    setEntries(dictOnTop(machine), entry, machine.budget);
  }),
  opcode('SETITEMS', 'u', (machine) => {
    const entries = machine.popToMark();
    setEntries(dictOnTop(machine), entries, machine.budget);
  }),
  opcode('ADDITEMS', '\x90', (machine) => {
    const elements = machine.popToMark();
    const set = machine.top();
    if (!(set instanceof PickleSet)) throw new PickleError('bad-stack', `elements added to ${describe(set)}`);
    addElements(set, elements, machine.budget);
  }),
];

function pushContainer(machine: PickleMachine, container: PickleValue): void {
  machine.budget.spend(COST.container);
  machine.push(container);
}

function pushTuple(machine: PickleMachine, items: PickleValue[]): void {
  machine.budget.spend(96 + 8 * items.length);
  machine.push(new PickleTuple(items));
}

function appendAll(machine: PickleMachine, items: readonly PickleValue[]): void {
  const target = machine.top();
  const list = target instanceof PickledObject ? target.items : target;
  if (!Array.isArray(list)) throw new PickleError('bad-stack', `items appended to ${describe(target)}`);
  machine.budget.spend(16 * items.length);
  for (const item of items) list.push(item);
}

function dictOnTop(machine: PickleMachine): PickleDict {
  const target = machine.top();
  if (target instanceof PickleDict) return target;
  if (target instanceof PickledObject) return target.entries;
  throw new PickleError('bad-stack', `entries set in ${describe(target)}`);
}

/** @param entries key, value, key, value ... */
function setEntries(dict: PickleDict, entries: readonly PickleValue[], budget: MemoryBudget): void {
  if (entries.length % 2 !== 0) throw new PickleError('bad-stack', 'a key without a value');
  budget.spend((COST.entry / 2) * entries.length);
  for (let index = 0; index < entries.length; index += 2) dict.set(entries[index], entries[index + 1]);
}

function addElements(set: PickleSet, elements: readonly PickleValue[], budget: MemoryBudget): void {
  budget.spend(COST.entry * elements.length);
  for (const element of elements) set.add(element);
}
