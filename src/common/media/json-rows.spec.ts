import { describe, expect, it } from 'vitest';
import { InvalidInputError, MalformedBodyError } from './issue.js';
import { readJsonRows } from './json-rows.js';

const INPUTS = ['x1', 'x2'];

function read(body: unknown, inputs = INPUTS): number[][] {
  const { X } = readJsonRows(Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)), inputs);
  return Array.from({ length: X.rows }, (_, i) => Array.from(X.row(i)));
}

/** What was wrong, as `path: received`. */
function wrong(body: unknown, inputs = INPUTS): string[] {
  return invalid(body, inputs).issues.map((issue) => `${issue.path}: ${issue.received}`);
}

function invalid(body: unknown, inputs = INPUTS): InvalidInputError {
  try {
    read(body, inputs);
  } catch (error) {
    if (error instanceof InvalidInputError) return error;
    throw error;
  }
  throw new Error('The body was accepted.');
}

describe('readJsonRows accepts', () => {
  it.each([
    ['one object', { x1: 1, x2: 2 }, [[1, 2]]],
    ['names in any order', { x2: 2, x1: 1 }, [[1, 2]]],
    ['an array of objects', [{ x1: 1, x2: 2 }, { x2: 4, x1: 3 }], [[1, 2], [3, 4]]], // prettier-ignore
    ['an array of arrays', [[1, 2], [3, 4]], [[1, 2], [3, 4]]], // prettier-ignore
    ['inputs as arrays', { inputs: [[1, 2]] }, [[1, 2]]],
    ['inputs as objects', { inputs: [{ x1: 1, x2: 2 }] }, [[1, 2]]],
    ['rows of both kinds', [[1, 2], { x1: 3, x2: 4 }], [[1, 2], [3, 4]]], // prettier-ignore
  ])('%s', (_, body, rows) => {
    expect(read(body)).toEqual(rows);
  });

  it('options beside one row and beside inputs', () => {
    const options = { variance: 'latent', at: '12:30', deep: { a: { b: 1 } } };
    const asRow = readJsonRows(Buffer.from(JSON.stringify({ x1: 1, options, x2: 2 })), INPUTS);
    const asBatch = readJsonRows(Buffer.from(JSON.stringify({ options, inputs: [[1, 2]] })), INPUTS);
    expect(asRow).toEqual(asBatch);
    expect(asRow.options).toEqual(options);
    expect(Array.from(asRow.X.data)).toEqual([1, 2]);
    expect(readJsonRows(Buffer.from('[[1,2]]'), INPUTS)).not.toHaveProperty('options');
  });

  it('inputs that are called options, inputs, or what every object has', () => {
    expect(read({ options: 1, x: 2 }, ['options', 'x'])).toEqual([[1, 2]]);
    expect(read({ inputs: 1, x: 2 }, ['inputs', 'x'])).toEqual([[1, 2]]);
    expect(read({ inputs: [[1, 2]] }, ['inputs', 'x'])).toEqual([[1, 2]]);
    expect(read({ inputs: [{ inputs: 1, x: 2 }] }, ['inputs', 'x'])).toEqual([[1, 2]]);
    const names = ['__proto__', 'constructor', 'toString'];
    expect(read('[{"toString": 3, "__proto__": 1, "constructor": 2}]', names)).toEqual([[1, 2, 3]]);
  });

  it('names with colons, quotes and escapes', () => {
    expect(read({ 'a:b': 1, 'c"': 2 }, ['a:b', 'c"'])).toEqual([[1, 2]]);
    expect(read('{"\\u0078": 1}', ['x'])).toEqual([[1]]);
  });

  it('every spelling of a double, to the last bit', () => {
    expect(read('[[0.1, -0.30000000000000004], [5e-324, 1.7976931348623157e308], [1E2, -0]]')).toEqual([
      [0.1, -0.30000000000000004],
      [5e-324, 1.7976931348623157e308],
      [100, -0],
    ]);
  });

  it('a byte order mark', () => {
    expect(read('\ufeff[[1, 2]]')).toEqual([[1, 2]]);
  });
});

