import { randomUUIDv7 } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { loadConfig } from '../../common/config/config.js';
import { EmbeddedJobEngine } from '../embedded/embedded-job-engine.js';
import { JobTypes } from '../job-types.js';
import { WebhookAccess } from './webhook-access.js';
import { WEBHOOK_TYPE } from './webhook.job-type.js';
import { WebhookOutbox } from './webhook-outbox.js';

const HOUR_MS = 3_600_000;

it('makes no delivery again that failed and whose record is gone, though its job is kept for longer', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'kriged-outbox-'));
  const config = loadConfig({
    DATA_DIR: folder,
    JOBS_RETENTION_HOURS: '100',
    JOBS_RETENTION_FAILED_HOURS: '10',
    WEBHOOK_HOSTS: 'example.org',
  });
  const engine = new EmbeddedJobEngine(folder);
  await engine.open();
  const outbox = new WebhookOutbox(engine, new JobTypes(), new WebhookAccess(config), config);
  const deliveries = async (): Promise<number> =>
    (await engine.list({ type: WEBHOOK_TYPE, limit: 10 })).length;
  const now = Date.now();
  try {
    const webhook = 'https://example.org/';
    const job = { id: randomUUIDv7(), type: 't', request: null, priority: 0, maxAttempts: 1 };
    await engine.create([{ ...job, timeLimitSeconds: 1, webhook }]);
    await engine.succeed((await engine.claim('t', 1))[0], {});
    outbox.onApplicationBootstrap();
    await vi.waitFor(async () => expect(await deliveries()).toBe(1));
    outbox.onModuleDestroy();
    const [claim] = await engine.claim(WEBHOOK_TYPE, 1);
    await engine.fail(claim, { code: 'WEBHOOK_FAILED', message: 'The receiver answered 410.' });

    vi.spyOn(Date, 'now').mockReturnValue(now + 20 * HOUR_MS);
    const endedBefore = {
      succeeded: new Date(now - 80 * HOUR_MS),
      failed: new Date(now + 10 * HOUR_MS),
    };
    expect(await engine.prune(endedBefore, 10)).toEqual([claim.job.id]);
    const list = vi.spyOn(engine, 'list');
    outbox.onApplicationBootstrap();
    // One after another, for each state that jobs end in: what the first page leads to is there when the last is asked for.
    await vi.waitFor(() => expect(list).toHaveBeenCalledTimes(3));
    expect(await deliveries()).toBe(0);
  } finally {
    outbox.onModuleDestroy();
    vi.restoreAllMocks();
    await engine.close();
    rmSync(folder, { recursive: true });
  }
});
