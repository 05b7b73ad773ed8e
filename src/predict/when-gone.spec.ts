import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { whenGone } from './when-gone.js';

let server: Server;
let client: Socket;
let response: ServerResponse;

beforeEach(async () => {
  server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  response = ((await once(server, 'request')) as [unknown, ServerResponse])[1];
});

afterEach(() => {
  client.destroy();
  server.close();
});

it('aborts when the client hangs up', async () => {
  const gone = whenGone(response);
  expect(gone.aborted).toBe(false);
  client.destroy();
  await once(gone, 'abort');
});

it('is aborted where the client has hung up before', async () => {
  client.destroy();
  await once(response, 'close');
  expect(whenGone(response).aborted).toBe(true);
});

it('stays as it is where the answer was sent whole', async () => {
  const gone = whenGone(response);
  response.end();
  client.resume().end();
  await once(response, 'close');
  expect([gone.aborted, whenGone(response).aborted]).toEqual([false, false]);
});
