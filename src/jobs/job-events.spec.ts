import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { EventWatcher } from '../../test/support/watch-events.js';
import type { Job, JobEvent } from './job.js';
import { JobChanges } from './job-changes.js';
import type { JobActivity, JobEngine } from './job-engine.js';
import { JobEvents } from './job-events.js';

const ID = '0198c6a4-6d3e-7a10-8f6b-2f1d3c5e7a90';

/** What an engine tells of one job, as the test has it. */
class OneJob implements Pick<JobEngine, 'find' | 'events' | 'listen'> {
  state: Job['state'] = 'running';
  readonly happened: JobEvent[] = [];
  tell: (activity: JobActivity) => void = () => {};
  failure: Error | undefined;
  /** Events are given when it has resolved. */
  readable: Promise<void> = Promise.resolve();

  async find(): Promise<Job> {
    return { id: ID, state: this.state } as Job;
  }

  async events(_id: string, after: number): Promise<JobEvent[]> {
    await this.readable;
    if (this.failure) throw this.failure;
    return this.happened.filter(({ id }) => id > after);
  }

  listen(listener: (activity: JobActivity) => void): () => void {
    this.tell = listener;
    return () => {};
  }

  happen(data: JobEvent['data'], isHeard = true): void {
    this.happened.push({ id: this.happened.length + 1, at: new Date(0), type: 'log', data });
    if (isHeard) this.tell({ job: ID, type: 'test' });
  }
}

let engine: OneJob;
let changes: JobChanges;
let events: JobEvents;
let server: Server;
let response: ServerResponse;
let watcher: EventWatcher;
let ignored: number;
/** Clients are served when it has resolved. */
let served: Promise<void>;

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  engine = new OneJob();
  changes = new JobChanges(engine as unknown as JobEngine);
  const on = changes.on.bind(changes);
  ignored = 0;
  served = Promise.resolve();
  vi.spyOn(changes, 'on').mockImplementation((job, listener) => {
    const ignore = on(job, listener);
    return () => {
      ignored++;
      ignore();
    };
  });
  events = new JobEvents(engine as unknown as JobEngine, changes);
  changes.onModuleInit();
  events.onApplicationBootstrap();
  server = createServer((_request, answer) => {
    response = answer;
    void served.then(async () => events.stream(await engine.find(), 0, answer));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  engine.happen({ line: 'a' });
  watcher = new EventWatcher((server.address() as AddressInfo).port, '/');
  await watcher.until(() => watcher.events.length === 1);
});

afterEach(() => {
  changes.onModuleDestroy();
  server.closeAllConnections();
  server.close();
  vi.useRealTimers();
});

it('keeps a quiet stream alive', async () => {
  expect(watcher.comments).toEqual([]);
  vi.advanceTimersByTime(15_000);
  await watcher.until(() => watcher.comments.length === 1);
  engine.happen({ line: 'b' });
  await watcher.until(() => watcher.events.length === 2);
  expect(watcher.events.map(({ id, event, data }) => [id, event, data['line']])).toEqual([
    [1, 'log', 'a'],
    [2, 'log', 'b'],
  ]);
});

it('comes upon what nobody told it', async () => {
  engine.happen({ line: 'b' }, false);
  engine.state = 'succeeded';
  vi.advanceTimersByTime(15_000);
  await watcher.ended;
  expect(watcher.events).toHaveLength(2);
});

it('forgets a job that nobody watches any more', async () => {
  watcher.close();
  await vi.waitFor(() => expect(ignored).toBe(1));
});

it('keeps nothing of a client that hung up before it was served', async () => {
  const serving = Promise.withResolvers<void>();
  served = serving.promise;
  const first = response;
  const hasty = new EventWatcher((server.address() as AddressInfo).port, '/');
  hasty.ended.catch(() => undefined);
  await vi.waitFor(() => expect(response).not.toBe(first));
  hasty.close();
  await once(response, 'close');
  watcher.close();
  await vi.waitFor(() => expect(ignored).toBe(1));
  serving.resolve();
  await vi.waitFor(() => expect(ignored).toBe(2));
});

it('sends nothing more where the server stops while it looks', async () => {
  const broken = vi.fn<(error: Error) => void>();
  response.on('error', broken);
  const reading = Promise.withResolvers<void>();
  engine.readable = reading.promise;
  engine.happen({ line: 'b' });
  events.beforeApplicationShutdown();
  reading.resolve();
  await watcher.ended;
  expect(watcher.events).toHaveLength(1);
  expect(broken).not.toHaveBeenCalled();
});

it('lets go of its watchers when the server stops', async () => {
  events.beforeApplicationShutdown();
  await watcher.ended;
  expect(watcher.events).toHaveLength(1);
});

it('ends streams that it cannot go on with: clients come again', async () => {
  const logged = vi.spyOn(events['logger'], 'error').mockReturnValue();
  engine.failure = new Error('the disk is gone');
  engine.happen({ line: 'b' });
  await watcher.ended;
  expect(logged).toHaveBeenCalledWith(engine.failure);
});

it('leaves the events of a slow watcher in the store, and sends them when it reads on', async () => {
  const line = 'x'.repeat(64 * 1024);
  watcher.pause();
  for (let i = 0; i < 400; i++) engine.happen({ line });
  engine.state = 'succeeded';
  engine.happen({ line: 'last' });
  await vi.waitFor(() => expect(response.writableNeedDrain).toBe(true));
  await new Promise(setImmediate);
  expect(response.writableLength).toBeLessThan(4 * line.length);
  watcher.resume();
  await watcher.ended;
  expect(watcher.events.map(({ id }) => id)).toEqual(engine.happened.map(({ id }) => id));
});
