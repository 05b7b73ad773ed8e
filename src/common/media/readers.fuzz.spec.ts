import { describe, expect, it } from 'vitest';
import { Matrix } from '../../numeric/linalg/matrix.js';
import { npyToRows, npzToRows } from './array-rows.js';
import { CsvRowReader, readCsvRows } from './csv-rows.js';
import { InvalidInputError, MalformedBodyError } from './issue.js';
import { readJsonRows } from './json-rows.js';
import { parseJsonText } from './json-text.js';
import { readNpy, writeNpy } from './npy.js';
import { readNpz, writeNpz } from './npz.js';

/** Whatever comes in, a reader answers with rows of finite numbers or with one of its two errors. */
const SEED = 20_261_107;
const INPUTS = ['x1', 'x2'];

const READERS: Record<string, (body: Buffer) => Matrix> = {
  json: (body) => readJsonRows(body, INPUTS).X,
  csv: (body) => readCsvRows(body, INPUTS),
  npy: (body) => npyToRows(readNpy(body), INPUTS),
  npz: (body) => npzToRows(readNpz(body, { maxBytes: 1e6 }), INPUTS),
};

const data = Float64Array.of(1, 2.5, -3e-7, 4);
const VALID: Record<string, Buffer[]> = {
  json: [
    '[[1, 2.5], [-3e-7, 4]]',
    '{"inputs": [{"x2": 1e400, "x1": NaN}], "options": {"a": ["\\u00e9"]}}',
    '[{"x1": true, "x2": null}, {"x1": 1, "x2": "é"}]',
  ].map((text) => Buffer.from(text)),
  csv: ['x1,x2\r\n1,2.5\r\n"-3e-7",4\r\n', '# x1;x2\n1;2\n\n"a""b";nan\n', '1e400\t2\n3\t4'].map((text) =>
    Buffer.from(text),
  ),
  npy: [writeNpy([2, 2], data), writeNpy([4], data)],
  npz: [
    writeNpz({ X: { shape: [2, 2], data } }),
    writeNpz({ x1: { shape: [4], data }, x2: { shape: [4], data } }),
  ],
};

/** Pieces that matter to some grammar: random bytes alone seldom make any. */
const PIECES = ['"', '""', ',', '\n', '\r', '[', ']', '{', '}', ':', '-', '1e400', 'NaN', '-Infinity', '#', '\\', '\0', '\ufeff', '\xff', '(', ')', "'", 'True', '-1', '9007199254740993', 'PK\x05\x06', '__proto__', '"x1": 1']; // prettier-ignore

function answers(reader: (body: Buffer) => Matrix, body: Buffer): 'rows' | 'error' {
  try {
    const X = reader(body);
    if (X.rows < 1 || X.cols !== 2 || !X.data.every(Number.isFinite)) throw new Error('Not rows of numbers.');
    return 'rows';
  } catch (error) {
    if (error instanceof InvalidInputError || error instanceof MalformedBodyError) {
      if (error.message.length < 500) return 'error';
    }
    throw new Error(`${JSON.stringify(body.toString('latin1'))} ended in ${String(error)}`, { cause: error });
  }
}

describe.each(Object.keys(READERS))('the reader of %s', (format) => {
  const reader = READERS[format];

  it('answers to random bytes', () => {
    const random = mulberry32(SEED);
    for (let i = 0; i < 3000; i++) {
      const body = Buffer.from(Array.from({ length: random() * 60 }, () => random() * 256));
      expect(['rows', 'error']).toContain(answers(reader, body));
    }
  });

  it('answers to bodies with bytes changed, lost, doubled and put in', () => {
    const random = mulberry32(SEED);
    const seen = { rows: 0, error: 0 };
    for (let i = 0; i < 6000; i++) seen[answers(reader, mutate(VALID[format], random))]++;
    // Both happen often, or the mutations would test nothing.
    expect(Math.min(seen.rows, seen.error)).toBeGreaterThan(50);
  });
});

describe('two ways to the same answer', () => {
  it('parseJsonText and JSON.parse accept and read the same', () => {
    const random = mulberry32(SEED);
    for (let i = 0; i < 20_000; i++) {
      const text = mutate(VALID['json'], random).toString();
      if (/NaN|Infinity/.test(text)) continue;
      expect(
        outcome(() => parseJsonText(text)),
        text,
      ).toEqual(outcome(() => JSON.parse(text) as unknown));
    }
  });

  it('a double in a CSV and as JavaScript reads it back', () => {
    const random = mulberry32(SEED);
    const bits = new DataView(new ArrayBuffer(8));
    const values: number[] = [];
    while (values.length < 20_000) {
      bits.setUint32(0, random() * 2 ** 32);
      bits.setUint32(4, random() * 2 ** 32);
      const value = values.length % 2 === 0 ? bits.getFloat64(0) : (random() - 0.5) * 1000;
      if (Number.isFinite(value)) values.push(value);
    }
    expect(Array.from(readCsvRows(Buffer.from(values.join('\n')), ['x']).data)).toEqual(values);
  });

  it('CSV in one piece and in many', () => {
    const random = mulberry32(SEED);
    for (let i = 0; i < 3000; i++) {
      const body = mutate(VALID['csv'], random);
      const inPieces = (): Matrix => {
        const reader = new CsvRowReader(INPUTS, { blockBytes: 1 + Math.floor(random() * 8) });
        for (let at = 0, next = 0; at < body.length; at = next) {
          next = at + 1 + Math.floor(random() * 5);
          reader.push(body.subarray(at, next));
        }
        return reader.end();
      };
      expect(outcome(inPieces)).toEqual(outcome(() => readCsvRows(body, INPUTS)));
    }
  });
});

function outcome(read: () => unknown): unknown {
  try {
    return { value: read() };
  } catch (error) {
    return error instanceof InvalidInputError ? { issues: error.issues, total: error.total } : 'refused';
  }
}

function mutate(bodies: readonly Buffer[], random: () => number): Buffer {
  let body = Buffer.from(bodies[Math.floor(random() * bodies.length)]);
  for (let edits = 1 + Math.floor(random() * 4); edits > 0; edits--) {
    const at = Math.floor(random() * body.length);
    const length = Math.floor(random() * 6);
    const piece = Buffer.from(
      PIECES[Math.floor(random() * PIECES.length)],
      random() < 0.5 ? 'utf8' : 'latin1',
    );
    const kind = random();
    if (kind < 0.3) body[at] = random() * 256;
    else if (kind < 0.5) body = Buffer.concat([body.subarray(0, at), body.subarray(at + length)]);
    else if (kind < 0.65) body = Buffer.concat([body.subarray(0, at + length), body.subarray(at)]);
    else body = Buffer.concat([body.subarray(0, at), piece, body.subarray(at)]);
  }
  return body;
}

/** A small generator of numbers in [0, 1), the same for every run. */
function mulberry32(seed: number): () => number {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
