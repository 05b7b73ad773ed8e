import { loadConfig } from '../../src/common/config/config.js';
import { WorkerPool } from '../../src/common/pool/worker-pool.js';
import { Backend } from '../../src/compute/backend.js';
import { GpEngine } from '../../src/models/gpr/gp-engine.js';
import { GprModelType } from '../../src/models/gpr/gpr.model-type.js';
import { WORKER_ENTRY } from './worker-entry.js';

/** What reads Gaussian processes, without a server around it. */
export function gprModelType(env: Readonly<Record<string, string>> = {}): GprModelType {
  const config = loadConfig(env);
  return new GprModelType(
    config,
    new GpEngine(new WorkerPool(config, WORKER_ENTRY), Backend.create(config.blas), config),
  );
}
