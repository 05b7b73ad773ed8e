import { describe, expect, it } from 'vitest';
import { InvalidInputError, MalformedBodyError } from './issue.js';
import { readJsonRows } from './json-rows.js';
import { readPlainJson } from './plain-json.js';

const SEED = 20_261_122;
const INPUTS = ['x1', 'x2', 'é "q"'];
/** So much before the rows, and the general reader takes the body. */
const ASIDE = '\n'.repeat(200);

const value = (i: number): string => String(Math.sin(i) * 10 ** ((i % 9) - 4));
const arrayRow = (i: number): string => `[${value(i)}, ${value(i + 1)},${value(i + 2)}]`;
const objectRow = (i: number): string =>
  `{"x2":${value(i)} , "x1": ${value(i + 1)},${JSON.stringify(INPUTS[2])}:${value(i + 2)}}`;
const list = (count: number, row: (i: number) => string): string =>
  `[${Array.from({ length: count }, (_, i) => row(i)).join(', ')}]`;
const envelope = (rows: string, rest = ''): string => `\n{ "inputs" : ${rows}${rest} }`;

const bodies = (count: number): [string, string][] => [
  ['arrays', list(count, arrayRow)],
  ['objects', list(count, objectRow)],
  ['arrays in an object', envelope(list(count, arrayRow))],
  ['objects in an object', envelope(list(count, objectRow))],
  ['rows and options', envelope(list(count, arrayRow), ',"options": {"meanOnly": true, "a": ["]}"]}')],
];

/** Rows and options, or what an error says: lines counted as if nothing stood aside. */
function outcome(text: Buffer, aside: string): unknown {
  try {
    const { X, options } = readJsonRows(Buffer.concat([Buffer.from(aside), text]), INPUTS);
    return { cols: X.cols, data: Array.from(X.data), options };
  } catch (error) {
    if (error instanceof InvalidInputError) return { issues: error.issues, total: error.total };
    if (!(error instanceof MalformedBodyError)) throw error;
    const { line = 0, byte = 0, ...place } = error.place;
    const shifted = {
      line: line === 0 ? 0 : line - aside.length,
      byte: byte === 0 ? 0 : byte - aside.length,
    };
    return { problem: error.problem, ...place, ...shifted };
  }
}

describe('plain JSON', () => {
  it.each(bodies(5000))('%s are read the fast way, as the general reader reads them', (_what, text) => {
    const body = Buffer.from(text);
    expect(readPlainJson(body, INPUTS)?.X.rows).toBe(5000);
    expect(readPlainJson(Buffer.from(ASIDE + text), INPUTS)).toBeUndefined();
    expect(outcome(body, '')).toEqual(outcome(body, ASIDE));
  });

  it('rows lie in memory that worker threads see', () => {
    const { X } = readJsonRows(Buffer.from(list(5000, arrayRow)), INPUTS);
    expect(X.data.buffer).toBeInstanceOf(SharedArrayBuffer);
  });

  it.each([
    ['a key twice', list(200, (i) => objectRow(i).replace('{', '{"x1":1,'))],
    [
      'a key twice in one row',
      list(200, (i) => (i === 150 ? objectRow(i).replace('{', '{"x1":1,') : objectRow(i))),
    ],
    [
      'another order',
      list(200, (i) => (i === 150 ? `{"x1":1,"x2":2,${JSON.stringify(INPUTS[2])}:3}` : objectRow(i))),
    ],
    ['an array among objects', list(200, (i) => (i === 150 ? '[1,2,3]' : objectRow(i)))],
    ['a row too short', list(200, (i) => (i === 150 ? '[1,2]' : arrayRow(i)))],
    ['a row too long', list(200, (i) => (i === 150 ? '[1,2,3,4]' : arrayRow(i)))],
    ['what is no number', list(200, (i) => (i === 150 ? '[1,null,NaN]' : arrayRow(i)))],
    ['a number too large', list(200, (i) => (i === 150 ? '[1,1e400,3]' : arrayRow(i)))],
    ['a trailing comma', `${list(200, arrayRow).slice(0, -1)},]`],
    ['text after the end', `${list(200, arrayRow)} x`],
    ['inputs twice', envelope(list(200, arrayRow), ',"inputs":[[1,2,3]]')],
    ['an unknown member', envelope(list(200, arrayRow), ',"input":[[1,2,3]]')],
    ['options twice', envelope(list(200, arrayRow), ',"options":{},"options":{}')],
    ['options first', `{"options":{"a":1},${envelope(list(200, arrayRow)).trim().slice(1)}`],
    ['subnormal numbers', list(200, () => '[5e-324,2.2250738585072011e-308,-1e-310]')],
    ['a byte order mark', `\ufeff${list(200, arrayRow)}`],
  ])('%s ends as in the general reader', (_what, text) => {
    const body = Buffer.from(text);
    // The mark has to stay in front.
    const aside = text.startsWith('\ufeff') ? '' : ASIDE;
    expect(outcome(body, '')).toEqual(outcome(body, aside));
  });

  it('damaged bodies end as in the general reader', () => {
    const random = mulberry32(SEED);
    const pieces = ['"', ',', '[', ']', '{', '}', ':', '-', '.', 'e', '0', ' ', '1e400', 'NaN', 'x1', '\\', '\0', '\xff', '"x1":1,', '[1,2,3],', ']]', 'null']; // prettier-ignore
    const texts = bodies(60).map(([, text]) => Buffer.from(text));
    for (let round = 0; round < 300; round++) {
      const text = texts[round % texts.length];
      const start = Math.floor(random() * text.length);
      const end = start + Math.floor(random() * 4);
      const piece = Buffer.from(pieces[Math.floor(random() * pieces.length)], 'latin1');
      const damaged = Buffer.concat([text.subarray(0, start), piece, text.subarray(end)]);
      expect(outcome(damaged, '')).toEqual(outcome(damaged, ASIDE));
    }
  });
});

function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
