import { get, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';

export interface ReceivedEvent {
  readonly id: number;
  readonly event: string;
  readonly data: Record<string, unknown>;
}

/** One connection to a stream of server-sent events. */
export class EventWatcher {
  readonly events: ReceivedEvent[] = [];
  readonly comments: string[] = [];
  status = 0;
  headers: IncomingHttpHeaders = {};
  /** Resolves when the server has ended the stream; rejects when the connection broke. */
  readonly ended: Promise<void>;
  readonly #request;
  #response: IncomingMessage | undefined;
  #told = Promise.withResolvers<void>();

  constructor(port: number, path: string, headers: Record<string, string> = {}) {
    this.#request = get({ host: '127.0.0.1', port, path, headers, agent: false });
    this.ended = new Promise((resolve, reject) => {
      this.#request.once('error', reject);
      this.#request.once('response', (response: IncomingMessage) => {
        this.#response = response;
        this.status = response.statusCode ?? 0;
        this.headers = response.headers;
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (part: string) => {
          const blocks = (text + part).split('\n\n');
          text = blocks.pop() ?? '';
          for (const block of blocks) this.#take(block);
          this.#told.resolve();
        });
        response.once('end', () => {
          resolve();
          this.#told.resolve();
        });
        response.once('error', reject);
        this.#told.resolve();
      });
    });
    this.ended.catch(() => this.#told.resolve());
  }

  /** Resolves when the condition holds, which is looked at whenever something came. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      await this.#told.promise;
      this.#told = Promise.withResolvers();
    }
  }

  /** Takes nothing for a while. */
  pause(): void {
    this.#response?.pause();
  }

  resume(): void {
    this.#response?.resume();
  }

  /** Hangs up. */
  close(): void {
    this.#request.destroy();
  }

  #take(block: string): void {
    const fields = Object.fromEntries(
      block.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]),
    ) as Record<string, string>;
    if (fields[''] !== undefined) this.comments.push(fields['']);
    else {
      const data = JSON.parse(fields['data']) as Record<string, unknown>;
      this.events.push({ id: Number(fields['id']), event: fields['event'].trim(), data });
    }
  }
}
