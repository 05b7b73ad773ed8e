import { setTimeout as sleep } from 'node:timers/promises';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { JobEngine } from '../src/jobs/job-engine.js';
import { newJobId } from '../src/jobs/job-id.js';
import { expectProblem, paths } from './support/problem.js';
import { addSumJobs, Gates, sumClient } from './support/sum-jobs.js';
import { useApp } from './support/test-app.js';
import { EventWatcher } from './support/watch-events.js';

const UNKNOWN = newJobId();
const gates = new Gates();
let gate = '';
beforeEach(() => {
  gate = newJobId();
});

describe('GET /jobs/{id}/events', () => {
  const app = useApp({}, {}, (nest) => addSumJobs(nest, gates));
  const { made, show, ended, running } = sumClient(app);
  const watch = (id: string, after?: number | string): EventWatcher =>
    new EventWatcher(
      app.port,
      `/jobs/${id}/events`,
      after === undefined ? {} : { 'Last-Event-ID': String(after) },
    );

  it('tells all that happens, to the end', async () => {
    const id = await made({ numbers: [1, 2], gate });
    const watcher = watch(id);
    await watcher.until(() => watcher.events.some(({ event }) => event === 'log'));
    expect(watcher.status).toBe(200);
    expect(watcher.headers).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
    });
    gates.open(gate);
    await watcher.ended;
    const states = watcher.events.filter(({ event }) => event === 'state').map(({ data }) => data['state']);
    expect(states).toEqual(['queued', 'running', 'succeeded']);
    expect(watcher.events.at(-1)).toMatchObject({ event: 'state', data: { state: 'succeeded' } });
    expect(watcher.events.map(({ id: one }) => one)).toEqual(
      watcher.events.map(({ id: one }) => one).toSorted((a, b) => a - b),
    );
    expect(watcher.events.some(({ event, data }) => event === 'progress' && data['total'] === 2)).toBe(true);
    for (const { data } of watcher.events) expect(data['at']).toMatch(/^\d{4}-.*Z$/);
  });

  it('goes on where a client was, without a gap or anything twice', async () => {
    const id = await made({ numbers: [1, 2, 3], gate });
    const whole = watch(id);
    const seen: number[] = [];
    // Hangs up after every second event, and comes again.
    await running(id);
    for (let round = 0; seen.length < 4; round++) {
      const watcher = watch(id, seen.at(-1));
      await watcher.until(() => watcher.events.length > 0);
      seen.push(...watcher.events.slice(0, 2).map(({ id: one }) => one));
      watcher.close();
      if (round === 0) gates.open(gate);
    }
    await whole.ended;
    const rest = watch(id, seen.at(-1));
    await rest.ended;
    seen.push(...rest.events.map(({ id: one }) => one));
    // Of progress only the latest is kept: what the whole stream has and the pieces lack is that.
    expect(new Set(seen).size).toBe(seen.length);
    const all = new Map(whole.events.map((event) => [event.id, event]));
    for (const [one, { event }] of all) if (event !== 'progress') expect(seen).toContain(one);
    for (const one of seen) expect(all.has(one) || one < (whole.events[0]?.id ?? 0)).toBe(true);
  });

  it('ends at once for a job that has ended, and tells who has it all not to come again', async () => {
    const id = await made({ numbers: [1] });
    await ended(id);
    const watcher = watch(id);
    await watcher.ended;
    const last = watcher.events.at(-1);
    expect(last?.data['state']).toBe('succeeded');
    const again = watch(id, last?.id);
    await again.ended;
    expect([again.status, again.events]).toEqual([204, []]);
    const head = await app.request().head(`/jobs/${id}/events`).expect(200);
    expect(head.headers['content-type']).toContain('text/event-stream');
  });

  it.each(['x', '-1', '1.5', '9'.repeat(20)])('refuses the Last-Event-ID %s', async (last) => {
    const response = await app.request().get(`/jobs/${UNKNOWN}/events`).set('Last-Event-ID', last);
    expect(paths(expectProblem(response, 400, 'INVALID_INPUT'))).toEqual(['Last-Event-ID']);
  });

  it('reads the store once for many watchers, and for none that are gone', async () => {
    const engine = app.get<JobEngine>(JobEngine);
    const id = await made({ numbers: [1], gate });
    await running(id);
    const watchers = Array.from({ length: 100 }, () => watch(id));
    for (const watcher of watchers) await watcher.until(() => watcher.events.length >= 3);
    const reads = vi.spyOn(engine, 'events');
    gates.open(gate);
    await Promise.all(watchers.map((watcher) => watcher.ended));
    for (const watcher of watchers) expect(watcher.events.at(-1)?.data['state']).toBe('succeeded');
    expect(reads.mock.calls.length).toBeLessThan(10);
    reads.mockClear();

    gate = newJobId();
    const left = await made({ numbers: [1], gate });
    await running(left);
    const leaving = watch(left);
    await leaving.until(() => leaving.events.length >= 2);
    leaving.close();
    await leaving.ended.catch(() => undefined);
    // The server has seen it go when it has answered what came after.
    await show(left);
    await sleep(50);
    reads.mockClear();
    gates.open(gate);
    await ended(left);
    expect(reads).not.toHaveBeenCalled();
    reads.mockRestore();
  });
});
