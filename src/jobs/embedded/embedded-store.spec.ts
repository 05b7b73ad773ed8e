import { randomUUIDv7 } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Logger } from '@nestjs/common';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ConfigError } from '../../common/config/config.js';
import { lockDataFolder } from '../../common/files/data-folder.js';
import { FileLock } from '../../common/files/file-lock.js';
import { ClaimLostError, JobsUnavailableError } from '../engine-errors.js';
import { LOG_TAIL_LINES, type NewJob } from '../job.js';
import { openDatabase } from './database.js';
import { EmbeddedJobEngine } from './embedded-job-engine.js';
import { JobStore } from './job-store.js';
import { MIGRATIONS } from './schema.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kriged-store-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
  vi.restoreAllMocks();
});

function newJob(request: string): NewJob {
  return { id: randomUUIDv7(), type: 't', request, priority: 0, maxAttempts: 2, timeLimitSeconds: 1 };
}

async function expectOneLine(opening: Promise<unknown>, line: RegExp): Promise<void> {
  await expect(opening).rejects.toThrow(ConfigError);
  await expect(opening).rejects.toThrow(line);
}

describe('the jobs of DATA_DIR', () => {
  it('are made where there are none, at the newest schema, flushed at every commit', async () => {
    const database = await openDatabase(join(folder, 'new/below'));
    const pragma = (name: string): unknown => Object.values(database.prepare(`PRAGMA ${name}`).get()!)[0];
    expect(pragma('user_version')).toBe(MIGRATIONS.length);
    expect(pragma('journal_mode')).toBe('wal');
    expect(pragma('synchronous')).toBe(2);
    database.close();
    (await openDatabase(join(folder, 'new/below'))).close();
  });

  it.each([
    ['garbage', (path: string) => writeFileSync(path, 'no database at all'.repeat(1000))],
    ['a folder', (path: string) => mkdirSync(path)],
    [
      'a database with tables of its own',
      (path: string) => new DatabaseSync(path).exec('CREATE TABLE jobs (x)'),
    ],
  ])('end the start in one line where jobs.db is %s', async (_what, spoil) => {
    spoil(join(folder, 'jobs.db'));
    await expectOneLine(
      new EmbeddedJobEngine(folder).open(),
      /^DATA_DIR is ".*", expected [^\n]*jobs\.db[^\n]*\.$/,
    );
  });

  it('end the start in one line where a newer version has used them', async () => {
    const database = await openDatabase(folder);
    database.exec(`PRAGMA user_version = ${MIGRATIONS.length + 1}`);
    database.close();
    await expectOneLine(
      openDatabase(folder),
      /expected a folder that no newer version of Kriged has used\.$/,
    );
  });

  it('end the start in one line where a file has the place of a folder', async () => {
    writeFileSync(join(folder, 'file'), '');
    await expectOneLine(openDatabase(join(folder, 'file')), /^DATA_DIR is .*\.$/);
    await expectOneLine(openDatabase(join(folder, 'file/below')), /^DATA_DIR is .* may make and write\.$/);
    writeFileSync(join(folder, 'owners'), '');
    await expectOneLine(new EmbeddedJobEngine(folder).open(), /^DATA_DIR is .*\.$/);
  });

  it.skipIf(process.getuid?.() === 0)('end the start in one line where they cannot be written', async () => {
    chmodSync(folder, 0o500);
    await expectOneLine(openDatabase(folder), /^DATA_DIR is .*\.$/);
    await expectOneLine(lockDataFolder(folder), /^DATA_DIR is .*\.$/);
    chmodSync(folder, 0o700);
  });
});

describe('a delayed job', () => {
  it('is told of when its time has come, though nobody asks', async () => {
    const engine = new EmbeddedJobEngine(folder);
    await engine.open();
    await engine.create([{ ...newJob('later'), startAfter: new Date(Date.now() + 200) }]);
    const told = Promise.withResolvers<void>();
    engine.listen(() => told.resolve());
    await told.promise;
    expect(await engine.claim('t', 1)).toHaveLength(1);
    await engine.close();
  });
});

