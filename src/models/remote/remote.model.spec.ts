import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import { afterAll, describe, expect, it } from 'vitest';
import { goldenAnswer } from '../../../test/support/golden-answers.js';
import { openInferenceAnswer } from '../../../test/support/open-inference-peer.js';
import { Peer, sendJson } from '../../../test/support/peer.js';
import { golden, useApp } from '../../../test/support/test-app.js';
import { umBridgeAnswer } from '../../../test/support/um-bridge-peer.js';
import { loadConfig } from '../../common/config/config.js';
import { Matrix } from '../../numeric/linalg/matrix.js';
import { describeModelContract } from '../model.contract.js';
import { ModelFile } from '../model-file.js';
import type { Model } from '../model.js';
import { RemoteAccess } from './remote-access.js';
import type { RemoteSpec } from './remote-spec.js';
import { RemoteModelType } from './remote.model-type.js';

Logger.overrideLogger(false);

const folder = mkdtempSync(join(tmpdir(), 'kriged-remote-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function load(
  spec: Omit<RemoteSpec, 'type'>,
  env: Record<string, string> = { REMOTE_HOSTS: '127.0.0.1' },
): Promise<Model> {
  const path = join(folder, 'remote.json');
  writeFileSync(path, JSON.stringify({ type: 'remote', ...spec }));
  const access = new RemoteAccess(loadConfig(env));
  await access.onModuleInit();
  return (await new RemoteModelType(access).load(new ModelFile(path))).model;
}

describe('another Kriged', () => {
  const upstream = useApp({
    'matern.pkl': golden('gpy/matern52-ard.pkl'),
    'three.pkl': golden('gpy/three-outputs.pkl'),
  });
  const remote = (model: string): Promise<Model> =>
    load({ protocol: 'kriged', url: `http://127.0.0.1:${upstream.port}`, model });

  for (const [name, file] of [
    ['matern', 'gpy/matern52-ard'],
    ['three', 'gpy/three-outputs'],
  ]) {
    describeModelContract(`remote (Kriged, ${name})`, () => remote(name), {
      inside: goldenAnswer(file).X_test.slice(0, 5),
      rowTolerance: 1e-12,
      longRows: 20_000,
    });
  }

  it('answers with the digits of the other', async () => {
    const X = Matrix.fromRows(goldenAnswer('gpy/three-outputs').X_test.slice(0, 3));
    const body = { inputs: Array.from({ length: 3 }, (_, i) => [...X.row(i)]) };
    const direct = await upstream
      .request()
      .post('/models/three/predict?covariance=true&samples=2')
      .send(body);
    const { mean, variance, covariance, samples } = await (
      await remote('three')
    ).predict(X, { covariance: true, samples: 2 });
    const rows = (matrix: Matrix): number[][] =>
      Array.from({ length: matrix.rows }, (_, i) => [...matrix.row(i)]);
    expect({
      mean: rows(mean),
      variance: rows(variance!),
      covariance: covariance!.map(rows),
      samples: samples!.map(rows),
    }).toEqual(direct.body);
  });

  it('answers many rows, which travel as npy, with the same digits as in JSON', async () => {
    const { X_test } = goldenAnswer('gpy/three-outputs');
    const X = Matrix.fromRows(Array.from({ length: 300 }, (_, i) => X_test[i % X_test.length]));
    const model = await remote('three');
    const { latentVariance: _l, ...json } = await model.predict(X, { latentVariance: true });
    expect(await model.predict(X, {})).toEqual(json);
    expect((await model.predict(X, { meanOnly: true })).mean).toEqual(json.mean);
  });

  it('is refused, or refuses, in plain words', async () => {
    await expect(remote('nothing')).rejects.toThrow('The server behind this model answered with status 404.');
    const X = Matrix.fromRows([[1, 2]]);
    const other = await remote('matern');
    await expect(other.predict(X, {}, undefined)).rejects.toThrow(/refused the request \(400\)\. .*inputs/);
  });
});

describe('a UM-Bridge server', async () => {
  const peer = await Peer.start(umBridgeAnswer);
  afterAll(() => peer.close());
  const remote = (more: Partial<RemoteSpec> = {}): Promise<Model> =>
    load({ protocol: 'um-bridge', url: peer.url, model: 'forward', ...more });

  describeModelContract('remote (UM-Bridge)', () => remote({ model: 'small' }), {
    inside: [
      [0.5, 2],
      [1, -1],
      [-2, 1 / 3],
    ],
    longRows: 2000,
  });

  it('is asked with the config of the file, point by point', async () => {
    peer.requests.length = 0;
    const model = await remote({ config: { scale: 10 }, inputs: ['a', 'b', { name: 'c', unit: 'm' }] });
    const { mean, meanGradient } = await model.predict(
      Matrix.fromRows([
        [0, 2, 3],
        [0, 1, 1],
      ]),
      { gradients: true },
    );
    expect([...mean.data]).toEqual([60, 0, 9, 10, 0, 1]);
    expect([...meanGradient!.subarray(0, 9)]).toEqual([10, 30, 20, 2, 0, 0, 0, 0, 6]);
    expect(model.inputs).toEqual([
      { name: 'a', kind: 'real' },
      { name: 'b', kind: 'real' },
      { name: 'c', kind: 'real', unit: 'm' },
    ]);
    expect(peer.requests.filter(({ path }) => path === '/Evaluate')).toHaveLength(2);
  });

  it('is refused where the file is at odds with it', async () => {
    await expect(remote({ model: 'backward' })).rejects.toThrow('it has no model of this name');
    await expect(remote({ outputs: ['y'] })).rejects.toThrow(
      'The model file names 1 outputs, but the server behind this model has 3.',
    );
  });
});

describe('an Open Inference server', async () => {
  const peer = await Peer.start(openInferenceAnswer);
  afterAll(() => peer.close());
  const remote = (more: Partial<RemoteSpec> = {}): Promise<Model> =>
    load({ protocol: 'open-inference', url: peer.url, model: 'linear', ...more });

  describeModelContract('remote (Open Inference)', () => remote(), {
    inside: [
      [0.5, 2, 3],
      [1, -1, 0.25],
      [-2, 1 / 3, 7],
    ],
    longRows: 20_000,
  });

  it('tells its variables by tensor and column, and its answers by the names of the tensors', async () => {
    const model = await remote();
    expect(model.inputs.map(({ name }) => name)).toEqual(['x1', 'x2', 't']);
    expect(model.outputs.map(({ name }) => name)).toEqual(['y', 's1', 's2']);
    const { mean } = await model.predict(
      Matrix.fromRows([
        [2, 3, 0.5],
        [0, 1, 1],
      ]),
      {},
    );
    expect([...mean.data]).toEqual([-2.5, Math.sin(2), 9, -1, 0, 1]);
  });
});

describe('an answer that is none', async () => {
  const peer = await Peer.start();
  afterAll(() => peer.close());
  const serve =
    (metadata: unknown, answer: unknown): Peer['answer'] =>
    (request, response) =>
      sendJson(response, request.method === 'GET' ? metadata : answer);
  const kriged = {
    state: 'ready',
    inputs: [{ name: 'x', kind: 'real' }],
    outputs: [{ name: 'y', kind: 'real' }],
    supports: ['variance', 'gradient'],
    description: {},
  };
  const oip = {
    inputs: [{ name: 'x', datatype: 'FP64', shape: [-1] }],
    outputs: [{ name: 'y', datatype: 'FP64', shape: [-1, 1] }],
  };
  const tensor = { name: 'y', datatype: 'FP64', shape: [2, 1], data: [1, 2] };

  it.each<[RemoteSpec['protocol'], unknown, unknown, string]>([
    ['kriged', kriged, { mean: [1, 2] }, 'variance is no list, expected a list of 2'],
    ['kriged', kriged, { mean: [1], variance: [1, 1] }, 'mean has 1 items, expected a list of 2'],
    ['kriged', kriged, { mean: [1, null], variance: [1, 1] }, 'mean[1] is no finite number'],
    ['kriged', kriged, { mean: [[1], [2]], variance: [1, 1] }, 'mean[0] is no finite number'],
    ['kriged', kriged, [1, 2], 'the answer is no object'],
    ['open-inference', oip, { outputs: [] }, 'output y is missing'],
    [
      'open-inference',
      oip,
      { outputs: [{ ...tensor, shape: [1, 2, 2] }] },
      'output y has a shape of (1, 2, 2), expected 2 numbers',
    ],
    [
      'open-inference',
      oip,
      { outputs: [{ ...tensor, datatype: 'BYTES' }] },
      'output y does not hold numbers',
    ],
    [
      'open-inference',
      oip,
      { outputs: [{ ...tensor, data: [1, 'secret'] }] },
      'output y[1] is no finite number',
    ],
    [
      'open-inference',
      oip,
      { outputs: [{ ...tensor, data: [[1, 2]] }] },
      'output y has 1 items, expected a list of 2',
    ],
  ])('%s: %j, then %j', async (protocol, metadata, answer, message) => {
    peer.answer = serve(metadata, answer);
    const model = await load({ protocol, url: peer.url, model: 'm' });
    await expect(model.predict(Matrix.fromRows([[1], [2]]), {})).rejects.toThrow(
      `The answer of the server behind this model cannot be used: ${message}.`,
    );
  });

  it.each<[RemoteSpec['protocol'], unknown, string]>([
    ['kriged', { ...kriged, state: 'failed' }, 'the model is not loaded there'],
    ['kriged', { ...kriged, inputs: 'x' }, 'inputs is no list'],
    ['kriged', { ...kriged, inputs: [{}] }, 'inputs[0].name is no text'],
    [
      'open-inference',
      { ...oip, inputs: [] },
      'it does not tell its inputs: the model file has to name them',
    ],
    [
      'open-inference',
      { ...oip, inputs: [{ ...tensor, datatype: 'BYTES' }] },
      'inputs[0] does not hold numbers',
    ],
    [
      'open-inference',
      { ...oip, inputs: [{ ...tensor, shape: [4] }] },
      'the first axis of inputs[0] is 4, expected -1 or 1',
    ],
    [
      'open-inference',
      { ...oip, inputs: [{ ...tensor, shape: [-1, -1] }] },
      'inputs[0] does not tell its number of columns: the model file has to name them',
    ],
    ['um-bridge', { models: 'm' }, 'Info.models is no list'],
  ])('%s: %j is not served', async (protocol, metadata, message) => {
    peer.answer = serve(metadata, {});
    await expect(load({ protocol, url: peer.url, model: 'm' })).rejects.toThrow(message);
  });

  it('kriged: a number that no double holds', async () => {
    peer.answer = (request, response) => {
      if (request.method === 'GET') sendJson(response, kriged);
      else response.end('{"mean": [1, 1e999], "variance": [1, 1]}');
    };
    const model = await load({ protocol: 'kriged', url: peer.url, model: 'm' });
    await expect(model.predict(Matrix.fromRows([[1], [2]]), {})).rejects.toThrow(
      'mean[1] is no finite number',
    );
  });

  it('asks a server that does not tell its tensors with one of each', async () => {
    peer.answer = serve({}, { outputs: [{ ...tensor, name: 'any', shape: [2] }] });
    const model = await load({
      protocol: 'open-inference',
      url: peer.url,
      model: 'm',
      inputs: ['a', 'b'],
      outputs: ['y'],
    });
    const { mean } = await model.predict(
      Matrix.fromRows([
        [1, 2],
        [3, 4],
      ]),
      {},
    );
    expect([...mean.data]).toEqual([1, 2]);
  });
});

describe('where a model may lie', async () => {
  const peer = await Peer.start((_request, response) => void response.writeHead(404).end());
  afterAll(() => peer.close());

  it.each([
    ['http://127.0.0.1:1', '', /the operator adds "127\.0\.0\.1:1" to REMOTE_HOSTS/],
    ['http://127.0.0.1:1', '127.0.0.1:2,localhost', /REMOTE_HOSTS/],
    ['https://example.org/a', 'example.org:80', /adds "example\.org:443" to REMOTE_HOSTS/],
    ['http://example.org.evil.net', 'example.org', /REMOTE_HOSTS/],
    ['http://user:secret@127.0.0.1', '127.0.0.1', /^url holds a user name or password/],
    ['file:///etc/passwd', '127.0.0.1', /^url is expected to be http/],
    ['http://127.0.0.1/?a=1', '127.0.0.1', /^url is expected to be http/],
    ['127.0.0.1:80', '127.0.0.1', /^url is expected to be http/],
  ])('%s is refused where REMOTE_HOSTS is %j', async (url, REMOTE_HOSTS, message) => {
    await expect(load({ protocol: 'kriged', url, model: 'm' }, { REMOTE_HOSTS })).rejects.toThrow(message);
  });

  it.each([
    ['127.0.0.1', 'Bearer for-the-peer'],
    ['localhost', undefined],
    ['127.0.0.1:1', undefined],
  ])('is told the token of %s, where that is its own: %s', async (host, expected) => {
    const tokens = join(folder, 'tokens.json');
    writeFileSync(tokens, JSON.stringify({ [host]: 'Bearer for-the-peer' }));
    await expect(
      load(
        { protocol: 'kriged', url: peer.url, model: 'm' },
        { REMOTE_HOSTS: peer.host, REMOTE_TOKENS: tokens },
      ),
    ).rejects.toThrow('status 404');
    expect(peer.requests.at(-1)?.headers.authorization).toBe(expected);
  });

  it('has no config for Kriged', async () => {
    await expect(load({ protocol: 'kriged', url: peer.url, model: 'm', config: {} })).rejects.toThrow(
      /^config is for/,
    );
  });
});

it('keeps no connection to a server whose model it refuses', async () => {
  const closed = Promise.withResolvers<void>();
  // Past Node's own server, which would close a connection that has been quiet for a while.
  const peer = await Peer.start(({ socket }) => {
    socket.once('close', closed.resolve).write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}');
  });
  const refused = load({ protocol: 'kriged', url: peer.url, model: 'm' }, { REMOTE_HOSTS: peer.host });
  await expect(refused).rejects.toThrow('not loaded there');
  await closed.promise;
  await peer.close();
});
