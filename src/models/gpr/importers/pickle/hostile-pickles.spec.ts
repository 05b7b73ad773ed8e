import { describe, expect, it } from 'vitest';
import { HOSTILE_PICKLES, sourceOf } from '../../../../../test/hostile/hostile-pickles.js';
import { pickle } from '../../../../../test/hostile/pickle-assembler.js';
import { BufferSource } from './byte-source.js';
import { fixture, PROTOCOLS } from '../../../../../test/hostile/pickle-fixtures.js';
import { GPY_GLOBALS } from './gpy-globals.js';
import { LazyText } from './lazy-values.js';
import { NdArray } from './numpy-array.js';
import { PickleError } from './pickle-error.js';
import { parsePickle } from './pickle-reader.js';
import { PickleDict, PickledObject, PickleSet, PickleTuple, type PickleValue } from './pickle-values.js';

function parse(content: Buffer): PickleValue {
  return parsePickle(new BufferSource(content), GPY_GLOBALS);
}

/** Parses, or says why not as "code: message". */
function outcome(run: () => unknown): unknown {
  try {
    return run();
  } catch (error) {
    if (error instanceof PickleError) return `${error.code}: ${error.message}`;
    throw error;
  }
}

describe('hostile pickles', () => {
  it('are many', () => expect(HOSTILE_PICKLES.length).toBeGreaterThan(200));

  it.each(HOSTILE_PICKLES.map((hostile) => [hostile.name, hostile] as const))('%s', (_, hostile) => {
    // A quarter of the default budget fails in a quarter of the time.
    const limits = hostile.expect === 'harmless' ? {} : { memory: 48 * 2 ** 20 };
    const result = outcome(() => parsePickle(sourceOf(hostile), GPY_GLOBALS, limits));
    if (hostile.expect === 'harmless')
      expect(typeof result === 'string' && /^[a-z-]+: /.test(result) ? result : '').toBe('');
    else expect(typeof result === 'string' ? result : 'it parses').toMatch(hostile.expect);
  });

  it('change no prototype and no class', () => {
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    const object = parse(
      pickle('cGPy.core.gp\nGP\n)\x81}\x8c\x09__class__Ns\x8c\x06class_Nsb.'),
    ) as PickledObject;
    expect(object.class_.name).toBe('GP');
  });

  it('with any first byte and then nothing fail cleanly', () => {
    for (let byte = 0; byte < 256; byte++) {
      expect(
        outcome(() => parse(Buffer.from([byte]))),
        `byte ${byte}`,
      ).toMatch(/^(truncated|refused-opcode|bad-stack): .*\(at byte \d\)$/);
    }
  });
});

describe('damaged files', () => {
  it.each(PROTOCOLS)('a model of protocol %i cut off anywhere is refused', (protocol) => {
    const whole = fixture(`gpy.${protocol}.pkl`);
    const parsed: number[] = [];
    for (let length = 0; length < whole.length; length += length < 2000 ? 1 : 37) {
      if (typeof outcome(() => parse(whole.subarray(0, length))) !== 'string') parsed.push(length);
    }
    expect(parsed, 'lengths at which it parses all the same').toEqual([]);
  });

  it('changed at random, parse or are refused, and never fail otherwise', () => {
    const random = mulberry32(20261122);
    let refused = 0;
    for (let round = 0; round < 2400; round++) {
      const whole = fixture(`gpy.${round % 6}.pkl`);
      const result = outcome(() => materialiseAll(parse(mutated(whole, random))));
      if (typeof result === 'string') refused++;
    }
    // Most changes hit a payload or a name, so both outcomes must occur.
    expect(refused).toBeGreaterThan(100);
    expect(refused).toBeLessThan(2300);
  });
});

/** Flips, inserts or deletes a few bytes. */
function mutated(whole: Buffer, random: () => number): Buffer {
  let result = Buffer.from(whole);
  for (let change = Math.floor(random() * 4); change >= 0; change--) {
    const at = Math.floor(random() * result.length);
    const kind = random();
    if (kind < 0.6) result[at] = Math.floor(random() * 256);
    else if (kind < 0.8)
      result = Buffer.concat([result.subarray(0, at), Buffer.from([random() * 256]), result.subarray(at)]);
    else result = Buffer.concat([result.subarray(0, at), result.subarray(at + 1 + Math.floor(random() * 8))]);
  }
  return result;
}

/** Walks the whole graph, without recursion, and resolves every lazy value. */
function materialiseAll(root: PickleValue): null {
  const seen = new Set<unknown>();
  const queue: unknown[] = [root];
  while (queue.length > 0) {
    const value = queue.pop();
    if (typeof value !== 'object' || value === null || seen.has(value)) continue;
    seen.add(value);
    if (value instanceof NdArray) outcome(() => value.toFloat64(1e6));
    if (value instanceof LazyText) outcome(() => value.decode(1e6));
    if (value instanceof PickledObject) queue.push(value.state, ...value.args, value.items, value.entries);
    if (value instanceof PickleTuple) queue.push(...value.items);
    if (value instanceof PickleDict) queue.push(...value.keys(), ...value.values());
    if (value instanceof PickleSet || Array.isArray(value)) queue.push(...value);
  }
  return null;
}

/** A small seeded generator of numbers from 0 to 1. */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
