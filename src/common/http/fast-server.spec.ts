import { once } from 'node:events';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import type { PinoLogger } from 'nestjs-pino';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RequestLog } from '../logging/request-log.js';
import type { Answer } from './answer.js';
import { FastPath } from './fast-path.js';
import { FastServer } from './fast-server.js';

const REQUEST = 'POST /route HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}';
const lines: string[] = [];
const logger = pino({}, { write: (line: string) => lines.push(line) });

/** What the route has been asked, and answers when the test says so. */
const asked: {
  answer: (answer: Partial<Answer>) => void;
  fail: (error: Error) => void;
  gone: AbortSignal;
}[] = [];
/** What Node's server answers when the test says so. */
const held: (() => void)[] = [];
const route = {
  method: 'POST',
  path: /^\/route$/,
  takes: () => true,
  answer: (_request: unknown, _parameters: unknown, gone: () => AbortSignal) =>
    new Promise<Answer>((resolve, reject) => {
      const answer = (given: Partial<Answer>): void =>
        resolve({ status: 200, headers: {}, body: '', ...given });
      asked.push({ answer, fail: reject, gone: gone() });
    }),
};

let server: FastServer;
let sockets: Socket[];
let client: Socket;
let received: string;

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] });
  lines.length = 0;
  asked.length = 0;
  held.length = 0;
  received = '';
  server = new FastServer((request, response) => {
    const answer = (): void => void response.end(`general ${request.url}`);
    if (request.url === '/held') held.push(answer);
    else answer();
  });
  const path = new FastPath(new RequestLog({ logger } as unknown as PinoLogger));
  path.add(route);
  sockets = [];
  server.on('connection', (socket) => sockets.push(socket));
  server.useFastPath(path, { 'X-Fixed': 'yes' });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  client.on('data', (part) => (received += part.toString()));
  await once(client, 'connect');
});

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  client.destroy();
  server.closeAllConnections();
  server.close();
});

const until = (condition: () => unknown): Promise<unknown> =>
  vi.waitFor(() => expect(condition()).toBeTruthy(), { timeout: 4000 });
const askAndAnswer = async (): Promise<void> => {
  client.write(REQUEST);
  await until(() => asked.length === 1);
  asked[0].answer({ body: 'answered' });
  await until(() => received.endsWith('answered'));
};

