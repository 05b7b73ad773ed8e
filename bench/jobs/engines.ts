import type { JobEngine } from '../../src/jobs/job-engine.ts';
import { built } from './built.ts';

const { loadConfig } =
  await built<typeof import('../../src/common/config/config.js')>('common/config/config.js');
const { createJobEngine } =
  await built<typeof import('../../src/jobs/create-job-engine.js')>('jobs/create-job-engine.js');

/** The engine in `folder`, or in the `database` where one is given; not opened. */
export function engineIn(folder: string, database?: string): JobEngine {
  return createJobEngine(
    loadConfig({ DATA_DIR: folder, ...(database !== undefined && { DATABASE_URL: database }) }),
  );
}
