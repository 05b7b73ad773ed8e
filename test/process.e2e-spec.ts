import { once } from 'node:events';
import { Agent, request as httpRequest } from 'node:http';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { type Ended, ServerProcess } from './support/server-process.js';

const BODY = JSON.stringify([[0.51, 0.76, 0.94, 0.72]]);
const started: ServerProcess[] = [];

afterEach(async () => {
  await Promise.all(started.splice(0).map((server) => server.stop()));
});

function start(env: Record<string, string> = {}): ServerProcess {
  const server = new ServerProcess(env);
  started.push(server);
  return server;
}

describe('a start that cannot be', () => {
  const expectOneLine = async (ended: Promise<Ended>, line: RegExp): Promise<void> => {
    const { code, stdout, stderr } = await ended;
    expect({ code, stderr }).toMatchObject({ code: 1 });
    expect(stderr.split('\n')).toEqual([expect.stringMatching(line), '']);
    expect(stdout).not.toMatch(/\bat .*:\d+:\d+/);
  };

  it.each([
    ['PORT', 'http', /^PORT is "http", expected a whole number from 0 to 65535 .*\.$/],
    ['PORT', '70000', /^PORT is "70000", expected /],
    ['HOST', 'not a host', /^HOST is "not a host", expected an address/],
    [
      'MODELS_DIR',
      '/no/such/folder',
      /^MODELS_DIR is "\/no\/such\/folder", expected the path of an existing folder/,
    ],
    [
      'MAX_BODY_BYTES',
      '12k',
      /^MAX_BODY_BYTES is "12k", expected a whole number of bytes from 1024 to 2147483647\.$/,
    ],
    ['LOG_LEVEL', 'loud', /^LOG_LEVEL is "loud", expected one of fatal, /],
    ['PROCESSES', '0', /^PROCESSES is "0", expected auto /],
    ['THREADS', 'many', /^THREADS is "many", expected auto /],
    [
      'DATA_DIR',
      '/dev/null',
      /^DATA_DIR is "\/dev\/null", expected the path of a folder that this process may make and write\.$/,
    ],
    ['JOBS_RETENTION_HOURS', '0', /^JOBS_RETENTION_HOURS is "0", expected a whole number of hours/],
    ['CORS_ORIGINS', 'example.org', /^CORS_ORIGINS is "example.org", expected \* or /],
  ])('%s=%s ends in one line that says so', async (name, value, line) => {
    await expectOneLine(start({ [name]: value }).ended, line);
  });

  it.each(['1', '2'])(
    'a port that is taken ends in one line that says so (%s processes)',
    async (processes) => {
      const other = createServer();
      other.listen(0, '127.0.0.1');
      await once(other, 'listening');
      const { port } = other.address() as AddressInfo;
      try {
        const { ended } = start({ PORT: String(port), PROCESSES: processes });
        await expectOneLine(ended, new RegExp(`HOST 127\\.0\\.0\\.1, PORT ${port} \\(EADDRINUSE\\)`));
      } finally {
        other.close();
      }
    },
  );

  it.each(['1', '2'])(
    'a data folder that another server has ends in one line that says so (%s processes)',
    async (processes) => {
      const folder = mkdtempSync(join(tmpdir(), 'kriged-data-'));
      const first = start({ DATA_DIR: folder, PROCESSES: processes });
      await first.port();
      const { ended } = start({ DATA_DIR: folder, PROCESSES: processes });
      await expectOneLine(
        ended,
        /^DATA_DIR is ".*", expected a folder that is not in use by another process\.$/,
      );
      // Whatever the first dies of, the folder is free then.
      await first.stop();
      await start({ DATA_DIR: folder, PROCESSES: processes }).port();
      rmSync(folder, { recursive: true, force: true });
    },
  );

  it.each(['1', '2'])(
    'jobs that cannot be read end in one line that says so (%s processes)',
    async (processes) => {
      const folder = mkdtempSync(join(tmpdir(), 'kriged-data-'));
      writeFileSync(join(folder, 'jobs.db'), 'no database'.repeat(1000));
      await expectOneLine(
        start({ DATA_DIR: folder, PROCESSES: processes }).ended,
        /^DATA_DIR is ".*", expected .* with a whole jobs\.db or none \(file is not a database\)\.$/,
      );
      rmSync(folder, { recursive: true });
    },
  );

  it('a host that is not of this machine ends in one line that says so', async () => {
    await expectOneLine(start({ HOST: '192.0.2.1' }).ended, /HOST 192\.0\.2\.1, PORT 0 \(EADDRNOTAVAIL\)/);
  });
});

