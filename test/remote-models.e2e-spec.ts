import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { Peer, sendJson } from './support/peer.js';
import { expectNoLeak, expectProblem } from './support/problem.js';
import { ServerProcess } from './support/server-process.js';
import { useApp } from './support/test-app.js';
import { umBridgeAnswer } from './support/um-bridge-peer.js';

const folder = mkdtempSync(join(tmpdir(), 'kriged-remote-'));
const started: ServerProcess[] = [];
afterEach(() => Promise.all(started.splice(0).map((server) => server.stop())));
afterAll(() => rmSync(folder, { recursive: true }));

const ROW = [0.51, 0.76, 0.94, 0.72];

/** Serves these models with these settings; returns where. */
async function serve(
  models: Readonly<Record<string, object>>,
  env: Record<string, string> = {},
): Promise<string> {
  const dir = mkdtempSync(join(folder, 'models-'));
  for (const [name, spec] of Object.entries(models))
    writeFileSync(join(dir, `${name}.json`), JSON.stringify(spec));
  return start({ MODELS_DIR: dir, ...env });
}

async function start(env: Record<string, string>): Promise<string> {
  const server = new ServerProcess(env);
  started.push(server);
  return `http://127.0.0.1:${await server.port()}`;
}

interface Answer {
  status: number;
  headers: Headers;
  body: Record<string, unknown>;
}

async function ask(url: string, body?: unknown): Promise<Answer> {
  const post = {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  };
  const response = await fetch(url, body === undefined ? {} : post);
  return {
    status: response.status,
    headers: response.headers,
    body: (await response.json()) as Record<string, unknown>,
  };
}

const krigedAt = (url: string, more: object = {}): object => ({
  type: 'remote',
  protocol: 'kriged',
  url,
  model: 'example',
  ...more,
});

describe('a model behind another Kriged', () => {
  it('answers as the other does, options and all', async () => {
    const upstream = await start({});
    const front = await serve({ wing: krigedAt(upstream) }, { REMOTE_HOSTS: '127.0.0.1' });
    const options = {
      gradients: true,
      quantiles: [2.5, 97.5],
      credibleInterval: 90,
      samples: 2,
      latentVariance: true,
    };
    const question = { inputs: [ROW, [0.1, 0.2, 0.3, 0.4]], options };
    expect((await ask(`${front}/predict`, question)).body).toEqual(
      (await ask(`${upstream}/predict`, question)).body,
    );
    const { body } = await ask(`${front}/models/wing`);
    const { body: there } = await ask(`${upstream}/models/example`);
    expect(body).toMatchObject({
      type: 'remote',
      format: 'remote model (Kriged)',
      inputs: there.inputs,
      outputs: there.outputs,
      supports: (there.supports as string[]).filter(
        (method) => !['save', 'domain', 'diagnostics', 'fit', 'observe'].includes(method),
      ),
      description: { variance: 'observed', remoteModel: 'example', circuit: 'closed' },
    });
    expect(JSON.stringify(body)).not.toContain(upstream);
  });

  it('is served before the other is, where its file has inputs and outputs, and answers from then on', async () => {
    // Takes a port and gives it back: nobody listens at it.
    const before = await Peer.start();
    const { port } = before;
    await before.close();
    const url = `http://127.0.0.1:${port}`;
    const named = { inputs: ['a', 'b', 'c', 'd'], outputs: ['y'], retries: 0 };
    const front = await serve(
      { named: krigedAt(url, named), unnamed: krigedAt(url) },
      { REMOTE_HOSTS: `127.0.0.1:${port}` },
    );
    expect((await ask(`${front}/models/unnamed`)).body).toMatchObject({
      state: 'failed',
      reason: expect.stringMatching(
        /could not be reached \(ECONNREFUSED\)\. With inputs and outputs in its file/,
      ),
    });
    const down = await ask(`${front}/models/named/predict`, [ROW]);
    expect(down).toMatchObject({ status: 503, body: { code: 'EXTERNAL_MODEL_UNAVAILABLE' } });
    expect(down.headers.get('retry-after')).toBe('1');
    await start({ PORT: String(port) });
    expect((await ask(`${front}/models/named/predict`, [ROW])).body).toEqual({
      mean: expect.closeTo(-0.45444343, 7),
      variance: expect.any(Number),
    });
    expect((await ask(`${front}/models/named`)).body).toMatchObject({
      supports: expect.arrayContaining(['quantiles']),
    });
  });

  it('is not served where the operator has not allowed its host', async () => {
    const front = await serve({ wing: krigedAt('http://127.0.0.1:1') });
    expect((await ask(`${front}/models/wing`)).body).toMatchObject({
      state: 'failed',
      reason: expect.stringContaining('the operator adds "127.0.0.1:1" to REMOTE_HOSTS to allow it.'),
    });
  });

  it.each([
    [
      { REMOTE_HOSTS: 'http://a' },
      /^REMOTE_HOSTS is "http:\/\/a", expected a comma-separated list of host or host:port/,
    ],
    [{ REMOTE_TOKENS: '/no/such/file' }, /^REMOTE_TOKENS is "\/no\/such\/file", expected the path of a file/],
  ])('does not start with %j', async (env, line) => {
    const { code, stderr } = await new ServerProcess(env).ended;
    expect([code, stderr]).toEqual([1, expect.stringMatching(line)]);
  });

  it('does not start with tokens that are none, and shows no token', async () => {
    const path = join(folder, 'tokens.json');
    writeFileSync(path, JSON.stringify({ 'example.org': 'secret\nvalue' }));
    const { code, stderr } = await new ServerProcess({ REMOTE_TOKENS: path }).ended;
    expect([code, stderr]).toEqual([1, expect.stringMatching(/^REMOTE_TOKENS is .* one text a host\.\n$/)]);
    expect(stderr).not.toContain('secret');
  });
});

