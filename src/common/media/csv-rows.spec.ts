import { describe, expect, it } from 'vitest';
import { CsvRowReader, readCsvRows } from './csv-rows.js';
import { InvalidInputError, MalformedBodyError } from './issue.js';

const INPUTS = ['x1', 'x2'];

function read(text: string | Buffer, inputs = INPUTS): number[][] {
  const X = readCsvRows(Buffer.from(text as string), inputs);
  return Array.from({ length: X.rows }, (_, i) => Array.from(X.row(i)));
}

function invalid(text: string, inputs = INPUTS): InvalidInputError {
  try {
    read(text, inputs);
  } catch (error) {
    if (error instanceof InvalidInputError) return error;
    throw error;
  }
  throw new Error('The text was accepted.');
}

/** What was wrong, as `line path: received`. */
function wrong(text: string, inputs = INPUTS): string[] {
  return invalid(text, inputs).issues.map((issue) => `${issue.line} ${issue.path}: ${issue.received}`);
}

describe('readCsvRows accepts', () => {
  it.each([
    ['a header', 'x1,x2\n1,2\n3,4\n'],
    ['no header', '1,2\n3,4\n'],
    ['columns in any order', 'x2,x1\n2,1\n4,3\n'],
    ['no line break at the end', 'x1,x2\n1,2\n3,4'],
    ['CRLF', 'x1,x2\r\n1,2\r\n3,4\r\n'],
    ['CR', 'x1,x2\r1,2\r3,4\r'],
    ['a byte order mark', '\ufeffx1,x2\n1,2\n3,4\n'],
    ['a byte order mark without a header', '\ufeff1,2\n3,4\n'],
    ['blank lines', '\n\nx1,x2\n\n1,2\n  \n\r\n3,4\n\n'],
    ['blanks around cells', ' x1 , x2\n 1 ,2 \n\t3\t,4\n'],
    ['quotes', '"x1","x2"\n"1",2\n 3, "4" \n'],
    ['semicolons', 'x1;x2\n1;2\n3;4\n'],
    ['tabs', 'x1\tx2\n1\t2\n3\t4\n'],
    ['a commented header, as numpy.savetxt writes it', '# x1,x2\n1,2\n3,4\n'],
    ['a commented header in any order', '#x2,x1\n2,1\n4,3\n'],
    ['comments', '# Made by hand, "yesterday\n#\nx1,x2\n1,2\n# more\n3,4\n#'],
  ])('%s', (_, text) => {
    expect(read(text)).toEqual([
      [1, 2],
      [3, 4],
    ]);
  });

  it('numbers as Python writes them', () => {
    const cells = ['1', '-1.5', '.5', '1.', '1e-3', '+2', '1E5', '-.5e+2', '007', '-0'];
    expect(read(`${cells.join('\n')}\n`, ['x']).flat()).toEqual([1, -1.5, 0.5, 1, 1e-3, 2, 1e5, -50, 7, -0]);
  });

  it('header names with delimiters, quotes and line breaks', () => {
    expect(read('"a,b","say ""hi""","c\nd"\n1,2,3\n', ['c\nd', 'a,b', 'say "hi"'])).toEqual([[3, 1, 2]]);
  });

  it('names that are numbers, as pandas gives to columns without names', () => {
    expect(read('1,0\n5,6\n', ['0', '1'])).toEqual([[6, 5]]);
    expect(read('7,8\n5,6\n', ['0', '1'])).toHaveLength(2);
  });

  it('one column, where no line has a delimiter', () => {
    expect(read('x\n1\n2\n', ['x'])).toEqual([[1], [2]]);
  });
});

describe('readCsvRows', () => {
  it('reads doubles to the last bit, also where digits or exponents go past the quick way', () => {
    const texts = [
      '9007199254740993',
      '0.1',
      '123456789.12345678',
      '1.7976931348623157e308',
      '4.9406564584124654e-324',
      '2.2250738585072011e-308',
      '1e22',
      '1e23',
      '1e-22',
      '1e-23',
      '0.000000000000000000000000000001',
      '1e-400',
      '0e99999999999999999999',
      '8.5e15',
      '9007199254740.993e3',
      '179769313486231570000000000000000000000e270',
      `0.${'3'.repeat(1000)}`,
    ];
    for (const text of texts) {
      expect(read(`${text}\n`, ['x'])).toEqual([[Number(text)]]);
      expect(read(`-${text}\n`, ['x'])).toEqual([[-Number(text)]]);
    }
  });
});

