import { KernelSpecError } from '../errors.js';
import type { PanelMath } from '../linalg/panel-math.js';
import type { KernelParameter } from './kernel-parameter.js';
import type { KernelSpec } from './kernel-spec.js';

/**
 * A leaf of a kernel specification while it is being read: each parameter is checked as it is asked for, and `done`
 * refuses what nobody asked for. Throws KernelSpecError that names the leaf, the parameter, what came and what was
 * expected.
 */
export class LeafSpec {
  /** Input columns the leaf sees, in its own order. */
  readonly dims: Int32Array;
  readonly #read = new Set<string>();

  constructor(
    readonly spec: KernelSpec,
    readonly inputDim: number,
    /** Where the leaf stands in the tree, for messages: `kernel.parts[1]`. */
    readonly path: string,
    /** What the kernel computes its panels with. */
    readonly math: PanelMath,
  ) {
    this.dims = this.#readDims();
  }

  /** A number above zero: a lengthscale, a period, a power. */
  positive(name: string): number {
    return this.#number(name, this.#value(name), true);
  }

  /** A number of at least zero: a variance. */
  nonNegative(name: string): number {
    return this.#number(name, this.#value(name), false);
  }

  /** Any finite number. */
  finite(name: string): number {
    const value = this.#value(name);
    if (typeof value !== 'number' || !Number.isFinite(value))
      this.fail(`parameter "${name}" must be a finite number, got ${describe(value)}`);
    return value;
  }

  /** One positive number for all active dimensions, or one for each (ARD): always returns one for each. */
  positivePerDim(name: string): Float64Array {
    return this.#perDim(name, true);
  }

  /** As `positivePerDim`, zero allowed. */
  nonNegativePerDim(name: string): Float64Array {
    return this.#perDim(name, false);
  }

  /** A list of numbers of at least zero; one number is a list of one. */
  nonNegativeList(name: string): Float64Array {
    const value = this.#value(name);
    const list: readonly unknown[] = Array.isArray(value) ? value : [value];
    if (list.length === 0) this.fail(`parameter "${name}" is empty, expected at least one number`);
    return Float64Array.from(list, (item) => this.#number(name, item, false));
  }

  /** `rows` rows of equal, non-zero length; finite numbers of any sign. A plain list is a single column. */
  rows(name: string, rows: number): number[][] {
    const value = this.#value(name);
    if (!Array.isArray(value) || value.length !== rows) {
      this.fail(`parameter "${name}" must be a list of ${rows} rows, got ${describe(value)}`);
    }
    const table = value.map((row: unknown) => (Array.isArray(row) ? (row as unknown[]) : [row]));
    const width = table[0].length;
    if (width === 0) this.fail(`parameter "${name}" has empty rows, expected at least one number a row`);
    return table.map((row, i) => {
      if (row.length !== width) {
        this.fail(`row ${i} of parameter "${name}" has ${row.length} numbers, expected ${width}`);
      }
      return row.map((item) => {
        if (typeof item !== 'number' || !Number.isFinite(item)) {
          this.fail(`parameter "${name}" must hold finite numbers, got ${describe(item)}`);
        }
        return item;
      });
    });
  }

  /** The leaf works on one column only: returns it. */
  singleDim(): number {
    if (this.dims.length !== 1)
      this.fail(`works on one input column, got ${this.dims.length} of them in "dims"`);
    return this.dims[0];
  }

  /** The numbers of the named parameters, in that order, as what training may change. */
  trained(...names: readonly string[]): KernelParameter[] {
    return names.flatMap((name) => {
      const value: unknown = this.spec.params?.[name];
      const all = { parts: [], name, dims: [...this.dims] };
      if (!Array.isArray(value)) return [{ ...all, value: value as number }];
      const perDim = value.length === this.dims.length;
      return value.map((item: number, k) => ({
        ...all,
        index: [k],
        value: item,
        ...(perDim && { dims: [this.dims[k]] }),
      }));
    });
  }

  /** To be called once every parameter was asked for: refuses the rest. */
  done(): void {
    const extra = Object.keys(this.spec.params ?? {}).filter((name) => !this.#read.has(name));
    if (extra.length === 0) return;
    const known = [...this.#read].map((name) => `"${name}"`).join(', ');
    this.fail(`unknown parameter "${shorten(extra[0])}", expected only ${known}`);
  }

  fail(problem: string): never {
    throw new KernelSpecError(`${this.path} (${this.spec.type}): ${problem}.`);
  }

  #value(name: string): unknown {
    this.#read.add(name);
    const params: unknown = this.spec.params;
    if (typeof params !== 'object' || params === null || !Object.hasOwn(params, name)) {
      this.fail(`parameter "${name}" is missing`);
    }
    return (params as Record<string, unknown>)[name];
  }

  #number(name: string, value: unknown, positive: boolean): number {
    const ok = typeof value === 'number' && Number.isFinite(value) && (positive ? value > 0 : value >= 0);
    if (!ok) {
      this.fail(
        `parameter "${name}" must be a finite number ${positive ? 'above' : 'of at least'} 0, got ${describe(value)}`,
      );
    }
    return value;
  }

  #perDim(name: string, positive: boolean): Float64Array {
    const value = this.#value(name);
    const size = this.dims.length;
    if (!Array.isArray(value)) return new Float64Array(size).fill(this.#number(name, value, positive));
    if (value.length !== size && value.length !== 1) {
      this.fail(
        `parameter "${name}" has ${value.length} numbers, expected 1 or one for each of ${size} dimensions`,
      );
    }
    const numbers = value.map((item: unknown) => this.#number(name, item, positive));
    return numbers.length === size ? Float64Array.from(numbers) : new Float64Array(size).fill(numbers[0]);
  }

  #readDims(): Int32Array {
    const { spec, inputDim } = this;
    if (spec.dims === undefined) return Int32Array.from({ length: inputDim }, (_, i) => i);
    const dims: unknown = spec.dims;
    if (!Array.isArray(dims) || dims.length === 0 || dims.length > inputDim) {
      this.fail(`"dims" must list 1 to ${inputDim} input columns, got ${describe(dims)}`);
    }
    dims.forEach((dim: unknown, i) => {
      if (!Number.isInteger(dim) || (dim as number) < 0 || (dim as number) >= inputDim) {
        this.fail(`"dims" must hold input columns from 0 to ${inputDim - 1}, got ${describe(dim)}`);
      }
      if (dims.indexOf(dim) !== i)
        this.fail(`"dims" names column ${String(dim)} twice, expected each column once`);
    });
    return Int32Array.from(dims as number[]);
  }
}

/** A value as a short, safe piece of a message. */
export function describe(value: unknown): string {
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === 'string') return `"${shorten(value)}"`;
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}

function shorten(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}...` : text;
}
