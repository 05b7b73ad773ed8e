import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';

/** A request, and its response, whose client has hung up before anybody read the body: `sent` is what came of it. */
export async function hungUp(
  headers: IncomingHttpHeaders,
  sent: string | Uint8Array = '',
): Promise<{ request: IncomingMessage; response: ServerResponse }> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const lines = Object.entries({ host: 'localhost', ...headers }).map(
    ([name, value]) => `${name}: ${String(value)}`,
  );
  socket.write(`POST / HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
  socket.write(sent);
  const [request, response] = (await once(server, 'request')) as [IncomingMessage, ServerResponse];
  const closed = once(response, 'close');
  socket.destroy();
  await closed;
  server.close();
  return { request, response };
}
