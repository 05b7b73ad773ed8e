import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeJobEngine } from '../job-engine.contract.js';
import { EmbeddedJobEngine } from './embedded-job-engine.js';

describeJobEngine('EmbeddedJobEngine', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'kriged-jobs-'));
  return {
    engine: () => new EmbeddedJobEngine(folder),
    remove: async () => rmSync(folder, { recursive: true }),
  };
});
