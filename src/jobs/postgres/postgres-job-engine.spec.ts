import { randomUUIDv7 } from 'node:crypto';
import { once } from 'node:events';
import { Logger } from '@nestjs/common';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { HAS_POSTGRES, Postgres } from '../../../test/support/postgres.js';
import { loadConfig } from '../../common/config/config.js';
import { Database } from '../../database/database.js';
import { DatabaseUnavailableError } from '../../database/database-errors.js';
import { JobsUnavailableError } from '../engine-errors.js';
import type { JobActivity } from '../job-engine.js';
import type { ArtifactStore } from '../../artifacts/artifact-store.js';
import { JobRunner } from '../job-runner.js';
import { JobTypes } from '../job-types.js';
import { describeJobEngine } from '../job-engine.contract.js';
import { PostgresJobEngine } from './postgres-job-engine.js';
import { REPORT } from './statements.js';

/** Dead processes are found soon. */
const LEASE_SECONDS = 2;

describe.skipIf(!HAS_POSTGRES)('on a real PostgreSQL', () => {
  let postgres: Postgres;
  beforeAll(async () => {
    postgres = await Postgres.start();
  }, 60_000);
  afterAll(() => postgres?.stop());

  describeJobEngine('PostgresJobEngine', async () => {
    const url = await postgres.newDatabase();
    return {
      engine: () => new PostgresJobEngine(new Database(url), LEASE_SECONDS),
      remove: async () => undefined,
    };
  });

  it('passes over what others say on its channel', async () => {
    const database = new Database(await postgres.newDatabase());
    const engine = new PostgresJobEngine(database);
    await engine.open();
    const heard = Promise.withResolvers<JobActivity>();
    engine.listen(heard.resolve);
    const activity = { job: randomUUIDv7(), type: 't' };
    const message = JSON.stringify({ from: 'another', jobs: [[activity.job, activity.type]] });
    await database.notifications.send('kriged_job', ['no JSON', 'null', '{"from":"another"}', message]);
    expect(await heard.promise).toEqual(activity);
    await engine.close();
  });

  it('lets a runner stop whose database is not reached', async () => {
    vi.spyOn(Logger.prototype, 'error').mockReturnValue();
    const database = new Database(await postgres.newDatabase());
    const engine = new PostgresJobEngine(database);
    await engine.open();
    const id = randomUUIDv7();
    await engine.create([{ id, type: 't', request: null, priority: 0, maxAttempts: 1, timeLimitSeconds: 9 }]);
    const begun = Promise.withResolvers<void>();
    const types = new JobTypes();
    types.register({
      name: 't',
      concurrency: 1,
      isPart: false,
      run: async (_request, { signal }) => {
        begun.resolve();
        await once(signal, 'abort');
        throw signal.reason;
      },
    });
    const runner = new JobRunner(types, engine, {} as ArtifactStore, loadConfig({}));
    runner.start();
    await begun.promise;
    vi.spyOn(database, 'query').mockRejectedValue(new DatabaseUnavailableError());
    await runner.stop();
    vi.restoreAllMocks();
    expect(await engine.find(id)).toMatchObject({ state: 'running' });
    await engine.close();
  });

  it('keeps what an attempt said last where the database could not be reached at once', async () => {
    const database = new Database(await postgres.newDatabase());
    const engine = new PostgresJobEngine(database);
    await engine.open();
    const id = randomUUIDv7();
    await engine.create([{ id, type: 't', request: null, priority: 0, maxAttempts: 1, timeLimitSeconds: 1 }]);
    const [claim] = await engine.claim('t', 1);
    const query = database.query.bind(database);
    let isReached = false;
    vi.spyOn(database, 'query').mockImplementation(async (statement, values) => {
      if (statement !== REPORT || isReached) return query(statement, values);
      isReached = true;
      throw new DatabaseUnavailableError();
    });
    const progress = { done: 4, total: 4 };
    await engine.report(claim, { progress, log: ['the last line'] });
    await expect(engine.succeed(claim, {})).rejects.toThrow(JobsUnavailableError);
    expect(await engine.succeed(claim, {})).toBe(true);
    expect(await engine.find(id)).toMatchObject({ state: 'succeeded', progress, log: ['the last line'] });
    await engine.close();
  });
});
