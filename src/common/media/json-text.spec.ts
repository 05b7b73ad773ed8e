import { describe, expect, it } from 'vitest';
import { MalformedBodyError } from './issue.js';
import { parseJsonText, parseJsonWithNonFinite } from './json-text.js';

function malformed(text: string): MalformedBodyError {
  try {
    parseJsonText(text);
  } catch (error) {
    if (error instanceof MalformedBodyError) return error;
    throw error;
  }
  throw new Error(`Parsed: ${text}`);
}

describe('parseJsonWithNonFinite', () => {
  it('takes the tokens that Python writes', () => {
    expect(parseJsonWithNonFinite('{"a": [NaN, Infinity, -Infinity, -1], "b": "NaN"}')).toEqual({
      a: [NaN, Infinity, -Infinity, -1],
      b: 'NaN',
    });
  });

  it('throws for what is no JSON even then', () => {
    expect(() => parseJsonWithNonFinite('[nan]')).toThrow(MalformedBodyError);
  });
});

describe('parseJsonText', () => {
  it.each([
    'null',
    ' [ ] ',
    '{ }',
    '[[], {}, [{}], {"a": {}}]',
    '{"a": {"b": [1, -2.5e-3, 0, -0, 1E5, true, false, null]}, "": ""}',
    '"\\u00e9\\n\\"\\\\ \\/ \u2028"',
    '{"__proto__": 1, "constructor": 2, "toString": {"__proto__": null}}',
    '{"a": 1, "a": 2}',
    '[1e400, 123456789012345678901234567890]',
    '\t\r\n[1]\n',
  ])('reads %s as JSON.parse does', (text) => {
    const value = parseJsonText(text);
    expect(value).toEqual(JSON.parse(text));
    expect(JSON.stringify(value)).toBe(JSON.stringify(JSON.parse(text)));
  });

  it('leaves the prototype alone', () => {
    const value = parseJsonText('{"__proto__": {"polluted": true}}') as object;
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect('polluted' in value).toBe(false);
  });

  it('hands over numbers that are too large as they were written', () => {
    expect(parseJsonText('[1e400, -1E+999, 1]', { overflowing: (source) => source })).toEqual([
      '1e400',
      '-1E+999',
      1,
    ]);
  });

  it('refuses a repeated key when asked to, and says where', () => {
    expect(() => parseJsonText('{"a": 1,\n "a": 2}', { uniqueKeys: true })).toThrow(
      'Malformed JSON at line 2, column 2: "a" appears twice in one object: keep one.',
    );
    expect(parseJsonText('[{"a": 1}, {"a": 2}]', { uniqueKeys: true })).toEqual([{ a: 1 }, { a: 2 }]);
  });

  it.each([
    ['', 1, 1, 'expected a value, found the end of the text.'],
    ['[1, 2', 1, 6, 'expected "," or "]", found the end of the text.'],
    ['{"a": 1\n"b": 2}', 2, 1, 'expected "," or "}", found "\\"".'],
    ['[1,\n 2,\n]', 3, 1, 'a comma before "]": remove it.'],
    ['{"a": 1,}', 1, 9, 'a comma before "}": remove it.'],
    ["{'a': 1}", 1, 2, 'expected a name in double quotes, found "\'".'],
    ["['a']", 1, 2, 'expected a value, found "\'": strings take double quotes.'],
    ['{"a" 1}', 1, 6, 'expected ":" after "a", found "1".'],
    ['[True]', 1, 2, 'expected a value, found "True": JSON writes true.'],
    ['[None]', 1, 2, 'expected a value, found "None": JSON writes null.'],
    ['[toString]', 1, 2, 'expected a value, found "toString".'],
    ['[01]', 1, 3, 'expected "," or "]", found "1".'],
    ['[1.]', 1, 4, 'expected a digit, found "]".'],
    ['[.5]', 1, 2, 'expected a value, found ".".'],
    ['[1e]', 1, 4, 'expected a digit, found "]".'],
    ['[-]', 1, 3, 'expected a digit, found "]".'],
    ['[+1]', 1, 2, 'expected a value, found "+".'],
    ['[1] [2]', 1, 5, 'the text goes on after the value, with "[".'],
    ['["abc', 1, 2, 'a string without its closing quote.'],
    ['["abc\\', 1, 2, 'a string without its closing quote.'],
    ['["a\nb"]', 1, 4, 'the control character 10 inside a string: write it as an escape.'],
    ['["\\x"]', 1, 2, 'a string with an unknown escape after "\\".'],
    ['[\u0000]', 1, 2, 'expected a value, found the control character 0.'],
    ['{"a":}', 1, 6, 'expected a value, found "}".'],
  ])('says where and why %j is broken', (text, line, column, problem) => {
    expect(() => JSON.parse(text)).toThrow(SyntaxError);
    const error = malformed(text);
    expect(error.problem).toBe(problem);
    expect(error.place).toEqual({ line, column });
  });

  it('never quotes much of the body', () => {
    for (const text of [
      `[${'secret'.repeat(1000)}]`,
      `{"${'secret'.repeat(1000)}" 1}`,
      `[1 ${'x'.repeat(1e5)}]`,
    ]) {
      expect(malformed(text).message.length).toBeLessThan(160);
    }
  });

  it('is not overthrown by depth', () => {
    const depth = 1_000_000;
    expect(malformed('['.repeat(depth)).place).toEqual({ line: 1, column: depth + 1 });
    expect(malformed('{"a":'.repeat(depth)).problem).toContain('the end of the text');
    let value = parseJsonText('['.repeat(depth) + ']'.repeat(depth));
    let levels = 0;
    for (; Array.isArray(value); value = value[0]) levels++;
    expect(levels).toBe(depth);
  });
});
