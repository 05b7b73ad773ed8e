import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { JobEngine } from '../../src/jobs/job-engine.ts';
import { ProcessTree } from '../http/process-tree.ts';
import { newJob } from './new-job.ts';

const WORKERS = 2;
/** Jobs of one type that each runs at a time. */
const CONCURRENCY = 32;
const START_TIMEOUT_MS = 30_000;
/** No job ends for so long: something is wrong. */
const STALL_MS = 30_000;

/** Jobs that this process makes, and two others run, through the database that all of them share. */
export async function measureCluster(
  engine: JobEngine,
  {
    database,
    folder,
    jobs,
    clients,
  }: { database: string; folder: string; jobs: number; clients: readonly number[] },
): Promise<void> {
  // Of this run alone: the database may hold others.
  const types = new Map(clients.map((count) => [count, `bench-workers-${count}-${Date.now()}`]));
  const argv = [process.execPath, fileURLToPath(new URL('worker.ts', import.meta.url)), folder];
  const workers = Array.from(
    { length: WORKERS },
    () =>
      new ProcessTree({
        argv: [...argv, String(CONCURRENCY), ...types.values()],
        cwd: folder,
        env: { DATABASE_URL: database },
      }),
  );
  try {
    await Promise.all(workers.map(untilReady));
    for (const [count, type] of types) await measure(engine, workers, { type, jobs, clients: count });
  } finally {
    await Promise.all(workers.map((worker) => worker.stop()));
  }
}

async function measure(
  engine: JobEngine,
  workers: readonly ProcessTree[],
  { type, jobs, clients }: { type: string; jobs: number; clients: number },
): Promise<void> {
  const each = Math.ceil(jobs / clients);
  const cpu = process.cpuUsage();
  const workersCpu = cpuSeconds(workers);
  const began = performance.now();
  const create = async (): Promise<void> => {
    for (let i = 0; i < each; i++) await engine.create([newJob(type)]);
  };
  await Promise.all(Array.from({ length: clients }, create));
  const made = performance.now();
  await untilSucceeded(engine, type, each * clients);
  const seconds = (performance.now() - began) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  const total = each * clients;
  const micros = (user + system + (cpuSeconds(workers) - workersCpu) * 1e6) / total;
  console.log(
    `${engine.name}, ${WORKERS} workers, ${clients} at once: ${(total / seconds).toFixed(0)} jobs/s ` +
      `(made at ${((total / (made - began)) * 1000).toFixed(0)}/s), ${micros.toFixed(0)} µs of processor time a job ` +
      `in the three processes`,
  );
}

async function untilSucceeded(engine: JobEngine, type: string, count: number): Promise<void> {
  let most = 0;
  for (let end = Date.now() + STALL_MS; Date.now() < end; await sleep(20)) {
    const row = (await engine.counts()).find((each) => each.type === type && each.state === 'succeeded');
    const done = row?.count ?? 0;
    if (done === count) return;
    if (done > most) end = Date.now() + STALL_MS;
    most = done;
  }
  throw new Error(`${count} jobs were made, and ${most} have succeeded.`);
}

async function untilReady(worker: ProcessTree): Promise<void> {
  for (const end = Date.now() + START_TIMEOUT_MS; !worker.output.includes('Ready.'); await sleep(50)) {
    if (worker.ended || Date.now() > end) throw new Error(`A worker does not start: ${worker.output}`);
  }
}

function cpuSeconds(workers: readonly ProcessTree[]): number {
  return workers.reduce((sum, worker) => sum + worker.cpuSeconds(), 0);
}
