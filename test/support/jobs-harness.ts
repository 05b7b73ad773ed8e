/**
 * The built server (dist), with types of job and routes that only tests have: `test/jobs-chaos.e2e-spec.ts` starts it and
 * kills it. Node runs this file as it is, so it holds only what can be stripped to JavaScript.
 */
import cluster from 'node:cluster';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Request, Response } from 'express';
import type { NewJob } from '../../src/jobs/job.js';
import type { JobType } from '../../src/jobs/job-type.js';

/** The compiled module beside which it would lie. */
async function built<Module>(path: string): Promise<Module> {
  return (await import(new URL(`../../dist/${path}`, import.meta.url).href)) as Module;
}

const { loadConfig } =
  await built<typeof import('../../src/common/config/config.js')>('common/config/config.js');
const { createApp } = await built<typeof import('../../src/app.js')>('app.js');
const { runPrimary } = await built<typeof import('../../src/primary.js')>('primary.js');
const { lockDataFolder } = await built<typeof import('../../src/common/files/data-folder.js')>(
  'common/files/data-folder.js',
);
const { JobEngine } = await built<typeof import('../../src/jobs/job-engine.js')>('jobs/job-engine.js');
const { JobTypes } = await built<typeof import('../../src/jobs/job-types.js')>('jobs/job-types.js');

/** Takes a while, fails now and then, and gives back what it was asked. */
const part: JobType = {
  name: 'test-part',
  concurrency: 4,
  isPart: true,
  run: async (request, { artifacts, job, signal }) => {
    await sleep(Math.random() * 20, undefined, { signal });
    if (Math.random() < 0.05) throw new Error('An attempt that fails.');
    const file = await artifacts.put(
      `jobs/${job.parent ?? job.id}/${job.id}`,
      Buffer.from(JSON.stringify(request)),
      {
        mediaType: 'text/plain',
        signal,
      },
    );
    return { value: request, artifacts: [file] };
  },
};

/** Asks for three parts. */
const whole: JobType = {
  name: 'test-whole',
  // They mostly wait: for parts that are tried again, a second or two.
  concurrency: 8,
  isPart: false,
  run: async (request, { spread }) => {
    const results = await spread(
      'test-part',
      [0, 1, 2].map((i) => `${request as string}/${i}`),
    );
    return { value: results.map(({ value }) => value ?? null) };
  },
};

async function serve(): Promise<void> {
  const app = await createApp(config);
  const engine = app.get(JobEngine);
  for (const type of [part, whole]) app.get(JobTypes).register(type);
  const routes = app.getHttpAdapter().getInstance() as {
    post(path: string, handle: (request: Request, response: Response) => void): void;
  };
  const answer = (handle: (body: never) => Promise<unknown>) => (request: Request, response: Response) => {
    const parts: Buffer[] = [];
    request.on('data', (bytes: Buffer) => parts.push(bytes));
    request.on('end', () => {
      handle(JSON.parse(Buffer.concat(parts).toString()) as never).then(
        (result) => response.json({ pid: process.pid, parent: process.ppid, result }),
        (error: unknown) => response.status(503).json({ error: String(error) }),
      );
    });
  };
  routes.post(
    '/test/create',
    answer(async (jobs: NewJob[]) => (await engine.create(jobs)).map(({ job }) => job.id)),
  );
  routes.post(
    '/test/find',
    answer((ids: string[]) => Promise.all(ids.map((id) => engine.find(id).then((job) => job ?? null)))),
  );
  routes.post(
    '/test/counts',
    answer(() => engine.counts().then((counts) => [...counts])),
  );
  await app.listen(config.port, config.host);
}

const config = loadConfig(process.env);
if (cluster.isPrimary && config.databaseUrl === undefined) await lockDataFolder(config.dataDir);
if (cluster.isPrimary && config.processes > 1) runPrimary(config);
else await serve();
