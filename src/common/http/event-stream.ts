import type { ServerResponse } from 'node:http';

/** One event of a `text/event-stream` (WHATWG HTML, section 9.2). Data in JSON hold no line breaks. */
export function eventText(id: number, type: string, data: object): string {
  return `id: ${id}\nevent: ${type}\ndata: ${JSON.stringify(data)}\n\n`;
}

/** A comment: it keeps proxies and clients from taking a quiet stream for a dead one. */
const HEARTBEAT = ':\n\n';

const HEADERS = {
  'Content-Type': 'text/event-stream; charset=utf-8',
  'Cache-Control': 'no-cache, no-transform',
  // Of nginx, and of others that took it over: do not gather what is sent.
  'X-Accel-Buffering': 'no',
};

/** The stream of one client. What a slow client has not taken is not gathered here: whoever sends asks `isReady` first. */
export class EventStream {
  constructor(private readonly response: ServerResponse) {
    for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
    response.flushHeaders();
  }

  /** Whether the client has taken what was sent, and may be sent more. */
  get isReady(): boolean {
    const { writableNeedDrain, writableEnded, destroyed } = this.response;
    return !writableNeedDrain && !writableEnded && !destroyed;
  }

  onReady(listener: () => void): void {
    this.response.on('drain', listener);
  }

  /** Calls it at once where the client has hung up already. */
  onGone(listener: () => void): void {
    if (this.response.closed) listener();
    else this.response.once('close', listener);
  }

  send(text: string): void {
    this.response.write(text);
  }

  beat(): void {
    if (this.isReady) this.response.write(HEARTBEAT);
  }

  end(): void {
    this.response.end();
  }
}
