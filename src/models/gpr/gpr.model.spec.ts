import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { expect, it, vi } from 'vitest';
import { loadConfig } from '../../common/config/config.js';
import { WorkerPool } from '../../common/pool/worker-pool.js';
import { Backend } from '../../compute/backend.js';
import { WORKER_ENTRY } from '../../../test/support/worker-entry.js';
import { Matrix } from '../../numeric/linalg/matrix.js';
import { ModelFile } from '../model-file.js';
import { GpEngine } from './gp-engine.js';
import { GprModelType } from './gpr.model-type.js';
import { goldenAnswer } from '../../../test/support/golden-answers.js';
import { gprModelType } from '../../../test/support/gpr-model-type.js';
import { ROOT } from '../../../test/support/test-app.js';
import { describeModelContract } from '../model.contract.js';

const EXAMPLE = join(import.meta.dirname, '../../../models/example.pkl');

it('gives the memory of its arrays back when it is released', async () => {
  const config = loadConfig({});
  const backend = Backend.create('off');
  const type = new GprModelType(config, new GpEngine(new WorkerPool(config, WORKER_ENTRY), backend, config));
  const before = backend.heap.usedBytes;
  const { model } = await type.load(new ModelFile(EXAMPLE));
  expect(model.bytes).toBeGreaterThanOrEqual((200 * 200 + 200 * 4 + 200) * 8);
  expect(backend.heap.usedBytes - before).toBeGreaterThanOrEqual(model.bytes);
  model.release();
  model.release();
  expect(backend.heap.usedBytes).toBe(before);
});

it('fails once no worker reads its arrays any more', async () => {
  const config = loadConfig({ THREADS: '2' });
  const pool = new WorkerPool(config, WORKER_ENTRY);
  const slow = Promise.withResolvers<never>();
  const run = vi
    .spyOn(pool, 'run')
    .mockRejectedValue(new Error('a part failed'))
    .mockReturnValueOnce(slow.promise);
  const type = new GprModelType(config, new GpEngine(pool, Backend.create('off'), config));
  const { model } = await type.load(new ModelFile(EXAMPLE));
  const failed = Promise.resolve(model.predict(Matrix.zeros(100_000, model.inputs.length), {})).catch(
    (error: unknown) => error,
  );
  await turn();
  expect(await Promise.race([failed, Promise.resolve('computing')])).toBe('computing');
  slow.reject(new Error('so did another'));
  expect(await failed).toEqual(new Error('a part failed'));
  expect(run).toHaveBeenCalledTimes(2);
  model.release();
});

const type = gprModelType();

for (const file of ['gpy/matern52-ard', 'gpy/normalized', 'gpy/heteroscedastic']) {
  const load = async () => (await type.load(new ModelFile(`${ROOT}/test/golden/${file}.pkl`))).model;
  describeModelContract(`gpr (${file})`, load, {
    inside: goldenAnswer(file).X_test.slice(0, 7),
    // A panel's products are summed in another order than those of a single row.
    rowTolerance: 1e-12,
  });
}
