import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { JobEngine } from '../../src/jobs/job-engine.ts';

const dist = fileURLToPath(new URL('../../dist', import.meta.url));

/** Each engine that the settings reach, open while it is the loop's: as `npm run build` makes them. */
export async function* openEngines(folder: string): AsyncGenerator<JobEngine> {
  const { loadConfig } = (await import(
    join(dist, 'common/config/config.js')
  )) as typeof import('../../src/common/config/config.js');
  const { createJobEngine } = (await import(
    join(dist, 'jobs/create-job-engine.js')
  )) as typeof import('../../src/jobs/create-job-engine.js');
  const { DATABASE_URL: database } = process.env;
  const choices = database === undefined ? [{}] : [{}, { DATABASE_URL: database }];
  for (const choice of choices) {
    const engine = createJobEngine(loadConfig({ DATA_DIR: join(folder, 'engine'), ...choice }));
    await engine.open();
    try {
      yield engine;
    } finally {
      await engine.close();
    }
  }
}