describe('readCsvRows names each wrong cell:', () => {
  it.each([
    ['a text', 'x1,x2\n1,abc\n', ['2 x2: "abc"']],
    ['an empty cell', '1,\n,2\n', ['1 x2: nothing', '2 x1: nothing']],
    [
      'nan and inf',
      '1,nan\n-inf,2\nInfinity,NaN\n',
      ['1 x2: nan', '2 x1: -inf', '3 x1: Infinity', '3 x2: NaN'],
    ],
    ['too large', '1,1e400\n', ['1 x2: 1e400 (too large for a double)']],
    ['hexadecimal, underscores and friends', '0x10,1_000\n1e,1e+\n--1,1-\n', ['1 x1: "0x10"', '1 x2: "1_000"', '2 x1: "1e"', '2 x2: "1e+"', '3 x1: "--1"', '3 x2: "1-"']], // prettier-ignore
    ['after rows without fault', '1,2\n3,4\n5,1e400\n6,nan\n7,\n', ['3 x2: 1e400 (too large for a double)', '4 x2: nan', '5 x2: nothing']], // prettier-ignore
    ['a NUL byte', '1,2\u0000\n', ['1 x2: "2\\u0000"']],
    ['the column by its name, in any order', 'x2,x1\n1,2\na,4\n', ['3 x2: "a"']],
    ['a short row', '1,2\n3\n', ['2 row: 1 cell']],
    ['a long row', 'x1,x2\n1,2,3\n', ['2 row: 3 cells']],
    ['a decimal comma', 'x1;x2\n1,5;2\n', ['2 x1: "1,5"']],
    ['a first row with one bad cell', '0.5,abc\n', ['1 x2: "abc"']],
    ['the line after quoted line breaks', '"x1","x2"\n"1\n2",3\nx,4\n', ['2 x1: "1\\n2"', '4 x1: "x"']],
    ['the line after blank ones, comments and CRLF', '# c\r\n\r\n1,2\r\n3,x\r\n', ['4 x2: "x"']],
    ['a missing value as pandas writes it in one column', 'x\n""\n', ['2 x: nothing'], ['x']],
  ] as [string, string, string[], string[]?][])('%s', (_, text, issues, inputs) => {
    expect(wrong(text, inputs)).toEqual(issues);
  });

  it.each([
    ['an unknown column', 'x1,y,x2\n1,2,3\n', ['1 y: column 2 of the header']],
    ['an index without a name', ',x1,x2\n0,1,2\n', ['1 column 1: a column without a name']],
    ['a missing column', 'x1\n1\n', ['1 x2: nothing']],
    ['a repeated column', 'x1,x2,x1\n1,2,3\n', ['1 x1: a second column of this name, column 3']],
    ['another case', 'X1,x2\n1,2\n', ['1 X1: column 1 of the header', '1 x1: nothing']],
    ['quite another header', 'a,b\n1,2\n', ['1 a: column 1 of the header', '1 b: column 2 of the header', '1 x1: nothing', '1 x2: nothing']], // prettier-ignore
  ])('%s', (_, text, issues) => {
    expect(wrong(text)).toEqual(issues);
  });

  it('with what to do about it', () => {
    const message = (text: string): string | undefined => invalid(text).issues[0]?.message;
    expect(message('x1;x2\n1,5;2\n')).toBe(
      'Line 2: x1 must be a finite number, got "1,5": write a decimal point, not a comma.',
    );
    expect(message('X1,x2\n')).toBe(
      'Line 1: X1 is not an input of this model, which takes x1, x2: did you mean "x1"?',
    );
    expect(message('1 2\n')).toContain('cells are separated by a comma, a semicolon or a tab');
  });

  it('that there are no rows', () => {
    for (const text of ['', '\n\n', '# nothing\n', '\ufeff', 'x1,x2\n']) {
      expect(invalid(text).issues[0]?.expected).toBe('at least one row');
    }
  });

  it('twenty of them, and counts the rest', () => {
    const error = invalid('x1,x2\n1,2\n' + 'a,b\n'.repeat(50_000));
    expect(error.total).toBe(100_000);
    expect(error.issues).toHaveLength(20);
  });

  it('as plain names where they are what objects inherit', () => {
    expect(read('__proto__,constructor\n1,2\n', ['constructor', '__proto__'])).toEqual([[2, 1]]);
    expect(wrong('x1,x2,__proto__\n1,2,3\n')).toEqual(['1 __proto__: column 3 of the header']);
  });
});

describe('readCsvRows refuses', () => {
  it('a quote that is never closed, with the line', () => {
    expect(() => read('x1,x2\n1,2\n"3,4\n5,6\n')).toThrow(
      'Malformed CSV at line 3: a quote is opened and never',
    );
  });

  it('text after a closing quote', () => {
    expect(() => read('x1,x2\n"1"2,3\n')).toThrow('Malformed CSV at line 2: text after the closing quote');
  });

  it('a row without end, in bounded memory', () => {
    const reader = new CsvRowReader(INPUTS);
    const chunk = Buffer.alloc(64 * 1024, '1,');
    expect(() => {
      for (let i = 0; i < 100; i++) reader.push(chunk);
    }).toThrow('a row of more than 1048576 bytes');
  });

  it('UTF-16 and other encodings of the header', () => {
    expect(() => read(Buffer.from('\ufeffx1,x2\n1,2\n', 'utf16le'))).toThrow('the text is UTF-16');
    expect(() => read(Buffer.from('größe,x2\n1,2\n', 'latin1'))).toThrow(MalformedBodyError);
  });
});

describe('CsvRowReader', () => {
  const text = Buffer.from('\ufeff# c\r\n"x2","x1"\r\n\r\n1.25,2\r\n"3",4e-1\r\n# "\r\n5,6\n7,8\r9,10');

  it('reads the same however the bytes are cut', () => {
    const whole = readCsvRows(text, INPUTS);
    expect(whole.rows).toBe(5);
    for (let cut = 0; cut <= text.length; cut++) {
      for (const blockBytes of [1, 2, 64 * 1024]) {
        const reader = new CsvRowReader(INPUTS, { blockBytes });
        reader.push(text.subarray(0, cut));
        reader.push(text.subarray(cut));
        expect(reader.end()).toEqual(whole);
      }
    }
  });

  it('reads on across blocks: lines, numbers, quotes and CRLF may be cut', () => {
    for (let shift = 0; shift < 12; shift++) {
      const rows = 30_000;
      const body =
        `${'#'.repeat(shift)}\r\n` +
        '"1.5",\r\n'.replace(',', ',-22') +
        '1.5,-22\r\n'.repeat(rows - 2) +
        'x,1\r\n';
      const error = invalid(body);
      expect(error.issues.map(({ line, path }) => ({ line, path }))).toEqual([
        { line: rows + 1, path: 'x1' },
      ]);
      expect(read(body.replace('x,1\r\n', '1.5,-22'))).toHaveLength(rows);
    }
  });
});
