import { randomUUIDv7 } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import { expect, it, vi } from 'vitest';
import { ArtifactNotFoundError } from '../artifacts/artifact-errors.js';
import type { ArtifactStore } from '../artifacts/artifact-store.js';
import { FileArtifactStore } from '../artifacts/file-artifact-store.js';
import { loadConfig } from '../common/config/config.js';
import { EmbeddedJobEngine } from './embedded/embedded-job-engine.js';
import type { JobEngine } from './job-engine.js';
import { JobRetention } from './job-retention.js';

it('removes the jobs whose time is over, with their files, and no others', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'kriged-retention-'));
  const engine = new EmbeddedJobEngine(folder);
  const artifacts = new FileArtifactStore(join(folder, 'artifacts'));
  await artifacts.open();
  await engine.open();
  const jobs = Array.from({ length: 120 }, () => ({
    id: randomUUIDv7(),
    type: 't',
    request: null,
    priority: 0,
    maxAttempts: 1,
    timeLimitSeconds: 1,
  }));
  await engine.create(jobs);
  const claims = await engine.claim('t', 119);
  await Promise.all(claims.map((claim) => engine.succeed(claim, {})));
  await engine.cancel(jobs[119].id);
  const keys = [jobs[0], jobs[119]].map(({ id }) => `jobs/${id}/file`);
  for (const key of keys) await artifacts.put(key, Buffer.from('x'), { mediaType: 'text/plain' });

  const config = loadConfig({
    DATA_DIR: folder,
    JOBS_RETENTION_HOURS: '2',
    JOBS_RETENTION_FAILED_HOURS: '4',
  });
  const retention = new JobRetention(config, engine, artifacts);
  const later = (hours: number): unknown => vi.spyOn(Date, 'now').mockReturnValue(now + hours * 3_600_000);
  const now = Date.now();
  try {
    later(1);
    await retention.prune();
    expect(await engine.counts()).toContainEqual({ type: 't', state: 'succeeded', count: 119 });
    later(3);
    await retention.prune();
    expect(await engine.counts()).toEqual([{ type: 't', state: 'cancelled', count: 1 }]);
    await expect(artifacts.read(keys[0])).rejects.toThrow(ArtifactNotFoundError);
    (await artifacts.read(keys[1])).destroy();
    later(5);
    await retention.prune();
    expect(await engine.counts()).toEqual([]);
    await expect(artifacts.read(keys[1])).rejects.toThrow(ArtifactNotFoundError);
  } finally {
    vi.restoreAllMocks();
    await engine.close();
    rmSync(folder, { recursive: true });
  }
});

/** An engine that gives these jobs away, a batch each time. */
function engineOf(...batches: string[][]): JobEngine {
  return { prune: async () => batches.shift() ?? [] } as unknown as JobEngine;
}

it('removes the files later that it could not remove at first', async () => {
  const removed: string[] = [];
  let isThere = false;
  const artifacts = {
    remove: async (prefix: string) => {
      if (!isThere) throw new Error('The store is not there.');
      removed.push(prefix);
    },
  };
  const engine = engineOf(['a', 'b'], ['c']);
  const retention = new JobRetention(loadConfig({}), engine, artifacts as ArtifactStore);
  vi.spyOn(Logger.prototype, 'error').mockReturnValue();
  await retention.prune();
  vi.restoreAllMocks();
  expect(removed).toEqual([]);
  isThere = true;
  await retention.prune();
  expect(removed.toSorted()).toEqual(['jobs/a/', 'jobs/b/', 'jobs/c/']);
});

it('stops when all that it has begun is done, however long that takes', async () => {
  vi.useFakeTimers();
  const removing = Promise.withResolvers<void>();
  const artifacts = { remove: () => removing.promise };
  const engine = engineOf(['a']);
  const retention = new JobRetention(loadConfig({}), engine, artifacts as unknown as ArtifactStore);
  try {
    retention.start();
    await vi.advanceTimersByTimeAsync(3_600_000);
    let isStopped = false;
    const stopped = retention.stop().then(() => (isStopped = true));
    await vi.advanceTimersByTimeAsync(0);
    expect(isStopped).toBe(false);
    removing.resolve();
    await stopped;
  } finally {
    vi.useRealTimers();
  }
});
