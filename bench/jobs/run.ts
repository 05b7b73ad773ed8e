/**
 * Jobs a second through create, claim and succeed, each durable before it is answered, and the memory of a server that
 * has its job engine open. `npm run bench:jobs`; with DATABASE_URL (an empty database) the PostgreSQL engine as well, in
 * this process alone, and with two more that run the jobs. Options: JOBS (2000).
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JobEngine } from '../../src/jobs/job-engine.ts';
import { idleMemory } from './idle-memory.ts';
import { measureCluster } from './cluster.ts';
import { engineIn } from './engines.ts';
import { newJob } from './new-job.ts';

const JOBS = Number(process.env['JOBS'] ?? '2000');
/** How many clients there are, each of which waits for its answer before it asks again. */
const CLIENTS = [1, 16, 64];

const folder = mkdtempSync(join(tmpdir(), 'kriged-bench-jobs-'));
try {
  const { DATABASE_URL: database } = process.env;
  for (const place of database === undefined ? [undefined] : [undefined, database]) {
    const engine = engineIn(join(folder, 'engine'), place);
    await engine.open();
    try {
      for (const clients of CLIENTS) await measure(engine, clients);
      if (place !== undefined)
        await measureCluster(engine, { database: place, folder, jobs: JOBS, clients: CLIENTS });
    } finally {
      await engine.close();
    }
  }
  const bytes = await idleMemory(join(folder, 'server'));
  console.log(`idle server with the embedded engine open: ${(bytes / 1e6).toFixed(0)} MB resident`);
} finally {
  rmSync(folder, { recursive: true });
}

async function measure(engine: JobEngine, clients: number): Promise<void> {
  const type = `bench-${clients}`;
  const each = Math.ceil(JOBS / clients);
  const cpu = process.cpuUsage();
  const began = performance.now();
  const life = async (): Promise<void> => {
    for (let i = 0; i < each; i++) {
      await engine.create([newJob(type)]);
      const [claim] = await engine.claim(type, 1);
      // Another client may have taken it: then that one settles both.
      if (claim) await engine.succeed(claim, { value: i });
    }
  };
  await Promise.all(Array.from({ length: clients }, life));
  for (let claims; (claims = await engine.claim(type, 100)).length > 0;) {
    await Promise.all(claims.map((claim) => engine.succeed(claim, {})));
  }
  const seconds = (performance.now() - began) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  const done = (await engine.counts()).find((row) => row.type === type && row.state === 'succeeded')?.count;
  if (done !== each * clients)
    throw new Error(`${each * clients} jobs were made, and ${done} have succeeded.`);
  console.log(
    `${engine.name}, ${clients} at once: ${(done / seconds).toFixed(0)} jobs/s, ` +
      `${((user + system) / done).toFixed(0)} µs of processor time a job`,
  );
}
