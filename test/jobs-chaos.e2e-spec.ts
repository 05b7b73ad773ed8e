import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUIDv7 } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, it } from 'vitest';
import { isTerminal, type Job, type JobState, type NewJob } from '../src/jobs/job.js';

/** Rounds of killing for each arrangement. */
const KILLS = Number(process.env['JOBS_KILLS'] ?? '3');
/** Of the test's own process; with DATABASE_URL the harness keeps its jobs there, as the server would. */
const HARNESS = join(import.meta.dirname, 'support/jobs-harness.ts');
/** A process that dies young too often in a row is not started again: then it is the first one's turn. */
const WORKERS_IN_A_ROW = 3;
/** So many jobs are made between two kills. */
const JOBS_A_ROUND = 40;
/** A server under which no job ends for so long has stopped working. */
const STALL_MS = 60_000;

let harness: Harness | undefined;
afterEach(async () => {
  await harness?.kill();
  harness = undefined;
});

/** The server under test, started again whenever it is gone. */
class Harness {
  #child: ChildProcess;
  #output = '';
  /** Requests that were neither answered nor refused. */
  unanswered = 0;

  constructor(
    private readonly port: number,
    private readonly env: Record<string, string>,
  ) {
    this.#child = this.#start();
  }

  #start(): ChildProcess {
    const child = spawn(process.execPath, [HARNESS], {
      env: {
        PATH: process.env['PATH'],
        DATABASE_URL: process.env['DATABASE_URL'],
        HOST: '127.0.0.1',
        PORT: String(this.port),
        LOG_LEVEL: 'fatal',
        THREADS: '1',
        ...this.env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (text: Buffer) => (this.#output += text.toString()));
    }
    return child;
  }

  get pid(): number {
    return this.#child.pid!;
  }

  async post(path: string, body: unknown): Promise<{ pid: number; result: unknown } | undefined> {
    try {
      const response = await fetch(`http://127.0.0.1:${this.port}/test/${path}`, {
        method: 'POST',
        body: JSON.stringify(body),
        headers: { 'Content-Type': 'application/json', Connection: 'close' },
        signal: AbortSignal.timeout(20_000),
      });
      return response.ok ? ((await response.json()) as { pid: number; result: unknown }) : undefined;
    } catch (error) {
      // It has been killed, or does not listen yet: but then it says so.
      if ((error as Error).name === 'TimeoutError') this.unanswered++;
      return undefined;
    }
  }

  async untilReady(): Promise<{ pid: number }> {
    for (;;) {
      const answer = await this.post('find', []);
      if (answer) return answer;
      if (this.#child.exitCode !== null) throw new Error(`The server does not start: ${this.#output}`);
      await sleep(20);
    }
  }

  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'close');
    this.#child.kill('SIGKILL');
    await ended;
  }

  restart(): void {
    this.#child = this.#start();
  }
}

it.each([1, 2])(
  `loses no acknowledged job, and leaves none without an end, while it is killed (${KILLS} times, %d processes)`,
  async (processes) => {
    const folder = mkdtempSync(join(tmpdir(), 'kriged-chaos-'));
    const port = await freePort();
    harness = new Harness(port, { DATA_DIR: folder, PROCESSES: String(processes) });
    const server = harness;
    await server.untilReady();

    const acknowledged = new Map<string, NewJob>();
    let before = 0;
    const pids = new Set<number>();
    const stop = new AbortController();
    const client = async (): Promise<void> => {
      for (; !stop.signal.aborted; await sleep(20)) {
        if (acknowledged.size - before >= JOBS_A_ROUND) continue;
        const jobs = [newJob('test-part'), newJob('test-whole')];
        const answer = await server.post('create', jobs);
        if (answer) for (const job of jobs) acknowledged.set(job.id, job);
        if (answer) pids.add(answer.pid);
      }
    };
    const clients = Promise.all([client(), client()]);

    for (let kill = 1; kill <= KILLS; kill++) {
      pids.clear();
      await server.untilReady();
      before = acknowledged.size;
      while (acknowledged.size === before) await sleep(5);
      await sleep(Math.random() * 400);
      const workers = [...pids].filter((pid) => pid !== server.pid);
      if (workers.length > 0 && kill % (WORKERS_IN_A_ROW + 1) !== 0) {
        killIfThere(workers[Math.floor(Math.random() * workers.length)]);
      } else {
        await server.kill();
        server.restart();
      }
    }
    stop.abort();
    await clients;
    await server.untilReady();

    const ended = await untilAllEnded(server);
    expect(ended).toBe(true);
    const jobs = await findAll(server, [...acknowledged.keys()]);
    expect(jobs.filter((job) => job === null)).toEqual([]);
    for (const job of jobs as Job[]) expectRightEnd(job);
    const succeeded = jobs.filter((job) => job?.state === 'succeeded');
    // An attempt is lost now and then, all of one job hardly ever.
    expect(succeeded.length).toBeGreaterThan(jobs.length * 0.9);
    expect(jobs.length).toBeGreaterThanOrEqual(KILLS);
    expect(server.unanswered).toBe(0);
    await server.kill();
    rmSync(folder, { recursive: true });
  },
  300_000 + KILLS * 30_000,
);

/** The result of a job that succeeded, or why it could not. */
function expectRightEnd(job: Job): void {
  if (job.state === 'succeeded') {
    const { request } = job;
    const parts = [0, 1, 2].map((i) => `${request as string}/${i}`);
    expect(job.result?.value).toEqual(job.type === 'test-part' ? request : parts);
    return;
  }
  expect(job).toMatchObject({
    state: 'failed',
    failure: { code: expect.stringMatching(/^(JOB_ATTEMPTS_LOST|INTERNAL_ERROR)$/) },
  });
}

/** False where no job ends any more, and some have not. */
async function untilAllEnded(server: Harness): Promise<boolean> {
  let most = 0;
  for (let end = Date.now() + STALL_MS; Date.now() < end; await sleep(100)) {
    const counts = (await server.post('counts', null))?.result as
      { state: JobState; count: number }[] | undefined;
    if (counts === undefined) continue;
    const ended = counts.filter(({ state }) => isTerminal(state)).reduce((sum, { count }) => sum + count, 0);
    if (counts.every(({ state }) => isTerminal(state))) return true;
    if (ended > most) end = Date.now() + STALL_MS;
    most = ended;
  }
  return false;
}

async function findAll(server: Harness, ids: readonly string[]): Promise<(Job | null)[]> {
  const jobs: (Job | null)[] = [];
  for (let start = 0; start < ids.length; start += 500) {
    const answer = await server.post('find', ids.slice(start, start + 500));
    jobs.push(...(answer?.result as (Job | null)[]));
  }
  return jobs;
}

function newJob(type: string): NewJob {
  const id = randomUUIDv7();
  return { id, type, request: `request of ${id}`, priority: 0, maxAttempts: 5, timeLimitSeconds: 60 };
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended meanwhile.
  }
}

async function freePort(): Promise<number> {
  const probe = createServer();
  probe.listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}
