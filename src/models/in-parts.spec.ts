import { setImmediate as turn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { workInParts } from './in-parts.js';

it('works on all rows, no more parts at a time than it may', async () => {
  let running = 0;
  let most = 0;
  const parts: number[][] = [];
  await workInParts({ rows: 7, size: 2, atOnce: 2 }, async (start, end) => {
    most = Math.max(most, ++running);
    await turn();
    parts.push([start, end]);
    running--;
  });
  expect(parts.sort(([a], [b]) => a - b)).toEqual([[0, 2], [2, 4], [4, 6], [6, 7]]); // prettier-ignore
  expect(most).toBe(2);
});

it('begins no part after one that failed, and waits for those that had begun', async () => {
  const begun: number[] = [];
  const slow = Promise.withResolvers<void>();
  const working = workInParts({ rows: 10, size: 1, atOnce: 2 }, async (start) => {
    begun.push(start);
    if (start === 0) await slow.promise;
    if (start === 1) throw new Error('row 1 failed');
  });
  const failed = working.catch((error: unknown) => error);
  await turn();
  expect(await Promise.race([failed, Promise.resolve('working')])).toBe('working');
  slow.resolve();
  expect(await failed).toEqual(new Error('row 1 failed'));
  expect(begun).toEqual([0, 1]);
});
