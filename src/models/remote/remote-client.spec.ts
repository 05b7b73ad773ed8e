import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { Logger } from '@nestjs/common';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Peer, sendJson } from '../../../test/support/peer.js';
import {
  ExternalModelError,
  ExternalModelRefusalError,
  ExternalModelTimeoutError,
  ExternalModelUnavailableError,
} from '../external-errors.js';
import { CircuitBreaker } from './circuit-breaker.js';
import { RemoteClient, type RemoteClientOptions } from './remote-client.js';

Logger.overrideLogger(false);

const peer = await Peer.start();
afterAll(() => peer.close());
const never = new AbortController().signal;
const CALL = { path: '/ask', body: Buffer.from('{}'), values: 1 };
let clients: RemoteClient[] = [];

function client(
  options: Partial<RemoteClientOptions> = {},
  explain?: (body: unknown) => string,
): RemoteClient {
  const made = new RemoteClient(
    {
      url: new URL(peer.url),
      authorization: undefined,
      timeoutMs: 10_000,
      retries: 2,
      circuit: new CircuitBreaker(100, 1000),
      label: 'model',
      ...options,
    },
    explain,
  );
  clients.push(made);
  return made;
}

beforeEach(() => void (peer.requests.length = 0));
afterEach(() => {
  for (const made of clients) made.close();
  clients = [];
});

