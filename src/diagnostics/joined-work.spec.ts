import { describe, expect, it } from 'vitest';
import { JoinedWork } from './joined-work.js';

/** Work that waits to be told its end, and knows whether it was given up. */
function start() {
  let signal!: AbortSignal;
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const work = new JoinedWork((given) => {
    signal = given;
    return promise;
  });
  return { work, resolve, reject, isGivenUp: () => signal.aborted };
}

describe('joined work', () => {
  it('is done once for all who wait', async () => {
    const { work, resolve } = start();
    const both = [work.join(), work.join(new AbortController().signal)];
    resolve(7);
    expect(await Promise.all(both)).toEqual([7, 7]);
    expect(await work.join()).toBe(7);
    expect(work.isOver).toBe(false);
  });

  it('goes on for those who stay, and is given up when the last has gone', async () => {
    const { work, isGivenUp } = start();
    const [first, second] = [new AbortController(), new AbortController()];
    const waiting = [work.join(first.signal), work.join(second.signal)];
    first.abort(new Error('first gone'));
    await expect(waiting[0]).rejects.toThrow('first gone');
    expect(isGivenUp()).toBe(false);
    second.abort(new Error('second gone'));
    await expect(waiting[1]).rejects.toThrow('second gone');
    expect(isGivenUp()).toBe(true);
    expect(work.isOver).toBe(true);
  });

  it('is not given up by who came when it was done, or never began to wait', async () => {
    const { work, resolve, isGivenUp } = start();
    await expect(work.join(AbortSignal.abort(new Error('late')))).rejects.toThrow('late');
    expect(isGivenUp()).toBe(false);
    resolve(1);
    const late = new AbortController();
    expect(await work.join(late.signal)).toBe(1);
    late.abort();
    expect(isGivenUp()).toBe(false);
  });

  it('is over when it has failed', async () => {
    const { work, reject } = start();
    const waiting = work.join();
    reject(new Error('broken'));
    await expect(waiting).rejects.toThrow('broken');
    expect(work.isOver).toBe(true);
    const lonely = start();
    lonely.reject(new Error('broken'));
    await Promise.resolve();
    expect(lonely.work.isOver).toBe(true);
    expect(lonely.isGivenUp()).toBe(false);
  });
});
