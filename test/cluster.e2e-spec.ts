import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUIDv7 } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { isTerminal, type Job, type JobState, type NewJob } from '../src/jobs/job.js';
import { freePort, HAS_POSTGRES, PASSWORD, Postgres } from './support/postgres.js';

/** How often a process is killed. */
const KILLS = Number(process.env['CLUSTER_KILLS'] ?? '3');
/** At most so many jobs are made between two kills. */
const JOBS_A_ROUND = 40;
/** The built server with types of job and routes for tests. */
const HARNESS = join(import.meta.dirname, 'support/jobs-harness.ts');
const PATIENCE_MS = 100_000;

/** One of several servers that share a database. */
class Member {
  #child: ChildProcess | undefined;
  output = '';

  constructor(
    private readonly role: string,
    readonly port: number,
    private readonly env: Readonly<Record<string, string>>,
  ) {
    this.start();
  }

  start(): void {
    const child = spawn(process.execPath, [HARNESS], {
      env: {
        PATH: process.env['PATH'],
        HOST: '127.0.0.1',
        PORT: String(this.port),
        THREADS: '1',
        ROLE: this.role,
        ...this.env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (text: Buffer) => (this.output += text.toString()));
    }
    this.#child = child;
  }

  get isRunning(): boolean {
    return this.#child?.exitCode === null && this.#child.signalCode === null;
  }

  async kill(): Promise<void> {
    if (!this.isRunning) return;
    const ended = once(this.#child!, 'close');
    this.#child!.kill('SIGKILL');
    await ended;
  }

  ask(path: string, body?: unknown): Promise<Response> {
    return fetch(`http://127.0.0.1:${this.port}${path}`, {
      ...(body !== undefined && { method: 'POST', body: JSON.stringify(body) }),
      headers: { Connection: 'close' },
      signal: AbortSignal.timeout(20_000),
    });
  }

  async result<Result>(path: string, body: unknown): Promise<Result> {
    const response = await this.ask(path, body);
    if (!response.ok) throw new Error(await response.text());
    return ((await response.json()) as { result: Result }).result;
  }

  async isReady(): Promise<boolean> {
    if (!this.isRunning) throw new Error(`A server has ended: ${this.output}`);
    return this.ask('/health/ready').then(
      ({ ok }) => ok,
      () => false,
    );
  }

  untilReady(): Promise<void> {
    return until(() => this.isReady());
  }
}

describe.skipIf(!HAS_POSTGRES)('two servers and two workers on one database', () => {
  let postgres: Postgres;
  let folder: string;
  let members: Member[];
  let apis: Member[];
  let workers: Member[];
  beforeAll(async () => {
    postgres = await Postgres.start();
    folder = mkdtempSync(join(tmpdir(), 'kriged-cluster-'));
  }, 60_000);
  afterAll(async () => {
    await postgres?.stop();
    rmSync(folder, { recursive: true });
  });
  beforeEach(async () => {
    const env = {
      DATABASE_URL: await postgres.newDatabase(),
      ARTIFACTS: pathToFileURL(join(folder, 'artifacts')).href,
    };
    const start = async (role: string): Promise<Member> => new Member(role, await freePort(), env);
    // All at once: one of them makes the tables.
    members = await Promise.all(['api', 'api', 'worker', 'worker'].map(start));
    [apis, workers] = [members.slice(0, 2), members.slice(2)];
    await Promise.all(members.map((member) => member.untilReady()));
  }, 100_000);
  afterEach(async () => {
    await Promise.all(members.map((member) => member.kill()));
    if (members.some(({ output }) => output.includes(PASSWORD))) throw new Error('The password was shown.');
  });

  it('runs on the workers what the servers are asked for, and shows it on each', async () => {
    const jobs = Array.from({ length: 20 }, () => newJob('test-whole'));
    for (const [i, job] of jobs.entries()) await apis[i % 2].result('/test/create', [job]);
    await untilAllEnded(apis[0]);
    for (const api of apis) expectRightEnds(await findAll(api, jobs));
  }, 200_000);

  it('answers nothing but its health as a worker, and runs nothing as a server', async () => {
    expect((await workers[0].ask('/health/live')).status).toBe(200);
    expect((await workers[0].ask('/models')).status).toBe(404);
    expect(await (await workers[0].ask('/predict', {})).json()).toMatchObject({ code: 'WORKER_ROLE' });
    await Promise.all(workers.map((worker) => worker.kill()));
    const job = newJob('test-part');
    await apis[0].result('/test/create', [job]);
    await sleep(3000);
    expect(await apis[1].result('/test/find', [job.id])).toMatchObject([{ state: 'queued' }]);
    workers[0].start();
    await untilAllEnded(apis[1]);
  }, 200_000);

  it(
    `loses no acknowledged job while processes are killed (${KILLS} times), and none is left without an end`,
    async () => {
      const acknowledged: NewJob[] = [];
      let before = 0;
      const stop = new AbortController();
      const client = async (api: Member): Promise<void> => {
        for (; !stop.signal.aborted; await sleep(20)) {
          if (acknowledged.length - before >= JOBS_A_ROUND) continue;
          const jobs = [newJob('test-part'), newJob('test-whole')];
          const isDone = await api.result('/test/create', jobs).then(
            () => true,
            () => false,
          );
          if (isDone) acknowledged.push(...jobs);
        }
      };
      const clients = Promise.all(apis.map(client));
      for (let kill = 0; kill < KILLS; kill++) {
        before = acknowledged.length;
        await until(async () => acknowledged.length > before);
        await sleep(Math.random() * 400);
        // What is only starting again is left alone: it would never get further.
        const candidates = await readyOf(members);
        const victim = candidates[Math.floor(Math.random() * candidates.length)];
        await victim.kill();
        victim.start();
      }
      stop.abort();
      await clients;
      await Promise.all(members.map((member) => member.untilReady()));
      await untilAllEnded(apis[0]);
      expect(acknowledged.length).toBeGreaterThanOrEqual(KILLS);
      expectRightEnds(await findAll(apis[0], acknowledged));
    },
    200_000 + KILLS * 20_000,
  );

  it('says that it cannot keep jobs while the database is down, and goes on when it is back', async () => {
    const before = [newJob('test-whole'), newJob('test-whole')];
    await apis[0].result('/test/create', before);
    await postgres.kill();
    const refused = await apis[0].ask('/test/create', [newJob('test-part')]);
    expect(refused.status).toBe(503);
    expect(await refused.text()).toContain('Jobs cannot be kept at the moment');
    expect((await apis[1].ask('/health/live')).status).toBe(200);
    await postgres.resume();
    const after = newJob('test-whole');
    await until(() =>
      apis[1].result('/test/create', [after]).then(
        () => true,
        () => false,
      ),
    );
    await untilAllEnded(apis[0]);
    expectRightEnds(await findAll(apis[1], [...before, after]));
    expect(members.map(({ isRunning }) => isRunning)).toEqual([true, true, true, true]);
  }, 200_000);
});

/** At least one. */
async function readyOf(members: readonly Member[]): Promise<Member[]> {
  let ready: Member[] = [];
  await until(async () => {
    const areReady = await Promise.all(members.map((member) => member.isReady()));
    ready = members.filter((_, i) => areReady[i]);
    return ready.length > 0;
  });
  return ready;
}

function newJob(type: string): NewJob {
  const id = randomUUIDv7();
  return { id, type, request: `request of ${id}`, priority: 0, maxAttempts: 20, timeLimitSeconds: 60 };
}

async function findAll(api: Member, jobs: readonly NewJob[]): Promise<(Job | null)[]> {
  return api.result(
    '/test/find',
    jobs.map(({ id }) => id),
  );
}

/** A result that belongs to the request; twenty attempts are not lost in so few kills. */
function expectRightEnds(jobs: readonly (Job | null)[]): void {
  for (const job of jobs) {
    const request = job?.request as string;
    const value = job?.type === 'test-part' ? request : [0, 1, 2].map((i) => `${request}/${i}`);
    expect(job).toMatchObject({ state: 'succeeded', result: { value } });
  }
}

/** However many there are: it takes too long when none ends any more. */
async function untilAllEnded(api: Member, fewest = Infinity): Promise<void> {
  let left = fewest;
  await until(async () => {
    const counts = await api.result<{ state: JobState; count: number }[]>('/test/counts', null);
    left = counts.filter(({ state }) => !isTerminal(state)).reduce((sum, { count }) => sum + count, 0);
    return left < fewest;
  });
  if (left > 0) await untilAllEnded(api, left);
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + PATIENCE_MS; ; await sleep(50)) {
    const isTrue = await condition().catch((error: unknown) => {
      if (Date.now() > end) throw error;
      return false;
    });
    if (isTrue) return;
    if (Date.now() > end) throw new Error('It took too long.');
  }
}
