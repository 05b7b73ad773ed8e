import { describe, expect, it } from 'vitest';
import { Random } from '../random/random.js';
import { GrowingRows } from './growing-rows.js';
import { loadText, readCsvLines, readJsonRows } from './read-rows.js';
import { MOST_VALUES, writeCsvValues, writeJsonValues } from './write-values.js';

const SEED = 20_261_122;
const FLAT = { inner: 0, outer: 0 };
const COMMA = 0x2c;

/** Doubles of random bits: every exponent is as likely as any other. */
function randomDoubles(random: Random, count: number): Float64Array {
  const words = new Uint32Array(2 * count);
  const doubles = new Float64Array(words.buffer);
  for (let i = 0; i < count; i++) {
    do {
      words[2 * i] = Math.floor(random.uniform() * 2 ** 32);
      words[2 * i + 1] = Math.floor(random.uniform() * 2 ** 32);
    } while (!Number.isFinite(doubles[i]));
  }
  return doubles;
}

/** Powers of two and of ten with their neighbours, whole numbers, the ends of the range, and the ends of notations. */
function edges(): Float64Array {
  const values = [
    0, -0, 5e-324, 1e-323, 2.225073858507201e-308, 2.2250738585072014e-308, 1.7976931348623157e308,
  ];
  values.push(
    1e21,
    1e20,
    123456789012345680000,
    999999999999999900000,
    1e-6,
    1e-7,
    1.5e-7,
    9.5e-7,
    0.1,
    1 / 3,
  );
  values.push(
    9007199254740991,
    9007199254740992,
    9007199254740994,
    1e23,
    9.999999999999999e22,
    1e22,
    4.35,
    100,
  );
  for (let e = -1074; e < 1024; e++) {
    values.push(2 ** e, -(2 ** e), 2 ** e * (1 + 2 ** -52), 2 ** e * (2 - 2 ** -52), 1.5 * 2 ** e);
  }
  for (let e = -323; e < 309; e++) {
    for (const digits of ['1', '5', '9', '123', '1.7', '-9.999999999999999'])
      values.push(Number(`${digits}e${e}`));
  }
  return Float64Array.from(values.filter(Number.isFinite));
}

const write = (values: Float64Array): string[] => {
  const texts: string[] = [];
  for (let start = 0; start < values.length; start += MOST_VALUES) {
    const block = values.subarray(start, start + MOST_VALUES);
    const text = writeJsonValues(block, 0, block.length, FLAT);
    texts.push(
      ...Buffer.from(text ?? [])
        .toString()
        .split(','),
    );
  }
  return texts;
};

/** Reads each text as a row of one number; undefined where the reader leaves it to JavaScript. */
const read = (texts: readonly string[]): (number | undefined)[] =>
  texts.map((text) => {
    const rows = new GrowingRows(1);
    const body = Buffer.from(`[${text}]]`);
    readJsonRows(loadText(body, 0, body.length), rows, undefined);
    return rows.rows === 0 ? undefined : rows.matrix().data[0];
  });

function expectSameNumbers(texts: readonly string[], mostUnread: number): void {
  const found = read(texts);
  const wrong = texts.filter((text, i) => found[i] !== undefined && !Object.is(found[i], Number(text)));
  expect(wrong).toEqual([]);
  expect(found.filter((value) => value === undefined).length).toBeLessThanOrEqual(mostUnread);
}