describe('what a job says', () => {
  it('is kept as far as it may be asked for', async () => {
    const database = await openDatabase(folder);
    const store = new JobStore(database);
    const [{ job }] = store.create([newJob('x')]);
    const [{ key }] = store.claim('t', 1, 'me');
    const last = LOG_TAIL_LINES + 9;
    for (let done = 0; done <= last; done++) {
      store.report(key, { progress: { done, total: last }, log: [`line ${done}`] });
    }
    const events = store.events(job.id, 0);
    const said = events.filter(({ type }) => type === 'log').map(({ data }) => data);
    const kept = Array.from({ length: LOG_TAIL_LINES }, (_, i) => ({ lines: [`line ${i + 10}`] }));
    expect(said).toEqual(kept);
    const progress = events.filter(({ type }) => type === 'progress').map(({ data }) => data);
    expect(progress).toEqual([{ done: last, total: last }]);
    database.close();
  });

  it('is written later where it could not be at once', async () => {
    const logged = vi.spyOn(Logger.prototype, 'error').mockReturnValue(undefined);
    const engine = new EmbeddedJobEngine(folder);
    await engine.open();
    const [{ job }] = await engine.create([newJob('x')]);
    const [claim] = await engine.claim('t', 1);
    const progress = { done: 1, total: 2 };
    await engine.report(claim, { progress, log: ['first'] });
    vi.spyOn(DatabaseSync.prototype, 'exec').mockImplementationOnce(() => {
      throw new Error('The disk is full.');
    });
    await vi.waitFor(() => expect(logged).toHaveBeenCalled(), 5000);
    await engine.report(claim, { log: ['second'] });
    await engine.succeed(claim, {});
    expect(await engine.find(job.id)).toMatchObject({ progress, log: ['first', 'second'] });
    await engine.close();
  });
});

describe('jobs that are removed', () => {
  it('leave no row behind', async () => {
    const engine = new EmbeddedJobEngine(folder);
    await engine.open();
    const [{ job }] = await engine.create([newJob('whole')]);
    await engine.create([{ ...newJob('part'), parent: job.id }]);
    await engine.cancel(job.id);
    const later = new Date(Date.now() + 60_000);
    expect(await engine.prune({ succeeded: later, failed: later }, 10)).toEqual([job.id]);
    await engine.close();
    const database = await openDatabase(folder);
    for (const table of ['jobs', 'events']) {
      expect(database.prepare(`SELECT * FROM ${table}`).all()).toEqual([]);
    }
    database.close();
  });
});

describe('a full disk', () => {
  it('makes jobs unavailable, harms none, and is no trouble any more when there is room', async () => {
    vi.spyOn(Logger.prototype, 'error').mockReturnValue(undefined);
    const engine = new EmbeddedJobEngine(folder);
    await engine.open();
    const [{ job }] = await engine.create([newJob('small')]);
    const [claim] = await engine.claim('t', 1);
    // The engine's own connection is limited, as the disk would limit it: SQLITE_FULL.
    const prepare = vi.spyOn(DatabaseSync.prototype, 'exec');
    await engine.report(claim, { log: ['x'] });
    await engine.create([newJob('another')]);
    const database = prepare.mock.contexts[0] as DatabaseSync;
    const { page_count: pages } = database.prepare('PRAGMA page_count').get() as { page_count: number };
    const { max_page_count: most } = database.prepare('PRAGMA max_page_count').get() as {
      max_page_count: number;
    };
    database.exec(`PRAGMA max_page_count = ${pages + 1}`);

    const large = newJob('x'.repeat(100_000));
    const small = newJob('y');
    const [alsoRefused, refused] = await Promise.allSettled([engine.create([small]), engine.create([large])]);
    for (const result of [refused, alsoRefused]) {
      expect(result).toMatchObject({ status: 'rejected', reason: expect.any(JobsUnavailableError) });
    }
    expect(await engine.find(small.id)).toBeUndefined();
    expect((refused as PromiseRejectedResult).reason).toMatchObject({ kind: 'unavailable' });
    expect(await engine.find(large.id)).toBeUndefined();
    await expect(engine.succeed(claim, { value: 'x'.repeat(100_000) })).rejects.toThrow(JobsUnavailableError);
    expect(await engine.find(job.id)).toMatchObject({ state: 'running' });

    database.exec(`PRAGMA max_page_count = ${most}`);
    expect(await engine.succeed(claim, { value: 'x'.repeat(100_000) })).toBe(true);
    expect((await engine.create([large]))[0].isNew).toBe(true);
    await engine.close();
  });
});

