import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { Random } from '../../../../numeric/random/random.js';
import { ModelFileError } from '../../../model-errors.js';
import { type Compression, detectCompression, peek, unpack } from './compression.js';

const FIXTURES = join(import.meta.dirname, 'fixtures');
const SEED = 11;
const MAXIMUM = 2 ** 25;
const BOMB_MAXIMUM = 2 ** 20;
/** Forms in which every byte of the content is covered by a checksum. */
const CHECKED = ['zlib', 'gzip', 'xz', 'xz-crc32', 'xz-sha256', 'bz2', 'lz4-checked'];

interface Fact {
  readonly compression: Compression;
  readonly bytes: number;
  readonly sha256: string;
}
const facts = Object.entries(
  JSON.parse(readFileSync(join(FIXTURES, 'expected.json'), 'utf8')) as Record<string, Fact>,
);

function packed(name: string): Buffer {
  return readFileSync(join(FIXTURES, `${name}.bin`));
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** What comes out, or the refusal; anything else that is thrown is a fault. */
function outcome(bytes: Buffer, compression: Compression): Uint8Array | string {
  try {
    return unpack(bytes, compression, MAXIMUM);
  } catch (error) {
    if (error instanceof ModelFileError) return error.message;
    throw error;
  }
}

describe.each(facts)('compressed data: %s', (name, { compression, bytes, sha256: digest }) => {
  it('is recognised and unpacked', () => {
    expect(detectCompression(packed(name))).toBe(compression);
    const content = unpack(packed(name), compression, MAXIMUM);
    expect(content).toHaveLength(bytes);
    expect(sha256(content)).toBe(digest);
  });

  it('is refused where it is cut off', () => {
    const whole = packed(name);
    const random = new Random(SEED);
    for (let i = 0; i < 40; i += 1) {
      const length = i < 10 ? whole.length - 1 - i : Math.floor(random.uniform() * whole.length);
      const result = outcome(whole.subarray(0, Math.max(0, length)), compression);
      // Of several streams, the first ones may have been whole.
      if (!/members|streams|frames/.test(name)) expect(result, `${length} bytes`).toMatch(/is damaged/);
      else expect(sha256(Buffer.from(result))).not.toBe(digest);
    }
  });

  it.runIf(CHECKED.includes(name))('is refused where a bit is flipped in what it holds', () => {
    const random = new Random(SEED);
    for (let i = 0; i < 60; i += 1) {
      const broken = packed(name);
      const at = 40 + Math.floor(random.uniform() * (broken.length - 80));
      broken[at] ^= 1 << Math.floor(random.uniform() * 8);
      expect(outcome(broken, compression), `byte ${at}`).toMatch(/is damaged|unpacks to more/);
    }
  });

  it('ends in a refusal or in bytes, whatever happens to it', () => {
    const random = new Random(SEED);
    for (let i = 0; i < 40; i += 1) {
      const broken = packed(name).subarray(0, 20_000);
      for (let k = 0; k < 3; k += 1)
        broken[Math.floor(random.uniform() * broken.length)] = Math.floor(random.uniform() * 256);
      expect(() => outcome(broken, compression)).not.toThrow();
    }
  });
});

describe('decompression bombs', () => {
  const zeros = Buffer.alloc(2 ** 24);
  const bombs: [Compression, Buffer][] = [
    ['zlib', deflateSync(zeros)],
    ['gzip', gzipSync(zeros)],
    ['xz', packed('xz-zeros')],
    ['lzma', packed('lzma-zeros')],
    ['bz2', packed('bz2-zeros')],
    ['lz4', packed('lz4-zeros')],
  ];

  it.each(bombs)('%s: are refused at the maximum', (compression, bomb) => {
    expect(bomb.length).toBeLessThan(20_000);
    expect(() => unpack(bomb, compression, BOMB_MAXIMUM)).toThrow(
      `The ${compression} data unpacks to more than ${BOMB_MAXIMUM} bytes`,
    );
  });
});

describe('what is in a file', () => {
  it('is not looked for in text or plain pickles', () => {
    for (const text of [
      'x1,x2\n1,2\n',
      '{"class": "GPy.models.GPRegression"}',
      '\x80\x04\x95',
      '',
      'x',
      'BZ',
    ])
      expect(detectCompression(Buffer.from(text, 'latin1'))).toBeUndefined();
  });

  it('is seen in the first bytes of gzip and zlib', () => {
    const text = Buffer.from(`{"class": "GPy"} ${'0123456789'.repeat(1000)}`);
    for (const [compression, bytes] of [
      ['gzip', gzipSync(text)],
      ['zlib', deflateSync(text)],
    ] as const)
      expect(peek(bytes.subarray(0, 60), compression).toString('latin1')).toMatch(/^\{"class"/);
    expect(peek(packed('xz'), 'xz')).toHaveLength(0);
  });
});