describe('readJsonRows names each wrong field:', () => {
  it.each([
    ['missing', { x1: 1 }, ['x2: nothing']],
    ['a string', { x1: '0.5', x2: 'abc' }, ['x1: the string "0.5"', 'x2: the string "abc"']],
    ['null and booleans', [{ x1: null, x2: true }], ['[0].x1: null', '[0].x2: true']],
    ['arrays and objects', [[[1], {}]], ['[0][0]: an array of 1', '[0][1]: an empty object']],
    ['NaN and infinities', '{"inputs": [[NaN, 1], [-Infinity, Infinity]]}', ['inputs[0][0]: NaN', 'inputs[1][0]: -Infinity', 'inputs[1][1]: Infinity']], // prettier-ignore
    ['too large', '[{"x1": 1e400, "x2": -1e999}]', ['[0].x1: 1e400 (too large for a double)', '[0].x2: -1e999 (too large for a double)']], // prettier-ignore
    ['too large a row', '1e400', ['(body): 1e400 (too large for a double)']],
    ['a wrong width', [[1, 2], [1], [1, 2, 3]], ['[1]: an array of 1', '[2]: an array of 3']], // prettier-ignore
    ['a flat array', [1, 2], ['(body): a flat array of 2 numbers']],
    ['a flat array of inputs', { inputs: [1, 2] }, ['inputs: a flat array of 2 numbers']],
    ['rows that are none', [[1, 2], 3, 'a', null], ['[1]: 3', '[2]: the string "a"', '[3]: null']],
    ['no rows', [], ['(body): an empty array']],
    ['no rows in inputs', { inputs: [] }, ['inputs: an empty array']],
    ['inputs that are no array', { inputs: { x1: 1 } }, ['inputs: an object']],
    ['an empty object', {}, ['(body): an empty object']],
    ['no object', '"x1"', ['(body): the string "x1"']],
    ['null', 'null', ['(body): null']],
    ['a stranger beside inputs', { inputs: [[1, 2]], variance: 'latent' }, ['variance: the string "latent"']],
    ['options that are none', { x1: 1, x2: 2, options: 3 }, ['options: 3']],
    ['options in a row of many', [{ x1: 1, x2: 2, options: {} }], ['[0].options: an empty object']],
    ['what objects inherit', [{ x1: 1, x2: 2, constructor: 3 }], ['[0].constructor: 3']],
    ['__proto__', '[{"x1": 1, "x2": 2, "__proto__": 3}]', ['[0].__proto__: 3']],
  ])('%s', (_, body, issues) => {
    expect(wrong(body)).toEqual(issues);
  });

  it('an inherited member is not a given input', () => {
    expect(wrong({ x: 1 }, ['x', 'toString'])).toEqual(['toString: nothing']);
    expect(wrong({ x: 1 }, ['x', '__proto__'])).toEqual(['__proto__: nothing']);
  });

  it('with what to do about it', () => {
    const message = (body: unknown): string =>
      invalid(body)
        .issues.map((issue) => issue.message)
        .join('\n');
    expect(message({ x1: '0.5', x2: 1 })).toBe(
      'x1 must be a finite number, got the string "0.5": write the number without quotes.',
    );
    expect(message({ x1: 1, x2: 2, X3: 3 })).toBe(
      'X3 is not an input of this model, which takes x1, x2: did you mean "x1"?',
    );
    expect(message({ x1: 1, x2: 2, pressure: 3 })).toBe(
      'pressure is not an input of this model, which takes x1, x2: leave it out.',
    );
    expect(message({ x1: true, x2: null })).toContain('write 1 or 0');
    expect(message([1, 2])).toContain('each row is an array of its own, even a single one: [[0.5, 0.5]]');
  });

  it('twenty of them, and counts the rest', () => {
    const error = invalid(Array.from({ length: 1000 }, () => ['a', 'b']));
    expect(error.total).toBe(2000);
    expect(error.issues).toHaveLength(20);
  });
});

describe('readJsonRows refuses', () => {
  it('an empty body, with an example', () => {
    expect(() => read('')).toThrow('the body is empty: send the inputs, such as {"x1": 0.5, "x2": 0.5}.');
    expect(() => read(' \n')).toThrow(MalformedBodyError);
  });

  it('broken JSON, with the place', () => {
    expect(() => read('{"x1": 1,\n "x2": }')).toThrow(
      'Malformed JSON at line 2, column 8: expected a value, found "}".',
    );
  });

  it('a repeated key, which JSON.parse would hide', () => {
    expect(() => read('{"x1": 1, "x2": 2, "x1": 3}')).toThrow('"x1" appears twice in one object');
    expect(() => read('[{"x1": 1, "x2": 2}, {"x1": 1, "x2": 2, "\\u00781": 3}]')).toThrow('appears twice');
    expect(() => read('{"x1": 1, "x2": 2, "options": {"a": 1}, "x2": 3}')).toThrow('"x2" appears twice');
    expect(() => read('{"inputs": [[1, 2]], "options": {"a": 1, "a": 2}}')).toThrow('"a" appears twice');
    expect(() => read('{"inputs": [[1, 2]], "inputs": [[3, 4]]}')).toThrow('"inputs" appears twice');
  });

  it('what is not UTF-8, with the byte', () => {
    const body = Buffer.concat([Buffer.from('{"\ufffdé": 1, "'), Buffer.from([0xff]), Buffer.from('": 1}')]);
    expect(() => readJsonRows(body, INPUTS)).toThrow('Malformed JSON at byte 14: a byte that is not UTF-8.');
    expect(() => readJsonRows(Buffer.from('\ufeff[[1,2]]', 'utf16le'), INPUTS)).toThrow('the text is UTF-16');
  });

  it('a million levels of depth, without a crash', () => {
    const depth = 1_000_000;
    const deep = '['.repeat(depth) + ']'.repeat(depth);
    expect(wrong(deep)).toEqual(['[0]: an array of 1']);
    expect(wrong(`{"x1": ${deep}, "x2": NaN}`)).toEqual(['x1: an array of 1', 'x2: NaN']);
    expect(() => read('{"x1":'.repeat(depth))).toThrow(MalformedBodyError);
  });
});
