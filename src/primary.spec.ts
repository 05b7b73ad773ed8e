import { EventEmitter } from 'node:events';
import cluster from 'node:cluster';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { loadConfig } from './common/config/config.js';
import { runPrimary } from './primary.js';

class FakeProcess extends EventEmitter {
  readonly kill = vi.fn();
  readonly send = vi.fn();
}

class FakeWorker extends EventEmitter {
  readonly process = new FakeProcess();
}

/** What this process is told, and no other listener of it hears. */
let signals: EventEmitter;
let forked: FakeWorker[];

beforeEach(() => {
  forked = [];
  signals = new EventEmitter();
  vi.spyOn(process, 'on').mockImplementation((name, listener) => {
    signals.on(name, listener);
    return process;
  });
  vi.spyOn(cluster, 'fork').mockImplementation(() => {
    const worker = new FakeWorker();
    forked.push(worker);
    cluster.workers![forked.length] = worker as never;
    return worker as never;
  });
  Object.assign(cluster, { workers: {} });
  runPrimary(loadConfig({ PROCESSES: '3' }));
});

afterEach(() => {
  vi.restoreAllMocks();
});

it('starts the others once the first listens', () => {
  expect(forked).toHaveLength(1);
  forked[0].emit('listening');
  expect(forked).toHaveLength(3);
});

it('starts no other process once it was told to stop', () => {
  signals.emit('SIGTERM');
  expect(forked[0].process.kill).toHaveBeenCalledWith('SIGTERM');
  // Sent before the signal came, and heard after it.
  forked[0].emit('listening');
  expect(forked).toHaveLength(1);
});
