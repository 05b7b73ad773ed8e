import type { ByteCursor } from './byte-cursor.js';
import type { ByteSource } from './byte-source.js';
import type { GlobalTable, PickleStream } from './global-table.js';
import { resolveGlobal } from './global-table.js';
import { PickleError } from './pickle-error.js';
import { COST, MemoryBudget, type PickleLimits } from './pickle-limits.js';
import { GlobalRef, type PickleValue } from './pickle-values.js';

/** The state that opcodes work on: stack, marks and memo. It holds data and does nothing by itself. */
export class PickleMachine implements PickleStream {
  /** Set by STOP. */
  result: PickleValue | undefined;
  private readonly stack: PickleValue[] = [];
  /** Heights of the stack at which MARKs lie; nothing may be popped from below the last one. */
  private readonly marks: number[] = [];
  private readonly memo = new Map<number, PickleValue>();
  private readonly globals = new Map<string, GlobalRef>();

  /**
   * @param input where opcodes and short arguments are read from
   * @param payloads the same file, for what is read later
   * @param run reads opcodes until the machine has a result
   */
  constructor(
    readonly input: ByteCursor,
    readonly payloads: ByteSource,
    readonly table: GlobalTable,
    readonly limits: PickleLimits,
    private readonly run: (machine: PickleMachine) => PickleValue,
    readonly budget = new MemoryBudget(limits.memory),
  ) {}

  nested(): PickleValue {
    const { classes, functions, references } = this.table;
    const table = { classes, functions, references };
    return this.run(new PickleMachine(this.input, this.payloads, table, this.limits, this.run, this.budget));
  }

  push(value: PickleValue): void {
    this.stack.push(value);
  }

  pop(): PickleValue {
    this.demand(1);
    return this.stack.pop()!;
  }

  /** The topmost value, which stays. */
  top(): PickleValue {
    this.demand(1);
    return this.stack[this.stack.length - 1]!;
  }

  /** The topmost values in the order in which they were pushed. */
  popMany(count: number): PickleValue[] {
    this.demand(count);
    return this.stack.splice(this.stack.length - count);
  }

  mark(): void {
    this.marks.push(this.stack.length);
  }

  /** Everything above the last MARK, and the MARK with it. */
  popToMark(): PickleValue[] {
    const height = this.marks.pop();
    if (height === undefined) throw new PickleError('bad-stack', 'no MARK for an opcode that needs one');
    return this.stack.splice(height);
  }

  /** POP removes a MARK when that is what lies on top. */
  popValueOrMark(): void {
    if (this.marks.length > 0 && this.marks[this.marks.length - 1] === this.stack.length) this.marks.pop();
    else this.pop();
  }

  /** @throws PickleError `bad-stack` unless the stack holds one value and nothing else. */
  stop(): void {
    const result = this.pop();
    if (this.stack.length > 0 || this.marks.length > 0) {
      throw new PickleError(
        'bad-stack',
        `${this.stack.length} values and ${this.marks.length} MARKs left over at STOP`,
      );
    }
    this.result = result;
  }

  remember(index: number): void {
    this.budget.spend(COST.entry);
    this.memo.set(index, this.top());
  }

  rememberNext(): void {
    this.remember(this.memo.size);
  }

  recall(index: number): void {
    const value = this.memo.get(index);
    if (value === undefined)
      throw new PickleError('bad-stack', `nothing was stored under memo number ${index}`);
    this.push(value);
  }

  /** @throws PickleError `unknown-global` unless the table has it. */
  global(module: string, name: string): GlobalRef {
    this.budget.spend(COST.reference);
    const key = `${module} ${name}`;
    let ref = this.globals.get(key);
    if (!ref) this.globals.set(key, (ref = resolveGlobal(this.table, module, name)));
    return ref;
  }

  private demand(count: number): void {
    const floor = this.marks.length > 0 ? this.marks[this.marks.length - 1] : 0;
    if (this.stack.length - floor < count) {
      throw new PickleError(
        'bad-stack',
        `the stack holds ${this.stack.length - floor} values, ${count} needed`,
      );
    }
  }
}
