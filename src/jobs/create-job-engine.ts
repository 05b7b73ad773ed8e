import type { Config } from '../common/config/config.js';
import { EmbeddedJobEngine } from './embedded/embedded-job-engine.js';
import type { JobEngine } from './job-engine.js';

/** The engine that the settings ask for, not opened. */
export function createJobEngine({ dataDir }: Config): JobEngine {
  return new EmbeddedJobEngine(dataDir);
}
