import { randomUUIDv7 } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { Logger } from '@nestjs/common';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FileArtifactStore } from '../artifacts/file-artifact-store.js';
import { loadConfig } from '../common/config/config.js';
import { DomainError } from '../common/errors/domain-error.js';
import { EmbeddedJobEngine } from './embedded/embedded-job-engine.js';
import {
  JobCancelledError,
  JobsUnavailableError,
  JobTimedOutError,
  ShuttingDownError,
} from './engine-errors.js';
import { isTerminal, type Job, type JobResult, type Json, type NewJob } from './job.js';
import { JobRunner } from './job-runner.js';
import { type JobContext, JobType } from './job-type.js';
import { JobTypes } from './job-types.js';

class Work extends JobType {
  readonly started: JobContext[] = [];

  constructor(
    readonly name: string,
    private readonly work: (request: Json, context: JobContext) => Promise<JobResult>,
    readonly concurrency = 2,
  ) {
    super();
  }

  run(request: Json, context: JobContext): Promise<JobResult> {
    this.started.push(context);
    return this.work(request, context);
  }
}

class BadRequestError extends DomainError {
  readonly kind = 'unprocessable';
  readonly code = 'BAD_ROWS';

  override get details(): Record<string, unknown> {
    return { row: 3, nothing: undefined };
  }
}

/** Rejects with the signal's reason when it aborts. */
function untilStopped({ signal }: JobContext): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error));
  });
}

