import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { decodedBody } from './decoded-body.js';

/** Comes in three pieces. The last waits while the first is unpacked, which is most of it. */
const BODY = Buffer.concat([Buffer.alloc(10_000_000), randomBytes(150_000)]);
const PACKED = gzipSync(BODY);
const GONE = { status: 400, type: 'request.aborted' };

let server: Server;
let client: Socket;
let request: IncomingMessage;

beforeEach(async () => {
  server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  client.on('error', () => undefined);
  client.write(
    `POST / HTTP/1.1\r\nHost: a\r\nContent-Encoding: gzip\r\nContent-Length: ${PACKED.length}\r\n\r\n`,
  );
  client.write(PACKED);
  [request] = (await once(server, 'request')) as [IncomingMessage];
});

afterEach(() => {
  client.destroy();
  server.close();
});

const hangUp = async (): Promise<void> => {
  request.socket.destroy();
  await vi.waitUntil(() => request.closed);
};

describe('decodedBody', () => {
  it('gives the whole body', async () => {
    expect((await buffer(decodedBody(request))).equals(BODY)).toBe(true);
  });

  it('ends when a client hangs up that has sent all, and has not been heard to the end', async () => {
    const body = decodedBody(request);
    await body.next();
    await vi.waitUntil(() => request.complete);
    await hangUp();
    await expect(buffer(body)).rejects.toMatchObject(GONE);
  });

  it('ends where the client was gone before', async () => {
    await hangUp();
    await expect(buffer(decodedBody(request))).rejects.toMatchObject(GONE);
  });
});
