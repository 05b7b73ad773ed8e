import { setImmediate as turn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { ExternalModelUnavailableError } from './external-errors.js';
import { FairQueue } from './fair-queue.js';

/** Work that goes on until it is let go. */
class Gate {
  readonly started: string[] = [];
  readonly #open: (() => void)[] = [];

  work(name: string): (part: number, signal: AbortSignal) => Promise<string> {
    return async (part, signal) => {
      this.started.push(`${name}${part}`);
      await new Promise<void>((resolve, reject) => {
        this.#open.push(resolve);
        signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
      });
      return `${name}${part}`;
    };
  }

  /** Ends what has run longest. */
  async next(): Promise<void> {
    this.#open.shift()?.();
    await turn();
  }
}

it('runs no more at a time than it may, and returns results in their order', async () => {
  const gate = new Gate();
  const results = new FairQueue(2, 10).run(5, gate.work('a'));
  await turn();
  expect(gate.started).toEqual(['a0', 'a1']);
  for (let i = 0; i < 5; i++) await gate.next();
  expect(await results).toEqual(['a0', 'a1', 'a2', 'a3', 'a4']);
});

it('lets requests take turns', async () => {
  const gate = new Gate();
  const queue = new FairQueue(1, 10);
  const all = [queue.run(4, gate.work('a')), queue.run(1, gate.work('b')), queue.run(2, gate.work('c'))];
  await turn();
  for (let i = 0; i < 7; i++) await gate.next();
  expect(gate.started.slice(0, 4)).toEqual(['a0', 'b0', 'c0', 'a1']);
  expect(await Promise.all(all)).toEqual([['a0', 'a1', 'a2', 'a3'], ['b0'], ['c0', 'c1']]);
});

it('refuses a request where too many wait, and takes one when there is room again', async () => {
  const gate = new Gate();
  const queue = new FairQueue(1, 2);
  const first = queue.run(1, gate.work('a'));
  const second = queue.run(1, gate.work('b'));
  await expect(queue.run(1, gate.work('c'))).rejects.toThrow(ExternalModelUnavailableError);
  await gate.next();
  await first;
  const third = queue.run(1, gate.work('d'));
  await gate.next();
  await gate.next();
  expect(await Promise.all([second, third])).toEqual([['b0'], ['d0']]);
});

it('stops the other parts when one fails, and goes on with other requests', async () => {
  const queue = new FairQueue(3, 10);
  const stopped: unknown[] = [];
  const failing = queue.run(9, async (part, signal) => {
    if (part === 1) throw new Error('part 1 failed');
    await new Promise<void>((_resolve, reject) => {
      signal.addEventListener('abort', () => {
        stopped.push(part);
        reject(signal.reason as Error);
      });
    });
  });
  await expect(failing).rejects.toThrow('part 1 failed');
  expect(stopped).toEqual([0, 2]);
  expect(await queue.run(2, (part) => Promise.resolve(part))).toEqual([0, 1]);
});

it('gives up a place in the queue when the signal aborts', async () => {
  const gate = new Gate();
  const queue = new FairQueue(1, 2);
  const first = queue.run(1, gate.work('a'));
  const gone = new AbortController();
  const second = queue.run(1, gate.work('b'), gone.signal);
  const reason = new Error('gone');
  gone.abort(reason);
  await expect(second).rejects.toBe(reason);
  const third = queue.run(1, gate.work('c'));
  await gate.next();
  await gate.next();
  expect(await Promise.all([first, third])).toEqual([['a0'], ['c0']]);
  expect(gate.started).toEqual(['a0', 'c0']);
});

it('does nothing for no parts', async () => {
  expect(await new FairQueue(1, 1).run(0, () => Promise.reject(new Error('called')))).toEqual([]);
});
