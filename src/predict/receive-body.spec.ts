import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { receiveBody } from './receive-body.js';

const server = createServer();

beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(() => server.close());

/** What a client sends, all of whose body has come, and not been read. */
async function received(): Promise<IncomingMessage> {
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  client.on('error', () => undefined);
  client.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n1,2,3');
  const [request] = (await once(server, 'request')) as [IncomingMessage];
  return request;
}

it('gives the whole body', async () => {
  const request = await received();
  const pieces: Buffer[] = [];
  await receiveBody(request, 5, (piece) => pieces.push(piece));
  expect(Buffer.concat(pieces).toString()).toBe('1,2,3');
  request.socket.destroy();
});

it('ends where the client was gone before', async () => {
  const request = await received();
  request.socket.destroy();
  await vi.waitUntil(() => request.closed);
  const gone = { status: 400, type: 'request.aborted' };
  await expect(receiveBody(request, 5, () => undefined)).rejects.toMatchObject(gone);
});