describe('a claim that is lost', () => {
  it('settles nothing, and says so to its holder', async () => {
    const engine = new EmbeddedJobEngine(folder);
    await engine.open();
    const [{ job }] = await engine.create([newJob('x')]);
    const [claim] = await engine.claim('t', 1);
    // As another process would that took this one for dead.
    const database = await openDatabase(folder);
    const store = new JobStore(database);
    const { owner } = database.prepare('SELECT owner FROM jobs').get() as { owner: string };
    store.takeBack(owner);
    const [first] = store.claim('t', 1, owner);
    await vi.waitFor(() => expect(claim.signal.reason).toBeInstanceOf(ClaimLostError), 5000);
    expect(await engine.succeed(claim, {})).toBe(false);

    store.takeBack(owner);
    store.retry(job.id);
    const [second] = store.claim('t', 1, owner);
    expect(store.succeed(first.key, { value: 'first' })).toBe(false);
    expect(store.giveBack(first.key)).toBe(false);
    expect(store.succeed(second.key, { value: 'second' })).toBe(true);
    expect(await engine.find(job.id)).toMatchObject({ state: 'succeeded', result: { value: 'second' } });
    database.close();
    await engine.close();
  });
});

describe('the lock of DATA_DIR', () => {
  it('keeps a second server out, in one line', async () => {
    await lockDataFolder(folder);
    await expectOneLine(
      lockDataFolder(folder),
      /^DATA_DIR is ".*", expected a folder that is not in use by another process\.$/,
    );
  });

  it('is free when it has been released', async () => {
    const path = join(folder, 'lock');
    const lock = await FileLock.take(path);
    expect(await FileLock.take(path)).toBeUndefined();
    lock!.release();
    (await FileLock.take(path))!.release();
  });
});

describe('the owners of jobs', () => {
  it('leave no file behind, and those of dead ones are removed', async () => {
    const engine = new EmbeddedJobEngine(folder);
    await engine.open();
    await engine.close();
    const owners = join(folder, 'owners');
    expect(readdirSync(owners)).toEqual([]);

    const living = await FileLock.take(join(owners, 'living'));
    for (const name of ['dead', 'new']) writeFileSync(join(owners, name), '');
    for (const name of ['dead', 'living']) utimesSync(join(owners, name), new Date(0), new Date(0));
    await engine.open();
    expect(existsSync(join(owners, 'dead'))).toBe(false);
    expect(existsSync(join(owners, 'living'))).toBe(true);
    expect(existsSync(join(owners, 'new'))).toBe(true);
    await engine.close();
    living!.release();
  });

  it('leave no file behind when their jobs have been taken back', async () => {
    const engine = new EmbeddedJobEngine(folder);
    await engine.open();
    const [{ job }] = await engine.create([newJob('x')]);
    await engine.claim('t', 1);
    await engine.close();
    await engine.open();
    expect(await engine.find(job.id)).toMatchObject({ state: 'queued' });
    await engine.close();
    expect(readdirSync(join(folder, 'owners'))).toEqual([]);
  });

  it('keep what they run for as long as they live, however slow they are', async () => {
    const [slow, other] = [new EmbeddedJobEngine(folder), new EmbeddedJobEngine(folder)];
    await slow.open();
    const [{ job }] = await slow.create([newJob('x')]);
    const [claim] = await slow.claim('t', 1);
    await other.open();
    expect(await other.claim('t', 1)).toEqual([]);
    expect(await other.find(job.id)).toMatchObject({ state: 'running' });
    expect(await slow.succeed(claim, {})).toBe(true);
    await Promise.all([slow.close(), other.close()]);
  });
});
