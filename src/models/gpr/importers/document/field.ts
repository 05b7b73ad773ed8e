import { closestName } from '../../../../common/media/closest-name.js';
import { describe, listNames, memberPath } from '../../../../common/media/describe.js';
import { issue } from '../../../../common/media/value-issue.js';
import { Matrix } from '../../../../numeric/linalg/matrix.js';
import { ModelFileError } from '../../../model-errors.js';

type Json = Readonly<Record<string, unknown>>;

const MAX_TEXT = 1000;

/** A value of a parsed JSON document and where it stands. Everything asked of it is checked, and named when wrong. */
export class Field {
  constructor(
    readonly path: string,
    readonly value: unknown,
  ) {}

  /** Throws ModelFileError that says where, what came, what was expected, and what to do. */
  refuse(expected: string, advice?: string): never {
    throw new ModelFileError(issue(this.path, describe(this.value), expected, advice).message);
  }

  get isObject(): boolean {
    return typeof this.value === 'object' && this.value !== null && !Array.isArray(this.value);
  }

  get isList(): boolean {
    return Array.isArray(this.value);
  }

  /** The members of an object that has no other ones than `known`. */
  members<Name extends string>(known: readonly Name[]): FieldMembers<Name> {
    if (!this.isObject) this.refuse(`an object of ${listNames(known)}`);
    const object = this.value as Json;
    for (const name of Object.keys(object)) {
      if ((known as readonly string[]).includes(name)) continue;
      const near = closestName(name, known);
      const advice = near === undefined ? '' : `: did you mean ${near}?`;
      const at = memberPath(this.path === ROOT ? '' : this.path, name);
      throw new ModelFileError(
        `${at} is not a field of ${this.path}, which has ${listNames(known)}${advice}${near === undefined ? '.' : ''}`,
      );
    }
    return {
      optional: (name) => {
        // A null stands for nothing, as the JSON of other languages writes it.
        const value = Object.hasOwn(object, name) ? object[name] : undefined;
        return value === undefined || value === null ? undefined : this.#member(name, value);
      },
      required: (name, expected) => {
        if (!Object.hasOwn(object, name)) {
          throw new ModelFileError(
            `${memberPath(this.path === ROOT ? '' : this.path, name)} is missing: expected ${expected}.`,
          );
        }
        return this.#member(name, object[name]);
      },
    };
  }

  /** Every member of an object whose names are free. */
  entries(): [string, Field][] {
    if (!this.isObject) this.refuse('an object');
    return Object.entries(this.value as Json).map(([name, value]) => [name, this.#member(name, value)]);
  }

  list(expected = 'a list'): Field[] {
    if (!Array.isArray(this.value)) this.refuse(expected);
    return this.value.map((item, i) => new Field(`${this.path}[${i}]`, item));
  }

  text(expected = 'a text'): string {
    if (typeof this.value !== 'string' || this.value === '' || this.value.length > MAX_TEXT) {
      this.refuse(`${expected} of at most ${MAX_TEXT} characters`);
    }
    return this.value;
  }

  /** A finite number, of at least `least` where that is given. */
  number(least = -Infinity): number {
    const { value } = this;
    if (typeof value !== 'number' || !Number.isFinite(value) || value < least) {
      this.refuse(least === -Infinity ? 'a finite number' : `a finite number of at least ${least}`);
    }
    return value;
  }

  wholeNumber(least: number): number {
    const { value } = this;
    if (!Number.isSafeInteger(value) || (value as number) < least)
      this.refuse(`a whole number from ${least}`);
    return value as number;
  }

  /** A list of finite numbers, or one number for a list of one; `count` of them where that is given. */
  numbers(count?: number, least?: number): number[] {
    if (typeof this.value === 'number' && (count === undefined || count === 1)) return [this.number(least)];
    const expected = count === undefined ? 'a list of numbers' : `a list of ${count} numbers`;
    const items = this.list(expected);
    if (count !== undefined && items.length !== count) this.refuse(expected);
    return items.map((item) => item.number(least));
  }

  /** Rows of equal length; a list of numbers is one column. */
  matrix(what: string): Matrix {
    if (!Array.isArray(this.value) || this.value.length === 0) this.refuse(`a list of rows, ${what}`);
    const rows = this.value as readonly unknown[];
    const first = rows[0];
    const cols = Array.isArray(first) ? first.length : 1;
    if (cols === 0) new Field(`${this.path}[0]`, first).refuse('a row of at least one number');
    const data = new Float64Array(rows.length * cols);
    rows.forEach((row, i) => {
      const cells: readonly unknown[] = Array.isArray(row) && Array.isArray(first) ? row : [row];
      if (cells.length !== cols) new Field(`${this.path}[${i}]`, row).refuse(`a row of ${cols} numbers`);
      cells.forEach((cell, j) => {
        if (typeof cell !== 'number' || !Number.isFinite(cell)) {
          new Field(Array.isArray(first) ? `${this.path}[${i}][${j}]` : `${this.path}[${i}]`, cell).number();
        }
        data[i * cols + j] = cell as number;
      });
    });
    return new Matrix(rows.length, cols, data);
  }

  #member(name: string, value: unknown): Field {
    return new Field(memberPath(this.path === ROOT ? '' : this.path, name), value);
  }
}

export interface FieldMembers<Name extends string> {
  /** Undefined where it is absent or null. */
  optional(name: Name): Field | undefined;
  required(name: Name, expected: string): Field;
}

/** The path of a whole document. */
export const ROOT = 'the document';
