import { afterAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../config/config.js';
import type { Task } from './task.js';
import { WorkerPool } from './worker-pool.js';

const ENTRY = new URL('../../../test/support/mortal-worker.ts', import.meta.url);
const task = (name: string): Task<number, number> => ({ name, run: (input) => input });

describe('a pool of one worker', () => {
  const pool = new WorkerPool(loadConfig({ THREADS: '1' }), ENTRY);
  afterAll(() => pool.onApplicationShutdown());

  it('does what waits when the worker dies', async () => {
    const died = pool.run(task('die'), 0);
    const waiting = [1, 2, 3].map((input) => pool.run(task('echo'), input));
    await expect(died).rejects.toThrow('worker exited');
    expect(await Promise.all(waiting)).toEqual([1, 2, 3]);
    expect(pool.running).toBe(0);
  });
});

it('begins nothing once it is shut down', async () => {
  const pool = new WorkerPool(loadConfig({ THREADS: '1' }), ENTRY);
  const tasks = Promise.allSettled([1, 2, 3].map((input) => pool.run(task('place'), input)));
  await pool.onApplicationShutdown();
  expect((await tasks).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
  expect(pool.running).toBe(0);
});

describe('a pool of two workers', () => {
  const pool = new WorkerPool(loadConfig({ THREADS: '2' }), ENTRY);
  afterAll(() => pool.onApplicationShutdown());

  it('gives each task a place of its own, also after workers have died', async () => {
    const tasks = ['die', 'place', 'die', 'die', 'place', 'place', 'place', 'place'];
    const settled = await Promise.allSettled(tasks.map((name) => pool.run(task(name), 0)));
    expect(settled.map(({ status }) => status)).toEqual(
      tasks.map((name) => (name === 'die' ? 'rejected' : 'fulfilled')),
    );
    const places = await Promise.all(['place', 'place'].map((name) => pool.run(task(name), 0)));
    expect(new Set(places)).toEqual(new Set([0, 1]));
  });

  it('does not begin what nobody waits for any more', async () => {
    const busy = ['place', 'place'].map((name) => pool.run(task(name), 0));
    const gone = new AbortController();
    const waiting = pool.run(task('die'), 0, [], gone.signal);
    gone.abort();
    await expect(waiting).rejects.toThrow(gone.signal.reason as Error);
    await Promise.all(busy);
    expect(pool.running).toBe(0);
  });
});
