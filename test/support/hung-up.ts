import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';

interface Arriving {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Resolves when the server knows. */
  readonly hangUp: () => Promise<void>;
}

/** A request of which so much has been sent. */
export async function arriving(headers: IncomingHttpHeaders, sent: string | Uint8Array): Promise<Arriving> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const lines = Object.entries({ host: 'localhost', ...headers }).map(
    ([name, value]) => `${name}: ${String(value)}`,
  );
  socket.write(`POST / HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
  socket.write(sent);
  const [request, response] = (await once(server, 'request')) as [IncomingMessage, ServerResponse];
  server.close();
  const hangUp = async (): Promise<void> => {
    const closed = once(response, 'close');
    socket.destroy();
    await closed;
  };
  return { request, response, hangUp };
}

/** One whose client has hung up before anybody read the body: `sent` is what came of it. */
export async function hungUp(
  headers: IncomingHttpHeaders,
  sent: string | Uint8Array = '',
): Promise<{ request: IncomingMessage; response: ServerResponse }> {
  const { hangUp, ...exchange } = await arriving(headers, sent);
  await hangUp();
  return exchange;
}
