import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { NestExpressApplication } from '@nestjs/platform-express';
import supertest from 'supertest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApp } from '../src/app.js';
import { loadConfig } from '../src/common/config/config.js';
import { HAS_POSTGRES, Postgres } from './support/postgres.js';
import { EXAMPLE } from './support/test-app.js';
import { WORKER_ENTRY } from './support/worker-entry.js';

describe.skipIf(!HAS_POSTGRES)('replicas of one database', () => {
  let postgres: Postgres;
  let folder: string;
  let apps: NestExpressApplication[];
  beforeAll(async () => {
    postgres = await Postgres.start();
    folder = mkdtempSync(join(tmpdir(), 'kriged-replicas-'));
    for (const name of ['one', 'two', 'far']) mkdirSync(join(folder, name), { recursive: true });
    // What comes to be behind a link is not watched, as on a network share.
    symlinkSync(join(folder, 'far/model'), join(folder, 'two/model'));
    const url = await postgres.newDatabase();
    apps = await Promise.all(['one', 'two'].map((models) => start(join(folder, models), url)));
  }, 100_000);
  afterAll(async () => {
    await Promise.all((apps ?? []).map((app) => app.close()));
    await postgres?.stop();
    rmSync(folder, { recursive: true });
  });

  async function start(models: string, url: string): Promise<NestExpressApplication> {
    const env = { MODELS_DIR: models, DATABASE_URL: url, MODELS_POLL_MS: '0', LOG_LEVEL: 'silent' };
    const app = await createApp(loadConfig({ ...env, DATA_DIR: join(folder, 'data') }), WORKER_ENTRY);
    await app.listen(0, '127.0.0.1');
    return app;
  }

  it('look at their folders when one of them was changed', async () => {
    const [one, two] = apps.map((app) => supertest(app.getHttpServer()));
    const version = join(folder, 'far/model/1');
    mkdirSync(version, { recursive: true });
    cpSync(EXAMPLE.copyOf, join(version, 'model.pkl'));
    utimesSync(join(version, 'model.pkl'), 1e9, 1e9);
    await sleep(1000);
    expect((await two.get('/models')).text).not.toContain('model.pkl');
    await one.post('/models/other').attach('file', EXAMPLE.copyOf).expect(201);
    for (let tries = 0; tries < 200; tries++) {
      if ((await two.get('/models')).text.includes('model.pkl')) return;
      await sleep(50);
    }
    expect.fail('The other replica has not looked.');
  }, 60_000);
});