describe('RemoteClient', () => {
  it('asks below the path of the url, on a connection that it keeps, and shows what it is given', async () => {
    const sockets = new Set<unknown>();
    peer.answer = (request, response, body) => {
      sockets.add(request.socket);
      sendJson(response, { body, token: request.headers.authorization });
    };
    const one = client({ url: new URL(`${peer.url}/below/`), authorization: 'Bearer t' });
    expect(await one.json(CALL, never)).toEqual({ body: '{}', token: 'Bearer t' });
    await one.json({ path: '/info', values: 0 }, never);
    expect(peer.requests.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'POST /below/ask',
      'GET /below/info',
    ]);
    expect(sockets.size).toBe(1);
  });

  it('takes no part of a path for a host', async () => {
    peer.answer = (_request, response) => sendJson(response, 1);
    await client({ url: new URL(`${peer.url}//127.0.0.2:9/x`) }).json(CALL, never);
    expect(peer.requests.map(({ path }) => path)).toEqual(['//127.0.0.2:9/x/ask']);
  });

  it.each([502, 503, 504])('tries again after %d', async (status) => {
    peer.answer = (_request, response) =>
      peer.requests.length < 3 ? void response.writeHead(status).end() : sendJson(response, 'well');
    expect(await client().json(CALL, never)).toBe('well');
    expect(peer.requests).toHaveLength(3);
  });

  it('tries again after a connection that breaks, before the answer and within it', async () => {
    peer.answer = (request, response) => {
      if (peer.requests.length === 1) request.socket.destroy();
      else if (peer.requests.length === 2) {
        response.writeHead(200, { 'Content-Length': 100 }).write('{', () => request.socket.destroy());
      } else sendJson(response, 'well');
    };
    expect(await client().json(CALL, never)).toBe('well');
    expect(peer.requests).toHaveLength(3);
  });

  it.each([
    [500, ExternalModelError, 'answered with status 500.'],
    [404, ExternalModelError, 'answered with status 404.'],
    [401, ExternalModelError, 'answered with status 401.'],
    [302, ExternalModelError, 'answered with a redirect, which is not followed.'],
    [422, ExternalModelRefusalError, 'refused the request (422). The log has what it said.'],
  ])('does not try again after %d, and says %s', async (status, type, message) => {
    peer.answer = (_request, response) =>
      void response.writeHead(status, { Location: 'http://127.0.0.2:9/' }).end('secret of /the/inside');
    const asked = client().json(CALL, never);
    await expect(asked).rejects.toThrow(type);
    await expect(asked).rejects.toThrow(`The server behind this model ${message}`);
    expect(peer.requests).toHaveLength(1);
  });

  it('passes a refusal on where the protocol can explain it', async () => {
    peer.answer = (_request, response) => sendJson(response, { detail: 'x4 is missing.' }, 400);
    const explain = (body: unknown): string => (body as { detail: string }).detail;
    await expect(client({}, explain).json(CALL, never)).rejects.toThrow(
      new ExternalModelRefusalError('The server behind this model refused the request (400). x4 is missing.'),
    );
  });

  it('gives up after so many retries, and says when to come again', async () => {
    peer.answer = (_request, response) => void response.writeHead(503, { 'Retry-After': '17' }).end();
    await expect(client({ retries: 1 }).json(CALL, never)).rejects.toThrow(
      expect.objectContaining({ kind: 'unavailable', retryAfterSeconds: 17 }),
    );
    expect(peer.requests).toHaveLength(2);
  });

  it('ends a call that takes too long: no answer, or one that drips', async () => {
    peer.answer = () => undefined;
    const expected = new ExternalModelTimeoutError(
      'The server behind this model did not answer within 200 ms.',
      200,
    );
    await expect(client({ timeoutMs: 200 }).json(CALL, never)).rejects.toThrow(expected);
    peer.answer = (_request, response) => {
      const drip = setInterval(() => response.write(' '), 20);
      response.once('close', () => clearInterval(drip));
    };
    await expect(client({ timeoutMs: 200 }).json(CALL, never)).rejects.toThrow(expected);
    expect(peer.requests).toHaveLength(2);
  });

  it('reads no endless answer', async () => {
    peer.answer = (_request, response) => {
      const block = ' '.repeat(65_536);
      const write = (): void => void response.write(block, () => response.writable && write());
      write();
    };
    await expect(client().json(CALL, never)).rejects.toThrow(/sent an answer of more than 262176 bytes/);
  });

  it.each(['', 'not JSON', '{"mean": NaN}'])('refuses the answer %j', async (text) => {
    peer.answer = (_request, response) => void response.end(text);
    await expect(client().json(CALL, never)).rejects.toThrow('answered what is no JSON.');
  });

  it('refuses what is no HTTP', async () => {
    const server = createServer((socket) => socket.on('error', () => undefined).end('SSH-2.0-OpenSSH\r\n'));
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    await expect(client({ url, retries: 0 }).json(CALL, never)).rejects.toThrow(
      /could not be reached \(HPE_\w+\)/,
    );
    server.close();
  });

  it('says that nobody listens', async () => {
    const url = new URL('http://127.0.0.1:1');
    await expect(client({ url, retries: 1 }).json(CALL, never)).rejects.toThrow(
      new ExternalModelUnavailableError(
        'The server behind this model could not be reached (ECONNREFUSED).',
        1,
      ),
    );
  });

  it('stops with the reason of the signal, and lets the other server know', async () => {
    const { promise: arrived, resolve: arrive } = Promise.withResolvers<void>();
    const { promise: closed, resolve: close } = Promise.withResolvers<void>();
    peer.answer = (request) => {
      request.socket.once('close', () => close());
      arrive();
    };
    const gone = new AbortController();
    const reason = new Error('gone');
    const asked = client().json(CALL, gone.signal);
    await arrived;
    gone.abort(reason);
    await expect(asked).rejects.toBe(reason);
    await closed;
  });

  it('leaves a server alone that goes on failing, until it has had time', async () => {
    const clock = { now: 0 };
    const circuit = new CircuitBreaker(2, 5000, () => clock.now);
    const one = client({ circuit, retries: 0 });
    peer.answer = (_request, response) => void response.writeHead(500).end();
    await expect(one.json(CALL, never)).rejects.toThrow('status 500');
    await expect(one.json(CALL, never)).rejects.toThrow('status 500');
    await expect(one.json(CALL, never)).rejects.toThrow(expect.objectContaining({ retryAfterSeconds: 5 }));
    expect(peer.requests).toHaveLength(2);
    clock.now = 5000;
    peer.answer = (_request, response) => sendJson(response, 'well');
    expect(await one.json(CALL, never)).toBe('well');
    expect(circuit.state).toBe('closed');
  });

  it('takes a refusal for a sign of life', async () => {
    const circuit = new CircuitBreaker(1, 5000);
    peer.answer = (_request, response) => void response.writeHead(400).end();
    await expect(client({ circuit }).json(CALL, never)).rejects.toThrow(ExternalModelRefusalError);
    expect(circuit.state).toBe('closed');
  });
});
