import { setTimeout as sleep } from 'node:timers/promises';
import { randomUUIDv7 } from 'node:crypto';
import { Logger } from '@nestjs/common';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { ClaimLostError, IdempotencyKeyReusedError, JobCancelledError } from './engine-errors.js';
import { type Job, type Json, LOG_TAIL_LINES, type NewJob } from './job.js';
import type { Claim, JobActivity, JobEngine } from './job-engine.js';

/** One place where jobs are kept. */
export interface JobStorePlace {
  /** An engine on it, not opened: each call makes another one, as another process would. */
  engine(): JobEngine;
  remove(): Promise<void>;
}

/** Engines tell other processes, and find dead ones, in their own time. */
const PATIENCE_MS = 25_000;
const LONGER_THAN_REPORTS_WAIT_MS = 5000;
const FAILURE = { code: 'SOME_FAILURE', message: 'Something failed.', details: { row: 3 } };

/** What every job engine has to satisfy. `makePlace`: an empty one. */
export function describeJobEngine(name: string, makePlace: () => Promise<JobStorePlace>): void {
  describe(`${name} keeps the contract of a job engine`, () => {
    let place: JobStorePlace;
    let engine: JobEngine;
    const opened: JobEngine[] = [];

    const open = async (): Promise<JobEngine> => {
      const made = place.engine();
      await made.open();
      opened.push(made);
      return made;
    };
    beforeAll(async () => {
      place = await makePlace();
      engine = place.engine();
      await engine.open();
    });
    afterEach(async () => {
      for (const other of opened.splice(0)) await other.close();
    });
    afterAll(async () => {
      await engine.close();
      await place.remove();
    });

    /** Each test has its own types of job, so that it sees no other's. */
    let count = 0;
    const newType = (): string => `type-${++count}`;
    const newJob = (type: string, facts: Partial<NewJob> = {}): NewJob => ({
      id: randomUUIDv7(),
      type,
      request: { rows: [1, 2.5], text: 'é' },
      priority: 0,
      maxAttempts: 3,
      timeLimitSeconds: 60,
      ...facts,
    });
    const create = async (...jobs: NewJob[]): Promise<Job[]> =>
      (await engine.create(jobs)).map(({ job }) => job);
    const claimOne = async (type: string, by = engine): Promise<Claim> => {
      let claim: Claim | undefined;
      await eventually(async () => expect(([claim] = await by.claim(type, 1))).toHaveLength(1));
      return claim!;
    };
    const find = async (id: string, by = engine): Promise<Job> => (await by.find(id))!;

    it('gives back a job as it was created', async () => {
      const type = newType();
      const startAfter = new Date(Date.now() + 3_600_000);
      const facts = {
        requestedBy: 'someone',
        priority: -7,
        startAfter,
        webhook: 'https://example.org/hook',
        timeLimitSeconds: 12.5,
      };
      const job = newJob(type, { ...facts, idempotency: { key: `${type}-key`, digest: 'd' } });
      const before = Date.now();
      expect(await engine.create([job])).toEqual([{ job: await engine.find(job.id), isNew: true }]);
      const { createdAt, ...found } = await find(job.id);
      expect(Math.abs(createdAt.getTime() - before)).toBeLessThan(60_000);
      expect(found).toEqual({
        id: job.id,
        type,
        state: 'queued',
        request: job.request,
        attempt: 0,
        maxAttempts: 3,
        cancelRequested: false,
        log: [],
        ...facts,
      });
      expect(await engine.find(randomUUIDv7())).toBeUndefined();
    });

    it('keeps jobs, results and events when it is closed and opened again', async () => {
      const type = newType();
      const [queued, done] = await create(newJob(type), newJob(type, { priority: 1 }));
      const first = await open();
      const claim = await claimOne(type, first);
      await first.succeed(claim, { value: { mean: [1, null] } });
      await first.close();
      const second = await open();
      expect(await find(queued.id, second)).toMatchObject({ state: 'queued' });
      expect(await find(done.id, second)).toMatchObject({
        state: 'succeeded',
        result: { value: { mean: [1, null] } },
      });
      const states = (await second.events(done.id, 0)).map(({ data }) => data['state']);
      expect(states).toEqual(['queued', 'running', 'succeeded']);
    });

    it('claims by priority, then by age', async () => {
      const type = newType();
      const priorities = [0, 0, 100, -100, 5, 0];
      const jobs: Job[] = [];
      for (const priority of priorities) jobs.push(...(await create(newJob(type, { priority }))));
      const order = [2, 4, 0, 1, 5, 3].map((i) => jobs[i].id);
      const claimed = [...(await engine.claim(type, 4)), ...(await engine.claim(type, 10))];
      expect(claimed.map(({ job }) => job.id)).toEqual(order);
      expect(claimed[0].job).toMatchObject({ state: 'running', attempt: 1, startedAt: expect.any(Date) });
      expect(await engine.claim(type, 1)).toEqual([]);
      for (const claim of claimed) await engine.stopped(claim);
    });

    it('keeps the types apart', async () => {
      const [type, other] = [newType(), newType()];
      await create(newJob(other));
      expect(await engine.claim(type, 1)).toEqual([]);
    });

    it('claims no job before its time, and tells when it has come', async () => {
      const type = newType();
      const activities: JobActivity[] = [];
      const [job] = await create(newJob(type, { startAfter: new Date(Date.now() + 1500), priority: 100 }));
      const ignore = engine.listen((activity) => activities.push(activity));
      expect(await engine.claim(type, 1)).toEqual([]);
      const [later] = await create(newJob(type));
      await eventually(async () =>
        expect((await engine.claim(type, 1)).map((claim) => claim.job.id)).toEqual([later.id]),
      );
      await eventually(async () =>
        expect((await engine.claim(type, 1)).map((claim) => claim.job.id)).toEqual([job.id]),
      );
      expect(Date.now()).toBeGreaterThanOrEqual(job.startAfter!.getTime());
      await eventually(() => expect(activities).toContainEqual({ job: job.id, type }));
      ignore();
    });

    it('makes one job of the same key and digest, also when they come at once', async () => {
      const type = newType();
      const other = await open();
      const idempotency = { key: `${type}/key`, digest: 'one' };
      const attempts = await Promise.all(
        [engine, other, engine, other].map((by) => by.create([newJob(type, { idempotency })])),
      );
      const created = attempts.flat();
      expect(created.filter(({ isNew }) => isNew)).toHaveLength(1);
      expect(new Set(created.map(({ job }) => job.id)).size).toBe(1);
      await engine.stopped(await claimOne(type));
      const [again] = await engine.create([newJob(type, { idempotency })]);
      expect(again).toMatchObject({ isNew: false, job: { id: created[0].job.id, state: 'cancelled' } });
    });

    it('refuses the same key with another digest', async () => {
      const type = newType();
      const key = `${type}/key`;
      const [job] = await create(newJob(type, { idempotency: { key, digest: 'one' } }));
      const other = newJob(type, { idempotency: { key, digest: 'two' } });
      await expect(engine.create([other])).rejects.toThrow(IdempotencyKeyReusedError);
      expect(await engine.list({ type, limit: 10 })).toEqual([job]);
    });

    it('creates all of several jobs, or none', async () => {
      const type = newType();
      const idempotency = { key: `${type}/key`, digest: 'one' };
      await create(newJob(type, { idempotency }));
      const jobs = [newJob(type), newJob(type, { idempotency: { ...idempotency, digest: 'two' } })];
      const alone = newJob(type);
      const [, ok] = await Promise.allSettled([engine.create(jobs), engine.create([alone])]);
      expect(ok.status).toBe('fulfilled');
      const ids = (await engine.list({ type, limit: 10 })).map(({ id }) => id);
      expect(ids).toHaveLength(2);
      expect(ids).toContain(alone.id);
      const many = await create(...Array.from({ length: 300 }, () => newJob(type)));
      expect(new Set(many.map(({ id }) => id)).size).toBe(300);
    });

    it('gives no job to two claims, in whichever engine', async () => {
      const type = newType();
      const jobs = await create(...Array.from({ length: 60 }, () => newJob(type)));
      const engines = [engine, await open()];
      const claimed: string[] = [];
      await eventually(async () => {
        const rounds = await Promise.all(engines.flatMap((by) => [by.claim(type, 3), by.claim(type, 4)]));
        for (const claims of rounds) claimed.push(...claims.map(({ job }) => job.id));
        expect(claimed).toHaveLength(60);
      });
      expect(claimed.toSorted()).toEqual(jobs.map(({ id }) => id).toSorted());
      expect(await engine.counts()).toContainEqual({ type, state: 'running', count: 60 });
    });

    it('settles a claim once', async () => {
      const type = newType();
      const [job] = await create(newJob(type));
      const claim = await claimOne(type);
      expect(await engine.succeed(claim, { value: 1 })).toBe(true);
      expect(await engine.succeed(claim, { value: 2 })).toBe(false);
      expect(await engine.fail(claim, FAILURE)).toBe(false);
      expect(await engine.stopped(claim)).toBe(false);
      expect(await engine.giveBack(claim)).toBe(false);
      expect(await find(job.id)).toMatchObject({ state: 'succeeded', result: { value: 1 } });
      expect((await find(job.id)).finishedAt).toBeInstanceOf(Date);
    });

    it('keeps a result beside one that is no JSON', async () => {
      const type = newType();
      await create(newJob(type), newJob(type));
      const [odd, good] = await engine.claim(type, 2);
      const settled = await Promise.allSettled([
        engine.succeed(odd, { value: 1n as unknown as Json }),
        engine.succeed(good, { value: 1 }),
      ]);
      expect(settled.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
      expect((await find(good.job.id)).state).toBe('succeeded');
      expect(await engine.fail(odd, FAILURE)).toBe(true);
    });

    it('tells the others where a listener throws', async () => {
      vi.spyOn(Logger.prototype, 'error').mockReturnValue();
      const type = newType();
      const heard: JobActivity[] = [];
      const ignore = [
        engine.listen(() => {
          throw new Error('of a listener');
        }),
        engine.listen((activity) => heard.push(activity)),
      ];
      const [job] = await create(newJob(type));
      expect(heard).toContainEqual({ job: job.id, type });
      for (const each of ignore) each();
      vi.restoreAllMocks();
    });

    it('keeps a result of files', async () => {
      const type = newType();
      const [job] = await create(newJob(type));
      const artifact = { key: `jobs/${job.id}/result.npy`, bytes: 7, sha256: 'ab', mediaType: 'text/csv' };
      await engine.succeed(await claimOne(type), { artifacts: [artifact] });
      expect((await find(job.id)).result).toEqual({ artifacts: [artifact] });
    });

    it('queues a failed attempt again for its time, and keeps its failure', async () => {
      const type = newType();
      const [job] = await create(newJob(type));
      const claim = await claimOne(type);
      const retryAt = new Date(Date.now() + 1000);
      expect(await engine.fail(claim, FAILURE, retryAt)).toBe(true);
      expect(await find(job.id)).toMatchObject({ state: 'queued', attempt: 1, failure: FAILURE });
      expect(await engine.claim(type, 1)).toEqual([]);
      const again = await claimOne(type);
      expect(Date.now()).toBeGreaterThanOrEqual(retryAt.getTime());
      expect(again.job).toMatchObject({ id: job.id, attempt: 2 });
      expect(await engine.fail(claim, FAILURE)).toBe(false);
      expect(await engine.fail(again, FAILURE)).toBe(true);
      expect(await find(job.id)).toMatchObject({ state: 'failed', attempt: 2, failure: FAILURE });
      expect(await engine.claim(type, 1)).toEqual([]);
    });

    it('takes an attempt back that does not count, and lets its holder settle nothing', async () => {
      const type = newType();
      const [job] = await create(newJob(type, { maxAttempts: 1 }));
      const claim = await claimOne(type);
      expect(await engine.giveBack(claim)).toBe(true);
      expect(await find(job.id)).toMatchObject({ state: 'queued', attempt: 0 });
      const again = await claimOne(type);
      expect(again.job.attempt).toBe(1);
      expect(await engine.succeed(claim, {})).toBe(false);
      expect(await engine.succeed(again, {})).toBe(true);
    });

    it('takes back what an engine held that is gone', async () => {
      const type = newType();
      const [again, lost] = await create(newJob(type, { maxAttempts: 2 }), newJob(type, { maxAttempts: 1 }));
      const other = await open();
      const held = [await claimOne(type, other), await claimOne(type, other)];
      await other.close();
      for (const { signal } of held) expect(signal.reason).toBeInstanceOf(ClaimLostError);
      const claim = await claimOne(type);
      expect(claim.job).toMatchObject({ id: again.id, attempt: 2 });
      await eventually(async () =>
        expect(await find(lost.id)).toMatchObject({
          state: 'failed',
          failure: { code: 'JOB_ATTEMPTS_LOST' },
        }),
      );
      await engine.succeed(claim, {});
    }, 60_000);

    it('cancels a queued job at once', async () => {
      const type = newType();
      const [job] = await create(newJob(type));
      expect(await engine.cancel(job.id)).toMatchObject({ state: 'cancelled', finishedAt: expect.any(Date) });
      expect(await engine.claim(type, 1)).toEqual([]);
      expect(await engine.cancel(job.id)).toMatchObject({ state: 'cancelled' });
      expect(await engine.cancel(randomUUIDv7())).toBeUndefined();
    });

    it.each(['this', 'another'])('tells a running job to stop that %s engine cancels', async (which) => {
      const type = newType();
      const [job] = await create(newJob(type));
      const claim = await claimOne(type);
      const by = which === 'this' ? engine : await open();
      expect(await by.cancel(job.id)).toMatchObject({ state: 'running', cancelRequested: true });
      await eventually(() => expect(claim.signal.reason).toBeInstanceOf(JobCancelledError));
      expect(await engine.stopped(claim)).toBe(true);
      expect(await find(job.id)).toMatchObject({ state: 'cancelled', cancelRequested: true });
    });

    it('leaves a job that ended as it is, when it is cancelled', async () => {
      const type = newType();
      const [job] = await create(newJob(type));
      await engine.succeed(await claimOne(type), { value: 1 });
      expect(await engine.cancel(job.id)).toEqual(await find(job.id));
      expect(await find(job.id)).toMatchObject({ state: 'succeeded', cancelRequested: false });
    });

    it('attempts no cancelled job again', async () => {
      const type = newType();
      const jobs = await create(newJob(type), newJob(type));
      const claims = await engine.claim(type, 2);
      for (const { id } of jobs) await engine.cancel(id);
      await engine.giveBack(claims[0]);
      await engine.fail(claims[1], FAILURE, new Date());
      for (const { id } of jobs) expect(await find(id)).toMatchObject({ state: 'cancelled' });
    });

    it('cancels the parts of a job with it, queued and running', async () => {
      const [type, partType] = [newType(), newType()];
      const [job] = await create(newJob(type));
      await claimOne(type);
      const parts = await create(...[1, 2, 3].map(() => newJob(partType, { parent: job.id })));
      await engine.succeed(await claimOne(partType), {});
      const running = await claimOne(partType);
      await engine.cancel(job.id);
      await eventually(() => expect(running.signal.reason).toBeInstanceOf(JobCancelledError));
      expect((await find(parts[0].id)).state).toBe('succeeded');
      expect((await find(parts[1].id)).cancelRequested).toBe(true);
      expect((await find(parts[2].id)).state).toBe('cancelled');
    });

    it('lets no part outlive its job', async () => {
      const [type, partType] = [newType(), newType()];
      const [job] = await create(newJob(type));
      const claim = await claimOne(type);
      const [part] = await create(newJob(partType, { parent: job.id }));
      await engine.fail(claim, FAILURE);
      expect((await find(part.id)).state).toBe('cancelled');
      const [late] = await create(newJob(partType, { parent: job.id }));
      expect((await find(late.id)).state).toBe('cancelled');
    });

    it('begins no part of a job that is told to stop', async () => {
      const [type, partType] = [newType(), newType()];
      const [job] = await create(newJob(type));
      await claimOne(type);
      await engine.cancel(job.id);
      const [late] = await create(newJob(partType, { parent: job.id }));
      expect((await find(late.id)).state).toBe('cancelled');
    });

    it('cancels the parts of a part that waits', async () => {
      const [type, partType] = [newType(), newType()];
      const [job] = await create(newJob(type));
      const claim = await claimOne(type);
      const [part] = await create(newJob(partType, { parent: job.id }));
      const partClaim = await claimOne(partType);
      const [partOfPart] = await create(newJob(newType(), { parent: part.id }));
      await engine.giveBack(partClaim);
      await engine.fail(claim, FAILURE);
      expect((await find(part.id)).state).toBe('cancelled');
      expect((await find(partOfPart.id)).state).toBe('cancelled');
    });

    it('sends no part again whose job has ended, or is told to stop', async () => {
      const [type, partType] = [newType(), newType()];
      const [job] = await create(newJob(type));
      const claim = await claimOne(type);
      const [part] = await create(newJob(partType, { parent: job.id }));
      await engine.cancel(part.id);
      await engine.cancel(job.id);
      expect(await engine.retry(part.id)).toBeUndefined();
      await engine.stopped(claim);
      expect(await engine.retry(part.id)).toBeUndefined();
      expect((await find(part.id)).state).toBe('cancelled');
      await engine.retry(job.id);
      expect(await engine.retry(part.id)).toMatchObject({ state: 'queued' });
    });

    it('sends a failed or cancelled job again, and no other', async () => {
      const type = newType();
      const [failed, cancelled, queued] = await create(newJob(type), newJob(type), newJob(type));
      await engine.fail(await claimOne(type), FAILURE);
      await engine.cancel(cancelled.id);
      for (const { id } of [failed, cancelled]) {
        expect(await engine.retry(id)).toMatchObject({
          id,
          state: 'queued',
          attempt: 0,
          cancelRequested: false,
        });
        expect((await find(id)).finishedAt).toBeUndefined();
      }
      expect(await engine.retry(queued.id)).toBeUndefined();
      expect(await engine.retry(randomUUIDv7())).toBeUndefined();
      const claims: Claim[] = [];
      await eventually(async () => {
        claims.push(...(await engine.claim(type, 3)));
        expect(claims).toHaveLength(3);
      });
      expect(await engine.retry(failed.id)).toBeUndefined();
      for (const claim of claims) expect(await engine.succeed(claim, {})).toBe(true);
      expect(await engine.retry(failed.id)).toBeUndefined();
      expect(await find(failed.id)).not.toHaveProperty('failure');
    });

    it('lists the newest first, by state, type and parent, in pages', async () => {
      const type = newType();
      const jobs: Job[] = [];
      for (let i = 0; i < 5; i++) jobs.push(...(await create(newJob(type))));
      const parts: Job[] = [];
      for (let i = 0; i < 2; i++) parts.push(...(await create(newJob(type, { parent: jobs[0].id }))));
      const newestFirst = jobs.map(({ id }) => id).toReversed();
      const ids = async (filter: object): Promise<string[]> =>
        (await engine.list({ limit: 100, ...filter })).map(({ id }) => id);
      expect(await ids({ type })).toEqual(newestFirst);
      expect(await ids({ type, limit: 2 })).toEqual(newestFirst.slice(0, 2));
      expect(await ids({ type, limit: 2, before: newestFirst[1] })).toEqual(newestFirst.slice(2, 4));
      expect(await ids({ type, before: newestFirst[4] })).toEqual([]);
      expect(await ids({ parent: jobs[0].id })).toEqual(parts.map(({ id }) => id).toReversed());
      await engine.cancel(jobs[2].id);
      expect(await ids({ type, state: 'cancelled' })).toEqual([jobs[2].id]);
      expect(await ids({ type, state: 'queued', before: newestFirst[1] })).toEqual([jobs[1].id, jobs[0].id]);
      expect((await ids({ limit: 1 })).length).toBe(1);
    });

    it('counts the jobs of each type and state, parts included', async () => {
      const type = newType();
      const [job] = await create(newJob(type, { priority: 1 }), newJob(type));
      await create(newJob(type, { parent: job.id }));
      await claimOne(type);
      const counts = (await engine.counts()).filter((row) => row.type === type);
      expect(counts.toSorted((a, b) => (a.state < b.state ? -1 : 1))).toEqual([
        { type, state: 'queued', count: 2 },
        { type, state: 'running', count: 1 },
      ]);
    });

    it('removes jobs that ended before, with their parts and events', async () => {
      const type = newType();
      const [succeeded, failed, cancelled, queued] = await create(
        ...[4, 3, 2, 1].map((priority) => newJob(type, { priority })),
      );
      const claim = await claimOne(type);
      const [part] = await create(newJob(type, { parent: succeeded.id, priority: 100 }));
      await engine.succeed(await claimOne(type), {});
      await engine.succeed(claim, {});
      await engine.fail(await claimOne(type), FAILURE);
      await engine.cancel(cancelled.id);
      const left = async (): Promise<boolean[]> =>
        Promise.all(
          [succeeded, part, failed, cancelled, queued].map(
            async ({ id }) => (await engine.find(id)) !== undefined,
          ),
        );
      const past = new Date(Date.now() - 3_600_000);
      const future = new Date(Date.now() + 3_600_000);
      const mine = [succeeded.id, part.id, failed.id, cancelled.id, queued.id];
      const prune = async (succeededBefore: Date, failedBefore: Date): Promise<string[]> => {
        const ids = await engine.prune({ succeeded: succeededBefore, failed: failedBefore }, 1000);
        return ids.filter((id) => mine.includes(id) && id !== part.id);
      };
      expect(await prune(past, past)).toEqual([]);
      expect(await left()).toEqual([true, true, true, true, true]);
      expect(await prune(future, past)).toEqual([succeeded.id]);
      expect(await left()).toEqual([false, false, true, true, true]);
      expect(await engine.events(succeeded.id, 0)).toEqual([]);
      expect((await prune(past, future)).toSorted()).toEqual([failed.id, cancelled.id].toSorted());
      expect(await left()).toEqual([false, false, false, false, true]);
    });

    it('frees the idempotency key of a job that it removes', async () => {
      const type = newType();
      const idempotency = { key: `${type}/key`, digest: 'one' };
      const [job] = await create(newJob(type, { idempotency }));
      await engine.succeed(await claimOne(type), {});
      const future = new Date(Date.now() + 3_600_000);
      await engine.prune({ succeeded: future, failed: future }, 1000);
      const [created] = await engine.create([
        newJob(type, { idempotency: { ...idempotency, digest: 'two' } }),
      ]);
      expect(created.isNew).toBe(true);
      expect(created.job.id).not.toBe(job.id);
    });

    it('shows how far an attempt is, and the last that it said', async () => {
      const type = newType();
      const [job] = await create(newJob(type));
      const claim = await claimOne(type);
      await engine.report(claim, { progress: { done: 1, total: 4 }, log: ['begun'] });
      await engine.report(claim, { progress: { done: 2, total: 4, message: 'halfway' } });
      await eventually(async () =>
        expect(await find(job.id)).toMatchObject({
          progress: { done: 2, total: 4, message: 'halfway' },
          log: ['begun'],
        }),
      );
      const lines = Array.from({ length: LOG_TAIL_LINES + 5 }, (_, i) => `line ${i}`);
      for (const line of lines) await engine.report(claim, { log: [line] });
      await engine.report(claim, { progress: { done: 4, total: 4 } });
      // What was said last is not lost when the job ends right after.
      await engine.succeed(claim, {});
      expect(await find(job.id)).toMatchObject({
        progress: { done: 4, total: 4 },
        log: lines.slice(-LOG_TAIL_LINES),
      });
    });

    it('keeps what an attempt said last, whenever that is written', async () => {
      const own = await open();
      const type = newType();
      const said: string[] = [];
      const begin = async (): Promise<Claim> => {
        await create(newJob(type));
        return claimOne(type, own);
      };
      const say = (claim: Claim, line: string): Promise<void> => {
        said.push(line);
        return own.report(claim, { log: [line] });
      };
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
      try {
        // While the end is being written, ...
        const first = await begin();
        await say(first, 'one');
        const ended = own.succeed(first, {});
        vi.advanceTimersByTime(LONGER_THAN_REPORTS_WAIT_MS);
        expect(await ended).toBe(true);
        expect((await find(first.job.id)).log).toEqual(said.splice(0));
        // ... and while others are.
        const second = await begin();
        for (const line of ['one', 'two', 'three']) {
          await say(second, line);
          vi.advanceTimersByTime(LONGER_THAN_REPORTS_WAIT_MS);
        }
        expect(await own.succeed(second, {})).toBe(true);
        expect((await find(second.job.id)).log).toEqual(said);
      } finally {
        vi.useRealTimers();
      }
    });

    it('tells the events of a job in order, from any of them on, and not without end', async () => {
      const type = newType();
      const [job] = await create(newJob(type));
      const claim = await claimOne(type);
      for (let done = 1; done <= 500; done++) {
        await engine.report(claim, { progress: { done, total: 500 }, log: [`step ${done}`] });
        if (done % 100 === 0) await sleep(50);
      }
      await engine.succeed(claim, {});
      const events = await engine.events(job.id, 0);
      expect(events.length).toBeLessThan(150);
      const ids = events.map(({ id }) => id);
      expect(ids).toEqual([...new Set(ids)].toSorted((a, b) => a - b));
      expect(ids[0]).toBeGreaterThanOrEqual(1);
      expect(events.filter((event) => event.type === 'state').map(({ data }) => data['state'])).toEqual([
        'queued',
        'running',
        'succeeded',
      ]);
      const progress = events.filter((event) => event.type === 'progress');
      expect(progress.at(-1)?.data).toMatchObject({ done: 500, total: 500 });
      expect(events.at(-1)).toMatchObject({
        type: 'state',
        data: { state: 'succeeded' },
        at: expect.any(Date),
      });
      for (const { id } of events) {
        expect(await engine.events(job.id, id)).toEqual(events.filter((event) => event.id > id));
      }
      expect(await engine.events(randomUUIDv7(), 0)).toEqual([]);
    });

    it('tells what happens to jobs, in this and in other engines, until it is asked to stop', async () => {
      const type = newType();
      const other = await open();
      const heard: Record<'here' | 'there', JobActivity[]> = { here: [], there: [] };
      const ignore = engine.listen((activity) => heard.here.push(activity));
      other.listen((activity) => heard.there.push(activity));
      const [job] = await create(newJob(type));
      const activity = { job: job.id, type };
      await eventually(() => expect(heard.here).toContainEqual(activity));
      await eventually(() => expect(heard.there).toContainEqual(activity));
      ignore();
      heard.here.length = heard.there.length = 0;
      const claim = await claimOne(type);
      await eventually(() => expect(heard.there).toContainEqual(activity));
      heard.there.length = 0;
      await engine.succeed(claim, {});
      await eventually(() => expect(heard.there).toContainEqual(activity));
      expect(heard.here).toEqual([]);
    });
  });
}

/** Repeats what throws until it does not, for a while. */
async function eventually(look: () => void | Promise<void>): Promise<void> {
  for (const end = Date.now() + PATIENCE_MS; ;) {
    try {
      await look();
      return;
    } catch (error) {
      if (Date.now() > end) throw error;
      await sleep(20);
    }
  }
}
