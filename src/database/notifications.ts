import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from 'pg';
import { connectionTo } from './connection.js';
import type { Session } from './session.js';
import { isUnavailable } from './database-errors.js';

/** Waits between attempts, and then ever after. */
const RECONNECT_MS = [100, 250, 500, 1000, 2000];
/** PostgreSQL takes payloads of less than 8000 bytes. */
export const MAX_PAYLOAD_BYTES = 7900;

const NOTIFY = { name: 'notify', text: 'SELECT pg_notify($1, payload) FROM unnest($2::text[]) AS payload' };

export interface ChannelListener {
  /** Of every process, this one included, in the order of the commits. */
  onMessage(payload: string): void;
  /** The connection was gone and is back: what was said meanwhile is lost. */
  onGap(since: Date): void;
}

/** Short messages to all processes that share the database (LISTEN/NOTIFY), on a connection of its own. */
export class Notifications {
  readonly #listeners = new Map<string, ChannelListener>();
  #client: Client | undefined;
  #stopped = false;
  readonly #stop = new AbortController();
  #connecting: Promise<void> | undefined;

  constructor(
    private readonly url: string,
    private readonly database: Session,
  ) {}

  /** Resolves when it is heard. One listener a channel. */
  async listen(channel: string, listener: ChannelListener): Promise<void> {
    this.#listeners.set(channel, listener);
    if (this.#client) await this.#client.query(`LISTEN ${channel}`);
    else await (this.#connecting ??= this.#connect());
  }

  async send(channel: string, payloads: readonly string[]): Promise<void> {
    await this.database.query(NOTIFY, [channel, payloads]);
  }

  async close(): Promise<void> {
    this.#stopped = true;
    this.#stop.abort();
    await this.#connecting?.catch(() => undefined);
    await this.#client?.end().catch(() => undefined);
  }

  async #connect(): Promise<void> {
    const { default: pg } = await import('pg');
    const client = new pg.Client(connectionTo(this.url));
    let lost = false;
    const onLost = (): void => {
      if (lost) return;
      lost = true;
      if (this.#client === client) void this.#reconnect();
    };
    client.on('error', onLost).on('end', onLost);
    client.on('notification', ({ channel, payload = '' }) =>
      this.#listeners.get(channel)?.onMessage(payload),
    );
    await client.connect();
    try {
      for (const channel of this.#listeners.keys()) await client.query(`LISTEN ${channel}`);
    } catch (error) {
      await client.end().catch(() => undefined);
      throw error;
    }
    this.#client = client;
    this.#connecting = undefined;
    if (lost) void this.#reconnect();
  }

  async #reconnect(): Promise<void> {
    const since = new Date();
    this.#client = undefined;
    for (let attempt = 0; !this.#stopped; attempt++) {
      try {
        await (this.#connecting = this.#connect());
        for (const listener of this.#listeners.values()) listener.onGap(since);
        return;
      } catch (error) {
        this.#connecting = undefined;
        // What is no trouble of the connection (a password that was changed) may be mended as well: go on asking.
        const wait = isUnavailable(error) ? RECONNECT_MS[attempt] : undefined;
        await sleep(wait ?? RECONNECT_MS.at(-1), undefined, { ref: false, signal: this.#stop.signal }).catch(
          () => undefined,
        );
      }
    }
  }
}