describe('a running server', () => {
  it('serves the example model without any setting', async () => {
    const server = start();
    const port = await server.port();
    const answer = await post(port, BODY);
    expect(answer).toMatchObject({ status: 200, body: { mean: expect.closeTo(-0.45444343, 7) } });
    await server.logged(/example\/1 \(example\.pkl\) is ready/);
  });

  it('logs a line of JSON a request, with its id and without its headers', async () => {
    const server = start();
    const port = await server.port();
    await post(port, BODY, { 'X-Request-Id': 'find-me', Authorization: 'Bearer secret' });
    const [line] = await server.logged(/^.*find-me.*$/m);
    const facts = { level: 30, requestId: 'find-me', method: 'POST', url: '/predict', statusCode: 200 };
    expect(JSON.parse(line)).toMatchObject(facts);
    server.signal('SIGTERM');
    expect((await server.ended).stdout).not.toContain('secret');
  });

  it.each(['SIGTERM', 'SIGINT'] as const)(
    'finishes the request it has taken when %s comes, and ends',
    async (signal) => {
      const server = start();
      const port = await server.port();
      const agent = new Agent({ keepAlive: true });
      await post(port, BODY, {}, agent);
      const half = openPost(port, agent);
      half.write(BODY.slice(0, 10));
      await half.taken;
      server.signal(signal);
      await server.logged(/Stopping/);
      await refused(port);
      half.end(BODY.slice(10));
      expect(await half.answer).toMatchObject({
        status: 200,
        body: { mean: expect.any(Number) },
        connection: 'close',
      });
      expect(await server.ended).toMatchObject({ code: 0, signal: null, stderr: '' });
      agent.destroy();
    },
  );

  it('ends at once where nothing is to be finished, idle connections or not', async () => {
    const server = start({ SHUTDOWN_TIMEOUT_MS: '600000' });
    const port = await server.port();
    const agent = new Agent({ keepAlive: true });
    await post(port, BODY, {}, agent);
    server.signal('SIGTERM');
    expect((await server.ended).code).toBe(0);
    agent.destroy();
  });

  it('cuts off a request that does not end within SHUTDOWN_TIMEOUT_MS', async () => {
    const server = start({ SHUTDOWN_TIMEOUT_MS: '50' });
    const port = await server.port();
    const half = openPost(port);
    half.write(BODY.slice(0, 10));
    await half.taken;
    server.signal('SIGTERM');
    await expect(half.answer).rejects.toThrow(/socket hang up|ECONNRESET/);
    const { stdout } = await server.ended;
    expect(stdout).toContain('did not end in time');
  });

  it('runs as several processes, replaces one that dies, and ends with all of them', async () => {
    const server = start({ PROCESSES: '2', PORT: String(await freePort()) });
    const port = await server.port();
    const ids = new Set([await listening(server, 0), await listening(server, 1)]);
    expect(ids.size).toBe(2);
    process.kill([...ids][0], 'SIGKILL');
    ids.add(await listening(server, 2));
    expect(ids.size).toBe(3);
    expect(await post(port, BODY)).toMatchObject({ status: 200 });
    server.signal('SIGTERM');
    const { code, stdout, stderr } = await server.ended;
    expect(code).toBe(0);
    expect(stderr).toMatch(/^Process \d+ ended \(SIGKILL\): starting another\.\n$/);
    expect(stdout.match(/Stopping \(SIGTERM\)/g)).toHaveLength(2);
  });
});

/** The id of the process that was the n-th to listen. */
async function listening(server: ServerProcess, n: number): Promise<number> {
  const [line] = await server.logged(new RegExp(`(?:.*Listening at[^]*){${n}}^(.*Listening at.*)$`, 'm'));
  return (JSON.parse(line.trimEnd().split('\n').at(-1) ?? '') as { pid: number }).pid;
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

interface Answer {
  status: number;
  body: unknown;
  connection?: string | undefined;
}

function post(
  port: number,
  body: string,
  headers: Record<string, string> = {},
  agent?: Agent,
): Promise<Answer> {
  const open = openPost(port, agent, headers);
  open.end(body);
  return open.answer;
}

/** A POST that is still being written. `taken`: the server asked for its body, so it has the request. */
function openPost(port: number, agent?: Agent, headers: Record<string, string> = {}) {
  const request = httpRequest({
    port,
    method: 'POST',
    path: '/predict',
    headers: { 'Content-Type': 'application/json', Expect: '100-continue', ...headers },
    ...(agent && { agent }),
  });
  const taken = once(request, 'continue');
  const answer = new Promise<Answer>((resolve, reject) => {
    request.once('error', reject);
    request.once('response', (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (part: string) => (text += part));
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          body: JSON.parse(text) as unknown,
          connection: response.headers.connection,
        }),
      );
      response.once('error', reject);
    });
  });
  answer.catch(() => undefined);
  return {
    taken,
    answer,
    write: (part: string) => request.write(part),
    end: (part: string) => request.end(part),
  };
}

/** Resolves once the server takes no new connection. */
function refused(port: number): Promise<void> {
  return new Promise((resolve) => {
    const attempt = (): void => {
      const socket = connect(port, '127.0.0.1');
      socket.once('connect', () => {
        socket.destroy();
        setTimeout(attempt, 5);
      });
      socket.once('error', () => resolve());
    };
    attempt();
  });
}
