/**
 * Jobs a second through create, claim and succeed, each durable before it is answered, and the memory of a server that
 * has its job engine open. `npm run bench:jobs`; with DATABASE_URL the PostgreSQL engine as well. Options: JOBS (2000).
 */
import { randomUUIDv7 } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JobEngine } from '../../src/jobs/job-engine.ts';
import type { NewJob } from '../../src/jobs/job.ts';
import { idleMemory } from './idle-memory.ts';
import { openEngines } from './engines.ts';

const JOBS = Number(process.env['JOBS'] ?? '2000');
/** How many clients there are, each of which waits for its answer before it asks again. */
const CLIENTS = [1, 16, 64];

const folder = mkdtempSync(join(tmpdir(), 'kriged-bench-jobs-'));
try {
  for await (const engine of openEngines(folder)) {
    for (const clients of CLIENTS) await measure(engine, clients);
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

function newJob(type: string): NewJob {
  return {
    id: randomUUIDv7(),
    type,
    request: { x: [1, 2, 3] },
    priority: 0,
    maxAttempts: 3,
    timeLimitSeconds: 60,
  };
}
