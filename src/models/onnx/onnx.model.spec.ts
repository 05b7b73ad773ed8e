import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { expectClose, type Tolerance } from '../../../test/support/close.js';
import { ROOT } from '../../../test/support/test-app.js';
import { withFile } from '../../../test/support/with-file.js';
import { WORKER_ENTRY } from '../../../test/support/worker-entry.js';
import { loadConfig } from '../../common/config/config.js';
import { WorkerPool } from '../../common/pool/worker-pool.js';
import { Matrix } from '../../numeric/linalg/matrix.js';
import { describeModelContract } from '../model.contract.js';
import { ModelFile } from '../model-file.js';
import type { Model } from '../model.js';
import { OnnxModelType } from './onnx.model-type.js';
import { loadOnnxRuntime, reasonOf } from './onnx-runtime.js';

const FOLDER = join(ROOT, 'test/golden/onnx');
const pool = new WorkerPool(loadConfig({ THREADS: '2' }), WORKER_ENTRY);
const type = new OnnxModelType(pool);
afterAll(() => pool.onApplicationShutdown());

/** What the original model predicted, written by the generator beside the files. */
interface Expected {
  readonly inputs: string[];
  readonly outputs: string[];
  readonly X_test: number[][];
  readonly mean: number[][];
  readonly tolerance: Tolerance;
}

async function load(name: string): Promise<Model> {
  return (await type.load(new ModelFile(join(FOLDER, `${name}.onnx`)))).model;
}

function expectedOf(name: string): Expected {
  return JSON.parse(readFileSync(join(FOLDER, `${name}.expected.json`), 'utf8')) as Expected;
}

const names = readdirSync(FOLDER)
  .filter((file) => file.endsWith('.expected.json'))
  .map((file) => file.replace('.expected.json', ''));
const runtime = await loadOnnxRuntime().catch(() => undefined);

it.skipIf(runtime)('without onnxruntime-node, the reason says what to install', async () => {
  await expect(load('xgboost')).rejects.toThrow(
    'ONNX models need the package onnxruntime-node, which is not installed: npm install --ignore-scripts onnxruntime-node',
  );
});

it.each([
  [
    '/src/core/graph/model.cc:181 Mine is not a registered function/op',
    'Mine is not a registered function/op',
  ],
  ['at C:\\build\\core\\gather.h:134 in gather.h:134\n idx=9', 'at in idx=9'],
  ['/w.bin cannot be opened', 'cannot be opened'],
])('%j is told as %j', (message, reason) => {
  expect(reasonOf(new Error(message))).toBe(reason);
});

it('a file is recognised by its extension, or by its first bytes', async () => {
  const recognised = (name: string, content: Uint8Array) =>
    withFile(name, content, (file) => type.recognises(file));
  for (const name of ['xgboost', 'three-rows']) {
    const bytes = readFileSync(join(FOLDER, `${name}.onnx`));
    expect(await recognised('model.bin', bytes)).toBe(true);
  }
  expect(await recognised('model.ONNX', Buffer.from('anything'))).toBe(true);
  expect(await recognised('model.pkl', Buffer.from([0x80, 4, 0x95]))).toBe(false);
  expect(await recognised('model.json', Buffer.from('{}'))).toBe(false);
  expect(await recognised('empty', Buffer.alloc(0))).toBe(false);
});

