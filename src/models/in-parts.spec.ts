import { setImmediate } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { workInParts } from './in-parts.js';

it('works on each row once, in as many parts at a time as it may', async () => {
  const parts: [number, number][] = [];
  let running = 0;
  let most = 0;
  await workInParts({ rows: 10, size: 3, atOnce: 2 }, async (start, end) => {
    most = Math.max(most, ++running);
    await Promise.resolve();
    parts.push([start, end]);
    running--;
  });
  expect(parts).toEqual([[0, 3], [3, 6], [6, 9], [9, 10]]); // prettier-ignore
  expect(most).toBe(2);
});

it('begins no more parts once one has failed', async () => {
  const begun: number[] = [];
  const working = workInParts({ rows: 100, size: 1, atOnce: 2 }, async (start) => {
    begun.push(start);
    if (start === 0) throw new Error('broken');
    await setImmediate();
  });
  await expect(working).rejects.toThrow('broken');
  for (let turn = 0; turn < 3; turn++) await setImmediate();
  expect(begun).toEqual([0, 1]);
});