// Before the app loads its models, which ask for it.
const peer = await Peer.start(umBridgeAnswer);
afterAll(() => peer.close());

describe('faults of the server behind a model', () => {
  const remote = (more: object): string =>
    JSON.stringify({
      type: 'remote',
      protocol: 'um-bridge',
      url: peer.url,
      model: 'forward',
      retries: 0,
      timeoutMs: 5000,
      ...more,
    });
  const app = useApp(
    {
      'plain.json': remote({}),
      'hasty.json': remote({ timeoutMs: 300 }),
      'touchy.json': remote({ circuit: { failures: 2, openMs: 600_000 } }),
      'single.json': remote({ maxRequests: 1 }),
    },
    { REMOTE_HOSTS: peer.host },
  );
  const predict = (name: string) =>
    app
      .request()
      .post(`/models/${name}/predict`)
      .send([[0, 2, 3]]);
  afterEach(() => (peer.answer = umBridgeAnswer));

  it('are none at first', async () => {
    const { body } = await predict('plain');
    expect(body).toEqual({ mean: [6, 0, 9] });
    expect(
      (
        await app
          .request()
          .post('/models/plain/predict?gradients=true')
          .send([[0, 2, 3]])
      ).body,
    ).toEqual({
      mean: [6, 0, 9],
      meanGradient: [
        [1, 3, 2],
        [2, 0, 0],
        [0, 0, 6],
      ],
    });
  });

  it('are told as 502, without what the server said', async () => {
    peer.answer = (_request, response) =>
      sendJson(response, { error: { message: 'at /opt/secret.py:5' } }, 500);
    const body = expectProblem(await predict('plain'), 502, 'EXTERNAL_MODEL_FAILED');
    expectNoLeak(JSON.stringify(body));
    expect(JSON.stringify(body)).not.toContain('secret');
    peer.answer = (_request, response) => void response.end('<html>');
    expectProblem(await predict('plain'), 502, 'EXTERNAL_MODEL_FAILED');
  });

  it('are told as 422 where it does not take the row', async () => {
    peer.answer = (_request, response) =>
      sendJson(response, { error: { type: 'InvalidInput', message: '' } }, 400);
    expectProblem(await predict('plain'), 422, 'EXTERNAL_MODEL_REFUSED');
  });

  it('are told as 504 where it takes too long', async () => {
    peer.answer = () => undefined;
    expect(expectProblem(await predict('hasty'), 504, 'EXTERNAL_MODEL_TIMEOUT')).toMatchObject({
      timeoutMs: 300,
    });
  });

  it('are told as 503 where it breaks off, and at once where it goes on failing', async () => {
    peer.answer = (request) => request.socket.destroy();
    expectProblem(await predict('touchy'), 503, 'EXTERNAL_MODEL_UNAVAILABLE');
    expectProblem(await predict('touchy'), 503, 'EXTERNAL_MODEL_UNAVAILABLE');
    peer.answer = umBridgeAnswer;
    const response = await predict('touchy');
    const { retryAfterSeconds } = expectProblem(response, 503, 'EXTERNAL_MODEL_UNAVAILABLE');
    expect(retryAfterSeconds).toBeGreaterThan(500);
    expect(response.headers['retry-after']).toBe(String(retryAfterSeconds));
    expect((await app.request().get('/models/touchy')).body).toMatchObject({
      description: { circuit: 'open' },
    });
    expect((await predict('plain')).status).toBe(200);
    expect((await app.request().get('/health/ready')).status).toBe(200);
  });

  it('are told as 503 where too many requests wait', async () => {
    const { promise: arrived, resolve: arrive } = Promise.withResolvers<() => void>();
    peer.answer = (request, response, body) => arrive(() => umBridgeAnswer(request, response, body));
    const first = predict('single').then((response) => response);
    const letGo = await arrived;
    expectProblem(await predict('single'), 503, 'EXTERNAL_MODEL_UNAVAILABLE');
    letGo();
    expect((await first).body).toEqual({ mean: [6, 0, 9] });
  });
});
