import { expect, it } from 'vitest';
import { Random } from '../../random/random.js';
import { BlockList } from './block-list.js';

function blocks(limit = Infinity): BlockList {
  return new BlockList(64, (end) => {
    if (end > limit) throw new RangeError('full');
  });
}

it('gives out lines of cache, and the same again once they are free', () => {
  const list = blocks();
  const [a, b, c] = [list.take(8), list.take(65), list.take(0)];
  expect([a, b, c]).toEqual([64, 128, 256]);
  list.give(b);
  expect(list.take(128)).toBe(128);
  expect(list.takenBytes).toBe(256);
});

it('merges what is free, on both sides', () => {
  const list = blocks(64 + 4 * 64);
  const [a, b, c, d] = [list.take(64), list.take(64), list.take(64), list.take(64)];
  list.give(a);
  list.give(c);
  list.give(b);
  expect(list.take(192)).toBe(a);
  list.give(d);
  expect(() => list.take(128)).toThrow(RangeError);
  expect(list.take(64)).toBe(d);
});

it('grows by what is missing behind a free end', () => {
  const list = blocks(64 + 5 * 64);
  const a = list.take(64);
  const b = list.take(128);
  list.give(b);
  expect(list.take(256)).toBe(b);
  list.give(a);
  expect(list.take(64)).toBe(a);
});

it('refuses to free what it did not give out', () => {
  const list = blocks();
  const a = list.take(64);
  expect(() => list.give(a + 64)).toThrow(RangeError);
  list.give(a);
  expect(() => list.give(a)).toThrow(RangeError);
});

it('never gives out a byte twice', () => {
  const random = new Random(3);
  const list = blocks();
  const taken = new Map<number, number>();
  for (let step = 0; step < 2000; step += 1) {
    if (random.uniform() < 0.55) {
      const bytes = Math.floor(1000 * random.uniform());
      const at = list.take(bytes);
      for (const [other, size] of taken) expect(at + bytes <= other || other + size <= at).toBe(true);
      taken.set(at, bytes);
    } else if (taken.size > 0) {
      const at = [...taken.keys()][Math.floor(taken.size * random.uniform())];
      list.give(at);
      taken.delete(at);
    }
  }
});