// Skipped where the optional package is not installed: `.ci/onnx` installs it in a copy of the project.
describe.skipIf(!runtime)('with onnxruntime-node', () => {
  describe.each(names)('%s', (name) => {
    const expected = expectedOf(name);

    it('has the inputs and outputs of the graph, and the predictions of the original model', async () => {
      const model = await load(name);
      expect(model.inputs.map((input) => input.name)).toEqual(expected.inputs);
      expect(model.outputs.map((output) => output.name)).toEqual(expected.outputs);
      const { mean } = await model.predict(Matrix.fromRows(expected.X_test), {});
      expectClose('mean', mean.data, expected.mean.flat(), expected.tolerance);
      model.release();
    });

    it('predicts on a worker what it predicts in place', async () => {
      const model = await load(name);
      const { X_test: rows } = expected;
      const X = Matrix.fromRows(Array.from({ length: 60_001 }, (_, i) => rows[i % rows.length]));
      const { mean } = await model.predict(X, {});
      const last = Array.from({ length: 50 }, (_, i) => expected.mean[(X.rows - 50 + i) % rows.length]);
      const { data } = mean.slice(X.rows - 50, X.rows);
      expectClose('mean', data, last.flat(), expected.tolerance);
      model.release();
    });
  });

  for (const name of [
    'sklearn-mlp',
    'sklearn-gp',
    'xgboost',
    'several-inputs',
    'one-row-network',
    'three-rows',
  ]) {
    describeModelContract(`onnx (${name})`, () => load(name), {
      inside: expectedOf(name).X_test,
      // In single precision a product's sums are ordered by the size of the batch.
      rowTolerance: name === 'sklearn-mlp' || name === 'sklearn-gp' ? 2e-6 : 0,
      longRows: 60_000,
    });
  }

  it('says what it is', async () => {
    const model = await load('sklearn-mlp');
    expect(model.supportedMethods).toEqual([]);
    expect(model.describe()).toEqual({
      precision: 'float32',
      inputTensors: [{ name: 'X', type: 'float32', columns: 3, flat: false }],
      outputTensors: [{ name: 'variable', type: 'float32', columns: 1, flat: false }],
      runtime: expect.stringMatching(/^ONNX Runtime \d+\.\d+\.\d+$/),
    });
    expect((await load('sklearn-gp')).describe().precision).toBe('float64');
    expect((await load('three-rows')).describe().rowsPerRun).toBe(3);
  });

  it.each<[string, number[], string]>([
    ['several-inputs', [1, 0.5, 0], 'index must be a whole number from -2147483648 to 2147483647, got 0.5'],
    ['several-inputs', [1, 2 ** 31, 0], 'index must be'],
    ['several-inputs', [1, 1, 2], 'flag must be a whole number from 0 to 1, got 2'],
    ['xgboost', [1, 1e39, 2], 'x2 must be a number between -3.4e38 and 3.4e38, got 1e+39'],
  ])('%s refuses %j: its tensors cannot hold it', async (name, row, message) => {
    const model = await load(name);
    await expect(model.predict(Matrix.fromRows([row]), {})).rejects.toThrow(message);
    await expect(model.predict(Matrix.fromRows([row]), {})).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  });

  it('a graph that fails on a row says why, and works on', async () => {
    const model = await load('several-inputs');
    const failing = model.predict(Matrix.fromRows([[1, 7, 0]]), {});
    await expect(failing).rejects.toMatchObject({ code: 'GRAPH_RUN_FAILED' });
    await expect(failing).rejects.toThrow(/^The model's graph fails on these rows: .*idx=7 must be within/);
    await expect(failing).rejects.not.toThrow(/[/\\]/);
    expect((await model.predict(Matrix.fromRows([[1, 2, 1]]), {})).mean.data[0]).toBe(5);
    const many = Matrix.fromRows(Array.from({ length: 60_000 }, (_, i) => [1, i === 50_000 ? 9 : 2, 0]));
    await expect(model.predict(many, {})).rejects.toMatchObject({ code: 'GRAPH_RUN_FAILED' });
  });

  it.each([
    ['zipmap', 'The output "output_probability" is a sequence or a map, expected a tensor of numbers'],
    ['image', 'The input "x" has the shape [N, 3, 8, 8], expected [N] or [N, columns]'],
    ['open-columns', 'The input "x" has the shape [N, d], expected'],
    ['string', 'The input "x" holds string, expected numbers'],
    ['float16', 'The input "x" holds float16, expected numbers'],
    ['flattened', 'The output "variable" has the shape [4, 1] for 2 rows, expected one entry a row'],
    ['sum', 'The output "y" has the shape [] for 2 rows, expected one entry a row'],
    [
      'custom-operator',
      'ONNX Runtime refuses the file: Fatal error: org.example:Mine(-1) is not a registered function/op',
    ],
    ['external-initializer', 'keeps its numbers in another file'],
    ['external-attribute', 'keeps its numbers in another file'],
  ])('refused-%s: %s', async (name, reason) => {
    await expect(load(`refused-${name}`)).rejects.toThrow(reason);
    await expect(load(`refused-${name}`)).rejects.toMatchObject({ code: 'MODEL_FILE_REFUSED' });
  });

  it('refuses damaged files', async () => {
    const whole = readFileSync(join(FOLDER, 'xgboost.onnx'));
    const broken = [Buffer.alloc(0), Buffer.from('no protocol buffer'), whole.subarray(0, 2000)];
    broken.push(Buffer.from(whole.map((byte, i) => (i % 97 === 5 ? byte ^ 0x55 : byte))));
    for (const bytes of broken) {
      await withFile('model.onnx', bytes, async (file) => {
        await expect(type.load(file)).rejects.toMatchObject({ code: 'MODEL_FILE_REFUSED' });
      });
    }
  });
});