describe('writing numbers', () => {
  it.each([
    ['at the edges', edges],
    ['of random bits', () => randomDoubles(new Random(SEED), 200_000)],
    [
      'as they occur',
      () => Float64Array.from({ length: 50_000 }, (_, i) => Math.sin(i) * 10 ** ((i % 30) - 15)),
    ],
    ['of few digits', () => Float64Array.from({ length: 50_000 }, (_, i) => (i - 25_000) / 10 ** (i % 9))],
  ])('%s is what String does', (_what, make) => {
    const values = make();
    const expected = Array.from(values, String);
    const wrong = write(values).filter((text, i) => text !== expected[i]);
    expect(wrong).toEqual([]);
  });

  it('nests as JSON.stringify does, wherever it is cut', () => {
    const values = Float64Array.from({ length: 24 }, (_, i) => i / 8);
    const nested = [0, 1].map((i) =>
      [0, 1, 2].map((j) => Array.from(values.subarray(12 * i + 4 * j).subarray(0, 4))),
    );
    for (let cut = 0; cut <= 24; cut++) {
      const parts = [
        [0, cut],
        [cut, 24],
      ].map(([start, end]) =>
        // prettier-ignore
        Buffer.from(writeJsonValues(values, start, end, { inner: 4, outer: 12 }) ?? []).toString(),
      );
      expect(`[${parts.join('')}]`).toBe(JSON.stringify(nested));
    }
    expect(Buffer.from(writeJsonValues(values, 0, 2, { inner: 1, outer: 0 }) ?? []).toString()).toBe(
      '[0],[0.125]',
    );
  });

  it('refuses what is not finite', () => {
    for (const value of [NaN, Infinity, -Infinity]) {
      expect(writeJsonValues(Float64Array.of(1, value), 0, 2, FLAT)).toBeUndefined();
      expect(writeCsvValues(Float64Array.of(1, value), 0, 1)).toBeUndefined();
    }
  });
});

describe('reading numbers', () => {
  const random = new Random(SEED);
  const doubles = randomDoubles(random, 20_000);
  const decimals = Float64Array.from({ length: 20_000 }, () => random.uniform());
  const normal = doubles.filter((value) => Math.abs(value) > 1e-300);

  it.each<[string, number, () => string[]]>([
    ['the shortest that writing makes', 0, () => Array.from(normal, String)],
    ['17 significant digits', 0, () => Array.from(normal, (value) => value.toExponential(16))],
    [
      '19 to 30 significant digits',
      200,
      () => Array.from(normal, (value, i) => value.toExponential(18 + (i % 12))),
    ],
    ['decimals of any length', 200, () => Array.from(decimals, (value, i) => value.toFixed(1 + (i % 40)))],
    ['few digits', 0, () => Array.from({ length: 10_000 }, (_, i) => String((i - 5000) / 10 ** (i % 7)))],
    ['whole numbers of any length', 200, () => Array.from({ length: 400 }, (_, i) => '9876543210'.repeat(40).slice(0, 1 + i))], // prettier-ignore
    ['the edges', 400, () => Array.from(edges(), String)],
  ])('%s are what Number makes of them', (_what, mostUnread, make) => expectSameNumbers(make(), mostUnread));

  it('halfway between two doubles it takes the even one', () => {
    const texts = Array.from({ length: 2000 }, () => {
      const value = 2 ** (53 + Math.floor(random.uniform() * 10)) * (1 + random.uniform());
      const next = value * (1 + 2 ** -52);
      return String((BigInt(value) + BigInt(next)) / 2n);
    });
    expectSameNumbers(texts, 0);
  });

  it('what lies hardly above halfway goes up, or is left alone', () => {
    const zeros = '0'.repeat(20);
    const texts = Array.from({ length: 50 }, (_, i) => `${9007199254740993n + 2n * BigInt(i)}.${zeros}1`);
    expectSameNumbers(texts, texts.length);
  });

  it('takes JSON at its word: what is no number there is left alone', () => {
    const texts = [
      '01',
      '+1',
      '.5',
      '1.',
      '-',
      '1e',
      '1e+',
      '0x1',
      'NaN',
      '1e400',
      '--1',
      '',
      '1.5.5',
      '-01',
      '1 2',
    ];
    expect(read(texts)).toEqual(texts.map(() => undefined));
    expect(read(['-0', '0e999999', '0.000', '1E5', '1e-2'])).toEqual([-0, 0, 0, 1e5, 0.01]);
  });

  it('of CSV takes what Python writes, and stops at the first line that is none', () => {
    const text = Buffer.from('+1,.5\r\n1.,007\n -2e0 , 3\r1,x\n5,6\n');
    const rows = new GrowingRows(2);
    const loaded = loadText(text, 0, text.length);
    const found = readCsvLines(loaded, 0, COMMA, Int32Array.of(1, 0), rows);
    expect(found).toEqual({ next: text.indexOf('1,x'), rows: 3 });
    expect(Array.from(rows.matrix().data)).toEqual([0.5, 1, 7, 1, 3, -2]);
  });
});
