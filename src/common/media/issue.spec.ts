import { describe, expect, it } from 'vitest';
import { closestName } from './closest-name.js';
import { describe as say, listNames, memberPath, OverflowingNumber, quote } from './describe.js';
import { InputIssues, InvalidInputError, MalformedBodyError } from './issue.js';

describe('InputIssues', () => {
  it('lists twenty issues, counts the rest, and never builds what it does not list', () => {
    const issues = new InputIssues();
    let built = 0;
    for (let i = 0; i < 1000; i++) {
      issues.add(() => ({ path: `x${i}`, received: 'null', expected: 'a number', message: `m${++built}` }));
    }
    expect(issues.total).toBe(1000);
    expect(issues.listed).toHaveLength(20);
    expect(built).toBe(20);
    expect(() => issues.throwIfAny()).toThrow('1000 problems with the inputs. The first: m1');
  });

  it('does not throw when there are none', () => {
    expect(() => new InputIssues().throwIfAny()).not.toThrow();
  });

  it('makes errors with stable codes', () => {
    expect(new InvalidInputError([]).code).toBe('INVALID_INPUT');
    const malformed = new MalformedBodyError('JSON', 'a comma.', { line: 2, column: 3 });
    expect(malformed.code).toBe('MALFORMED_BODY');
    expect(malformed.message).toBe('Malformed JSON at line 2, column 3: a comma.');
  });
});

describe('what came, in words', () => {
  it.each([
    ['abc', 'the string "abc"'],
    ['', 'an empty string'],
    [null, 'null'],
    [undefined, 'nothing'],
    [true, 'true'],
    [NaN, 'NaN'],
    [-Infinity, '-Infinity'],
    [[1, 2, 3], 'an array of 3'],
    [[], 'an empty array'],
    [{ a: 1 }, 'an object'],
    [{}, 'an empty object'],
    [new OverflowingNumber('1e400'), '1e400 (too large for a double)'],
  ])('%j is %s', (value, text) => {
    expect(say(value)).toBe(text);
  });

  it.each([
    ['long', 'a'.repeat(1e6)],
    ['of control characters', '\u0000'.repeat(100)],
    ['of emoji', '😀'.repeat(100)],
    ['of lone surrogates', '\ud83d'.repeat(100)],
    ['of quotes', '"'.repeat(100)],
  ])('stays within 60 characters for a string %s', (_, text) => {
    expect(say(text).length).toBeLessThanOrEqual(60);
    expect(say(text)).toMatch(/^the string ".+…"$/);
  });

  it('stays within 60 characters for a long number', () => {
    expect(say(new OverflowingNumber('9'.repeat(1000))).length).toBeLessThanOrEqual(60);
  });

  it('quotes what is short enough in full', () => {
    expect(quote('a"b\n')).toBe('"a\\"b\\n"');
  });
});

describe('names', () => {
  it('quotes members that are no identifiers', () => {
    expect(memberPath('', 'x1')).toBe('x1');
    expect(memberPath('[3]', 'x1')).toBe('[3].x1');
    expect(memberPath('[3]', 'E [GPa]')).toBe('[3]["E [GPa]"]');
    expect(memberPath('', 'Größe')).toBe('Größe');
    expect(memberPath('', 'x'.repeat(1000)).length).toBeLessThan(60);
  });

  it('lists a few of many', () => {
    expect(listNames(['a', 'b'])).toBe('a, b');
    expect(listNames(Array.from({ length: 60 }, (_, i) => `x${i}`))).toBe(
      'x0, x1, x2, x3, x4, x5, x6, x7, ... (60 in all)',
    );
  });

  it.each([
    ['X1', ['x1', 'x2'], 'x1'],
    ['temprature', ['pressure', 'temperature'], 'temperature'],
    ['x 1', ['x1', 'y1'], 'x1'],
    ['y', ['x'], undefined],
    ['X', ['x'], 'x'],
    ['banana', ['x1', 'x2'], undefined],
    ['a'.repeat(1e6), ['a'], undefined],
    ['', ['a'], undefined],
  ])('%.20s among %j is near %s', (wrong, names, near) => {
    expect(closestName(wrong, names)).toBe(near);
  });
});