describe('FastServer', () => {
  it('answers by the route, with the headers of every answer, and logs it', async () => {
    client.write(REQUEST);
    await until(() => asked.length === 1);
    asked[0].answer({ status: 422, headers: { 'X-Own': 'a' }, body: Buffer.from('€') });
    await until(() => received.includes('€'));
    expect(received).toMatch(
      /^HTTP\/1\.1 422 Unprocessable Entity\r\nX-Request-Id: \S+\r\nX-Fixed: yes\r\nX-Own: a\r\nContent-Length: 3\r\nDate: [^\r]+ GMT\r\nConnection: keep-alive\r\nKeep-Alive: timeout=5\r\n\r\n€$/,
    );
    expect(JSON.parse(lines[0])).toMatchObject({ level: 40, method: 'POST', url: '/route', statusCode: 422 });
  });

  it('leaves what no route takes to the general path', async () => {
    client.write(REQUEST.replace('/route', '/other'));
    await until(() => received.endsWith('general /other'));
    expect(lines).toEqual([]);
  });

  it('tells an unexpected error as a bare 500, and logs it', async () => {
    const logged = vi.spyOn(Logger.prototype, 'error').mockImplementation(() => {});
    client.write(REQUEST);
    await until(() => asked.length === 1);
    const error = new TypeError('secret');
    asked[0].fail(error);
    await until(() => received.endsWith('}'));
    expect(received).toMatch(/^HTTP\/1\.1 500 .*"code":"INTERNAL_ERROR"/s);
    expect(received).not.toContain('secret');
    expect(logged).toHaveBeenCalledWith(error);
  });

  it('sends no header that would end its line', async () => {
    vi.spyOn(Logger.prototype, 'error').mockImplementation(() => {});
    client.write(REQUEST);
    await until(() => asked.length === 1);
    asked[0].answer({ headers: { 'X-Own': 'a\r\nX-Evil: b' } });
    await until(() => received.endsWith('}'));
    expect(received).toMatch(/^HTTP\/1\.1 500 /);
    expect(received).not.toContain('X-Evil');
  });

  it('aborts the work of a client that goes away, and logs that', async () => {
    client.write(REQUEST);
    await until(() => asked.length === 1);
    expect(asked[0].gone.aborted).toBe(false);
    client.destroy();
    await until(() => asked[0].gone.aborted);
    const logged = vi.spyOn(Logger.prototype, 'error').mockImplementation(() => {});
    asked[0].fail(asked[0].gone.reason as Error);
    await until(() => lines.length === 1);
    expect(JSON.parse(lines[0])).toMatchObject({ level: 30, statusCode: 200, msg: 'request aborted' });
    expect(logged).not.toHaveBeenCalled();
  });

  it('tells a route that asks late that the client is gone already', async () => {
    let aborted = false;
    vi.spyOn(route, 'answer').mockImplementationOnce(async (_request, _parameters, gone) => {
      await once(sockets[0], 'close');
      aborted = gone().aborted;
      return { status: 200, headers: {}, body: '' };
    });
    client.write(REQUEST);
    await until(() => sockets[0].bytesRead > 0);
    client.destroy();
    await until(() => lines.length === 1);
    expect(aborted).toBe(true);
  });

  it('makes the pieces of an answer no faster than the client takes them', async () => {
    client.pause();
    client.write(REQUEST);
    await until(() => asked.length === 1);
    let made = 0;
    const pieces = function* (): Generator<Uint8Array> {
      for (; made < 120; made++) yield Buffer.alloc(256 * 1024, 'a');
    };
    asked[0].answer({ body: { pieces: pieces() } });
    await until(() => made > 0);
    await sleep(200);
    expect(made).toBeLessThan(100);
    client.resume();
    await until(() => received.endsWith('\r\n0\r\n\r\n'));
    expect(received).toMatch(/\r\nTransfer-Encoding: chunked\r\n\r\n40000\r\na/);
    expect(made).toBe(120);
    await until(() => lines.length === 1);
    expect(JSON.parse(lines[0])).toMatchObject({ msg: 'request completed' });
  });

  it('makes no more pieces for a client that is gone', async () => {
    client.pause();
    client.write(REQUEST);
    await until(() => asked.length === 1);
    let over = false;
    const pieces = function* (): Generator<Uint8Array> {
      try {
        while (true) yield Buffer.alloc(256 * 1024, 'a');
      } finally {
        over = true;
      }
    };
    asked[0].answer({ body: { pieces: pieces() } });
    await sleep(100);
    client.resetAndDestroy();
    await until(() => over);
    await until(() => lines.length === 1);
    expect(JSON.parse(lines[0])).toMatchObject({ msg: 'request aborted' });
  });

  it('cuts off an answer whose pieces fail', async () => {
    const logged = vi.spyOn(Logger.prototype, 'error').mockImplementation(() => {});
    client.write(REQUEST);
    await until(() => asked.length === 1);
    const error = new Error('broken');
    const pieces = function* (): Generator<Uint8Array> {
      yield Buffer.alloc(256 * 1024, 'a');
      throw error;
    };
    asked[0].answer({ body: { pieces: pieces() } });
    await until(() => client.closed);
    expect(received).not.toMatch(/\r\n0\r\n\r\n$/);
    expect(logged).toHaveBeenCalledWith(error);
  });

  it('takes no more from a client that sends ahead than it can answer', async () => {
    const flood = Buffer.from(REQUEST.repeat(200_000));
    client.write(flood);
    for (let n = 1; n <= 40; n++) {
      await until(() => asked.length === n);
      asked[n - 1].answer({});
    }
    await sleep(50);
    const [taken] = sockets;
    expect(taken.bytesRead).toBeLessThan(512 * 1024);
  });

  it('closes a connection that idles too long', async () => {
    await askAndAnswer();
    const ended = once(client, 'close');
    vi.advanceTimersByTime(4_000);
    expect(client.closed).toBe(false);
    vi.advanceTimersByTime(4_000);
    await ended;
  });

  it('takes an empty line after a body for no request', async () => {
    await askAndAnswer();
    client.write('\r\n');
    await until(() => sockets[0].bytesRead === REQUEST.length + 2);
    const ended = once(client, 'close');
    server.closeIdleConnections();
    await ended;
    expect(asked).toHaveLength(1);
  });

  it('reads on after an empty line', async () => {
    await askAndAnswer();
    client.write(`\r\n\r\n${REQUEST}`);
    await until(() => asked.length === 2);
    expect(received).not.toContain('general');
  });

  it('leaves a connection that sends no whole request to Node', async () => {
    client.write(REQUEST.slice(0, -1));
    await sleep(50);
    vi.advanceTimersByTime(10_000);
    client.write('}');
    await until(() => received.endsWith('general /route'));
    expect(asked).toEqual([]);
  });

  it('says with the last answer that the connection ends, when it is about to close', async () => {
    await askAndAnswer();
    expect(received).toContain('Connection: keep-alive');
    const ended = once(client, 'close');
    // One that is being answered, and two sent ahead.
    client.write(REQUEST);
    await until(() => asked.length === 2);
    client.write(REQUEST + REQUEST);
    await until(() => sockets[0].bytesRead === 4 * REQUEST.length);
    server.endConnections();
    received = '';
    for (const n of [1, 2, 3]) {
      await until(() => asked.length === n + 1);
      asked[n].answer({ body: `${n}` });
    }
    await ended;
    expect(received.match(/(?<=Connection: )[a-z-]+/g)).toEqual(['keep-alive', 'keep-alive', 'close']);
    expect(received.endsWith('\r\n\r\n3')).toBe(true);
  });

  it('says so of the answers of Node, too', async () => {
    const connectionOf = async (path: string): Promise<string | null> =>
      (await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`)).headers.get(
        'connection',
      );
    expect(await connectionOf('/')).toBe('keep-alive');
    const begun = connectionOf('/held');
    await until(() => held.length === 1);
    server.endConnections();
    held[0]();
    expect(await begun).toBe('close');
    expect(await connectionOf('/')).toBe('close');
  });

  it('answers all that a client has sent ahead to Node, when it is about to close', async () => {
    client.write('GET /held HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(2));
    await until(() => held.length === 2);
    server.endConnections();
    const ended = once(client, 'close');
    for (const answer of held) answer();
    await ended;
    expect(received.match(/(?<=Connection: )[a-z-]+/g)).toEqual(['keep-alive', 'close']);
    expect(received.match(/general \/held/g)).toHaveLength(2);
  });

  it('lets go of idle connections when it closes, and of busy ones when they are answered', async () => {
    await askAndAnswer();
    const busy = connect((server.address() as AddressInfo).port, '127.0.0.1');
    busy.write(REQUEST);
    await until(() => asked.length === 2);
    const [idleEnded, busyEnded, closed] = [client, busy, server].map((each) => once(each, 'close'));
    server.close();
    await idleEnded;
    expect(busy.closed).toBe(false);
    asked[1].answer({});
    await once(busy, 'data');
    server.closeIdleConnections();
    await Promise.all([busyEnded, closed]);
  });

  it('cuts all connections off where it must', async () => {
    client.write(REQUEST);
    await until(() => asked.length === 1);
    server.closeAllConnections();
    await until(() => client.closed);
    expect(received).toBe('');
  });
});
