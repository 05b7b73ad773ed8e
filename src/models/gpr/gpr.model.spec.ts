import { join } from 'node:path';
import { expect, it } from 'vitest';
import { loadConfig } from '../../common/config/config.js';
import { WorkerPool } from '../../common/pool/worker-pool.js';
import { Backend } from '../../compute/backend.js';
import { WORKER_ENTRY } from '../../../test/support/worker-entry.js';
import { ModelFile } from '../model-file.js';
import { GpEngine } from './gp-engine.js';
import { GprModelType } from './gpr.model-type.js';

const EXAMPLE = join(import.meta.dirname, '../../../models/example.pkl');

it('gives the memory of its arrays back when it is released', async () => {
  const config = loadConfig({});
  const backend = Backend.create('off');
  const type = new GprModelType(config, new GpEngine(new WorkerPool(config, WORKER_ENTRY), backend));
  const before = backend.heap.usedBytes;
  const { model } = await type.load(new ModelFile(EXAMPLE));
  expect(model.bytes).toBeGreaterThanOrEqual((200 * 200 + 200 * 4 + 200) * 8);
  expect(backend.heap.usedBytes - before).toBeGreaterThanOrEqual(model.bytes);
  model.release();
  model.release();
  expect(backend.heap.usedBytes).toBe(before);
});