describe('JobRunner', () => {
  let folder: string;
  let engine: EmbeddedJobEngine;
  let artifacts: FileArtifactStore;
  let runner: JobRunner | undefined;
  const logged = vi.fn<(error: unknown) => void>();

  beforeEach(async () => {
    vi.spyOn(Logger.prototype, 'error').mockImplementation(logged);
    logged.mockReset();
    folder = mkdtempSync(join(tmpdir(), 'kriged-runner-'));
    engine = new EmbeddedJobEngine(folder);
    artifacts = new FileArtifactStore(join(folder, 'artifacts'));
    await artifacts.open();
    await engine.open();
  });
  afterEach(async () => {
    await runner?.stop();
    runner = undefined;
    await engine.close();
    rmSync(folder, { recursive: true });
    vi.restoreAllMocks();
  });

  const start = (...types: JobType[]): JobRunner => startWith('', ...types);
  const startWith = (concurrency: string, ...types: JobType[]): JobRunner => {
    const registry = new JobTypes();
    for (const type of types) registry.register(type);
    const config = loadConfig({ JOBS_CONCURRENCY: concurrency });
    runner = new JobRunner(registry, engine, artifacts, config);
    runner.start();
    return runner;
  };
  const create = async (type: string, request: Json = null, facts: Partial<NewJob> = {}): Promise<Job> => {
    const job = {
      id: randomUUIDv7(),
      type,
      request,
      priority: 0,
      maxAttempts: 2,
      timeLimitSeconds: 60,
      ...facts,
    };
    return (await engine.create([job]))[0].job;
  };
  const until = async (id: string, isSo: (job: Job) => boolean): Promise<Job> => {
    let job = (await engine.find(id))!;
    await vi.waitFor(
      async () => {
        job = (await engine.find(id))!;
        expect(isSo(job), `${job.state} ${JSON.stringify(job.failure)}`).toBe(true);
      },
      { timeout: 20_000, interval: 10 },
    );
    return job;
  };
  const ended = (id: string): Promise<Job> => until(id, ({ state }) => isTerminal(state));

  it('runs what waits and what comes, with its request, and keeps its result, files, progress and log', async () => {
    const type = new Work('sum', async (request, context) => {
      context.progress(1, 2, 'adding');
      context.log('begun');
      const sum = (request as number[]).reduce((a, b) => a + b, 0);
      const file = await context.artifacts.put(`jobs/${context.job.id}/sum.txt`, Buffer.from(String(sum)), {
        mediaType: 'text/plain',
      });
      return { value: { sum }, artifacts: [file] };
    });
    const waiting = await create('sum', [1, 2]);
    start(type);
    const coming = await create('sum', [3, 4]);
    expect(await ended(waiting.id)).toMatchObject({ state: 'succeeded', result: { value: { sum: 3 } } });
    const job = await ended(coming.id);
    expect(job).toMatchObject({
      state: 'succeeded',
      attempt: 1,
      progress: { done: 1, total: 2, message: 'adding' },
      log: ['begun'],
      result: { value: { sum: 7 }, artifacts: [{ bytes: 1, mediaType: 'text/plain' }] },
    });
    expect(await text(await artifacts.read(job.result!.artifacts![0].key))).toBe('7');
  });

  it('runs as many at a time as the type allows, and no more', async () => {
    const release = Promise.withResolvers<void>();
    let running = 0;
    let most = 0;
    const type = new Work(
      'slow',
      async () => {
        most = Math.max(most, ++running);
        await release.promise;
        running--;
        return {};
      },
      3,
    );
    start(type);
    const jobs = await Promise.all(Array.from({ length: 8 }, () => create('slow')));
    await vi.waitFor(() => expect(type.started).toHaveLength(3));
    release.resolve();
    for (const { id } of jobs) expect((await ended(id)).state).toBe('succeeded');
    expect(most).toBe(3);
  });

  it('runs as many as JOBS_CONCURRENCY says, which may be none', async () => {
    const [many, none, few] = ['many', 'none', 'few'].map(
      (name) => new Work(name, (_request, context) => untilStopped(context)),
    );
    for (const type of ['many', 'none', 'few']) for (let i = 0; i < 6; i++) await create(type);
    startWith('many=5,none=0', many, none, few);
    await vi.waitFor(() => expect([many, few].map(({ started }) => started.length)).toEqual([5, 2]));
    expect(none.started).toEqual([]);
  });

  it('does not start where JOBS_CONCURRENCY names what it does not know', () => {
    const [a, b] = ['a', 'b'].map((name) => new Work(name, () => Promise.resolve({})));
    expect(() => startWith('a=1,training=2', b, a)).toThrow(
      'JOBS_CONCURRENCY is "training", expected types of jobs: a, b.',
    );
  });

  it("fails a job for good by an error of its domain, in that error's words", async () => {
    const type = new Work('bad', async () => {
      throw new BadRequestError('Row 3 is no row.');
    });
    start(type);
    const { id } = await create('bad');
    expect(await ended(id)).toMatchObject({ state: 'failed', attempt: 1 });
    expect((await engine.find(id))?.failure).toEqual({
      code: 'BAD_ROWS',
      message: 'Row 3 is no row.',
      details: { row: 3 },
    });
    expect(logged).not.toHaveBeenCalled();
  });

  it('attempts a job again whose store cannot be had for a while', async () => {
    let times = 0;
    const type = new Work('interrupted', async () => {
      if (times++ === 0) throw new JobsUnavailableError(new Error('the disk is full'));
      return { value: 'kept' };
    });
    start(type);
    const { id } = await create('interrupted');
    expect(await ended(id)).toMatchObject({ state: 'succeeded', attempt: 2, result: { value: 'kept' } });
  });

  it('attempts a job again after another error, and tells nothing of it when it gives up', async () => {
    const error = new Error('secret of /the/inside');
    const type = new Work('broken', async () => {
      throw error;
    });
    start(type);
    const { id } = await create('broken');
    const waiting = await until(id, ({ state, attempt }) => state === 'queued' && attempt === 1);
    expect(waiting.startAfter!.getTime()).toBeGreaterThan(waiting.startedAt!.getTime() + 400);
    const job = await ended(id);
    expect(job).toMatchObject({ state: 'failed', attempt: 2, failure: { code: 'INTERNAL_ERROR' } });
    expect(JSON.stringify(job)).not.toContain('inside');
    expect(logged).toHaveBeenCalledWith(error);
  });

  it('fails a job whose result is no JSON', async () => {
    const type = new Work('odd', async () => ({ value: 1n as unknown as Json }));
    start(type);
    const { id } = await create('odd', null, { maxAttempts: 1 });
    expect(await ended(id)).toMatchObject({ state: 'failed', failure: { code: 'INTERNAL_ERROR' } });
  });

  it('fails a job whose result is no JSON, as soon as that can be written', async () => {
    start(new Work('odd', async () => ({ value: 1n as unknown as Json })));
    vi.spyOn(engine, 'fail').mockRejectedValueOnce(new JobsUnavailableError(new Error('disk full')));
    const { id } = await create('odd', null, { maxAttempts: 1 });
    expect(await ended(id)).toMatchObject({ state: 'failed', failure: { code: 'INTERNAL_ERROR' } });
  });

  it('ends an attempt that takes too long', async () => {
    const type = new Work('long', (_request, context) => untilStopped(context));
    start(type);
    const { id } = await create('long', null, { timeLimitSeconds: 0.05 });
    expect(await ended(id)).toMatchObject({
      state: 'failed',
      attempt: 1,
      failure: { code: 'JOB_TIMED_OUT', details: { timeLimitSeconds: 0.05 } },
    });
    expect(type.started[0].signal.reason).toBeInstanceOf(JobTimedOutError);
  });

  it('ends a job that does not stop when it is told to', async () => {
    const type = new Work('deaf', () => Promise.withResolvers<never>().promise, 1);
    start(type);
    const { id } = await create('deaf', null, { timeLimitSeconds: 0.01 });
    expect(await ended(id)).toMatchObject({ state: 'failed', failure: { code: 'JOB_TIMED_OUT' } });
  });

  it.each([
    ['throws the reason', (context: JobContext) => untilStopped(context)],
    [
      'throws an error of its own',
      (context: JobContext) =>
        untilStopped(context).catch(() => {
          throw new Error('a stream was destroyed');
        }),
    ],
  ])('stops a job that is cancelled, whose work %s', async (_what, work) => {
    const type = new Work('endless', (_request, context) => work(context));
    start(type);
    const { id } = await create('endless');
    await vi.waitFor(() => expect(type.started).toHaveLength(1));
    await engine.cancel(id);
    expect(await ended(id)).toMatchObject({ state: 'cancelled', attempt: 1 });
    expect(type.started[0].signal.reason).toBeInstanceOf(JobCancelledError);
    expect(logged).not.toHaveBeenCalled();
  });

  it('gives back what it runs when it is stopped, and takes nothing more', async () => {
    const type = new Work('endless', (_request, context) => untilStopped(context), 1);
    const stopping = start(type);
    const [first, second] = [await create('endless'), await create('endless')];
    await vi.waitFor(() => expect(type.started).toHaveLength(1));
    await stopping.stop();
    expect(type.started).toHaveLength(1);
    expect(type.started[0].signal.reason).toBeInstanceOf(ShuttingDownError);
    for (const { id } of [first, second]) {
      expect(await engine.find(id)).toMatchObject({ state: 'queued', attempt: 0 });
    }
  });

  describe('spread', () => {
    const square = (): Work => new Work('square', async (x) => ({ value: (x as number) ** 2 }), 3);
    const numbers = Array.from({ length: 12 }, (_, i) => i);
    const squares = (results: JobResult[]): JobResult => ({
      value: results.map(({ value }) => value as Json),
    });

    it('resolves with the results of the parts in order, and says how many have ended', async () => {
      const progress: number[] = [];
      const type = new Work('squares', async (request, context) =>
        squares(
          await context.spread('square', request as number[], { onProgress: (done) => progress.push(done) }),
        ),
      );
      start(type, square());
      const { id } = await create('squares', numbers, { priority: 4, requestedBy: 'me' });
      expect((await ended(id)).result).toEqual({ value: numbers.map((x) => x ** 2) });
      expect(progress).toEqual(numbers.map((x) => x + 1));
      const parts = await engine.list({ parent: id, limit: 100 });
      expect(parts).toHaveLength(12);
      expect(parts[0]).toMatchObject({ parent: id, priority: 5, requestedBy: 'me', timeLimitSeconds: 60 });
    });

    it('of nothing is nothing', async () => {
      const type = new Work('squares', async (_request, context) =>
        squares(await context.spread('square', [])),
      );
      start(type, square());
      expect((await ended((await create('squares')).id)).result).toEqual({ value: [] });
    });

    it('does no part again that has succeeded, when the job is attempted again', async () => {
      const part = square();
      const type = new Work('squares', async (request, context) => {
        const result = squares(await context.spread('square', request as number[]));
        if (context.job.attempt === 1) throw new Error('dies at the end');
        return result;
      });
      start(type, part);
      const { id } = await create('squares', numbers);
      expect(await ended(id)).toMatchObject({ attempt: 2, result: { value: numbers.map((x) => x ** 2) } });
      expect(part.started).toHaveLength(12);
    });

    it('says which parts an earlier attempt has done', async () => {
      const type = new Work('squares', async (request, context) => {
        const half = (request as number[]).slice(0, 6);
        if (context.job.attempt === 1) {
          await context.spread('square', half);
          throw new Error('dies in the middle');
        }
        return squares(
          // In units of its own.
          await context.spread('square', request as number[], {
            onProgress: (done) => context.progress(10 * done, 120),
          }),
        );
      });
      start(type, square());
      const { id } = await create('squares', numbers);
      expect(await ended(id)).toMatchObject({ attempt: 2, progress: { done: 120, total: 120, found: 60 } });
    });

    it('counts nothing as found that is done after it', async () => {
      const type = new Work('squares', async (request, context) => {
        await context.spread('square', request as number[], {
          onProgress: (done) => context.progress(done, 20),
        });
        if (context.job.attempt === 1) throw new Error('dies before its own work');
        context.progress(20, 20);
        return {};
      });
      start(type, square());
      const { id } = await create('squares', numbers);
      expect(await ended(id)).toMatchObject({ attempt: 2, progress: { done: 20, total: 20, found: 12 } });
    });

    it('of its own type does not wait for itself', async () => {
      const type: Work = new Work(
        'tree',
        async (request, context) =>
          request === 0
            ? { value: 1 }
            : squares(await context.spread('tree', [(request as number) - 1, (request as number) - 1])),
        1,
      );
      start(type);
      expect((await ended((await create('tree', 2)).id)).result).toEqual({
        value: [
          [1, 1],
          [1, 1],
        ],
      });
    });

    it('fails with the first part that fails for good, and cancels the others', async () => {
      const part = new Work('part', async (request, context) => {
        if (request === 1) throw new BadRequestError('Row 3 is no row.');
        return untilStopped(context);
      });
      const type = new Work('whole', async (_request, context) =>
        squares(await context.spread('part', [0, 1, 2, 3, 4])),
      );
      start(type, part);
      const { id } = await create('whole');
      expect(await ended(id)).toMatchObject({
        state: 'failed',
        attempt: 1,
        failure: { code: 'BAD_ROWS', message: 'Row 3 is no row.', details: { row: 3, part: 1 } },
      });
      const parts = await engine.list({ parent: id, limit: 10 });
      for (const { id: partId } of parts) await ended(partId);
      const states = (await engine.list({ parent: id, limit: 10 })).map(({ state }) => state).toReversed();
      expect(states).toEqual(['cancelled', 'failed', 'cancelled', 'cancelled', 'cancelled']);
    });

    it('fails with that part also where the others cannot be cancelled', async () => {
      const part = new Work('part', async (request, context) => {
        if (request === 1) throw new BadRequestError('Row 3 is no row.');
        return untilStopped(context);
      });
      const type = new Work('whole', async (_request, context) =>
        squares(await context.spread('part', [0, 1])),
      );
      vi.spyOn(engine, 'cancel').mockRejectedValue(new JobsUnavailableError(new Error('disk full')));
      start(type, part);
      const { id } = await create('whole');
      expect(await ended(id)).toMatchObject({ attempt: 1, failure: { code: 'BAD_ROWS' } });
      for (const { id: partId } of await engine.list({ parent: id, limit: 10 })) await ended(partId);
    });

    it('attempts the parts again that failed, when the job is sent again', async () => {
      let isBroken = true;
      const part = new Work('part', async (request) => {
        if (request === 1 && isBroken) throw new BadRequestError('Row 3 is no row.');
        return { value: request };
      });
      const type = new Work('whole', async (_request, context) =>
        squares(await context.spread('part', [0, 1, 2])),
      );
      start(type, part);
      const { id } = await create('whole');
      expect((await ended(id)).state).toBe('failed');
      isBroken = false;
      await engine.retry(id);
      expect(await ended(id)).toMatchObject({ state: 'succeeded', result: { value: [0, 1, 2] } });
    });

    it('begins a part again that was still stopping when its job was sent again', async () => {
      const stopping = Promise.withResolvers<void>();
      const part = new Work('part', async (request, context) => {
        if (request === 1 && part.started.length <= 2) throw new BadRequestError('Row 3 is no row.');
        if (request === 0 && part.started.length <= 2) {
          await untilStopped(context).catch(() => stopping.promise);
          context.signal.throwIfAborted();
        }
        return { value: request };
      });
      const type = new Work('whole', async (_request, context) =>
        squares(await context.spread('part', [0, 1])),
      );
      start(type, part);
      const { id } = await create('whole');
      expect((await ended(id)).state).toBe('failed');
      await engine.retry(id);
      await vi.waitFor(() => expect(type.started).toHaveLength(2));
      await vi.waitFor(() => expect(part.started).toHaveLength(3));
      stopping.resolve();
      expect(await ended(id)).toMatchObject({ state: 'succeeded', result: { value: [0, 1] } });
    });

    it('ends with its job when that is cancelled', async () => {
      const part = new Work('part', (_request, context) => untilStopped(context), 1);
      const type = new Work('whole', async (_request, context) =>
        squares(await context.spread('part', [0, 1])),
      );
      start(type, part);
      const { id } = await create('whole');
      await vi.waitFor(() => expect(part.started).toHaveLength(1));
      await engine.cancel(id);
      expect((await ended(id)).state).toBe('cancelled');
      for (const { id: partId } of await engine.list({ parent: id, limit: 10 })) {
        expect((await ended(partId)).state).toBe('cancelled');
      }
    });
  });
});
