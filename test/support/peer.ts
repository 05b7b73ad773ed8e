import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

type Answer = (request: IncomingMessage, response: ServerResponse, body: string) => void;

/** Another server on the loopback, which does with each request what `answer` says. */
export class Peer {
  /** Requests that came, in their order. */
  readonly requests: { method: string; path: string; headers: IncomingMessage['headers'] }[] = [];
  readonly #server = createServer((request, response) => {
    this.requests.push({ method: request.method ?? '', path: request.url ?? '', headers: request.headers });
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => this.answer(request, response, Buffer.concat(parts).toString()));
  });

  private constructor(public answer: Answer) {}

  static start(answer: Answer = () => undefined): Promise<Peer> {
    const peer = new Peer(answer);
    return new Promise((resolve) => {
      peer.#server.listen(0, '127.0.0.1', () => resolve(peer));
    });
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** `host:port`, as REMOTE_HOSTS has it. */
  get host(): string {
    return `127.0.0.1:${this.port}`;
  }

  get url(): string {
    return `http://${this.host}`;
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }
}

export function sendJson(response: ServerResponse, value: unknown, status = 200): void {
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(value));
}
