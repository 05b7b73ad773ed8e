/**
 * A process that runs, as a server's own runner does, the jobs of `cluster.ts`, which do nothing; until SIGTERM.
 * Arguments: the folder of files, how many jobs of a type at a time, the types.
 */
import { built } from './built.ts';
import { engineIn } from './engines.ts';

const { FileArtifactStore } = await built<typeof import('../../src/artifacts/file-artifact-store.js')>(
  'artifacts/file-artifact-store.js',
);
const { loadConfig } =
  await built<typeof import('../../src/common/config/config.js')>('common/config/config.js');
const { JobRunner } = await built<typeof import('../../src/jobs/job-runner.js')>('jobs/job-runner.js');
const { JobTypes } = await built<typeof import('../../src/jobs/job-types.js')>('jobs/job-types.js');

const [folder, concurrency, ...names] = process.argv.slice(2);
const types = new JobTypes();
for (const name of names) {
  types.register({
    name,
    concurrency: Number(concurrency),
    isPart: false,
    run: (request) => Promise.resolve({ value: request }),
  });
}
const engine = engineIn(folder, process.env['DATABASE_URL']);
await engine.open();
const runner = new JobRunner(types, engine, new FileArtifactStore(folder), loadConfig({}));
runner.start();
// What the runner waits for does not keep a process alive.
const alive = setInterval(() => undefined, 60_000);
process.once('SIGTERM', () => {
  void runner
    .stop()
    .then(() => engine.close())
    .finally(() => clearInterval(alive));
});
console.log('Ready.');
