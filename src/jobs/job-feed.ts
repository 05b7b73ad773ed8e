import { type EventStream, eventText } from '../common/http/event-stream.js';
import { isTerminal } from './job.js';
import type { JobEngine } from './job-engine.js';

interface Watcher {
  readonly stream: EventStream;
  /** The latest event it was sent. */
  seen: number;
}

/**
 * The events of one job for all who watch it. They are read once for all that are equally far, and stay in the store for
 * those that are slower: nothing is gathered here.
 */
export class JobFeed {
  readonly #watchers = new Set<Watcher>();
  #reading = false;
  #again = false;

  constructor(
    private readonly id: string,
    private readonly engine: JobEngine,
    private readonly onError: (error: unknown) => void,
  ) {}

  get isWatched(): boolean {
    return this.#watchers.size > 0;
  }

  /** `after`: the latest event that the client has. Returns how to leave. */
  add(stream: EventStream, after: number): () => void {
    const watcher = { stream, seen: after };
    this.#watchers.add(watcher);
    stream.onReady(() => this.look());
    this.look();
    return () => this.#watchers.delete(watcher);
  }

  /** Sends what has happened. Calls while it does so come to one more look. */
  look(): void {
    this.#again = true;
    if (this.#reading) return;
    this.#reading = true;
    void this.#readAll();
  }

  beat(): void {
    for (const { stream } of this.#watchers) stream.beat();
  }

  end(): void {
    for (const { stream } of this.#watchers) stream.end();
    this.#watchers.clear();
  }

  async #readAll(): Promise<void> {
    try {
      while (this.#again) {
        this.#again = false;
        await this.#read();
      }
    } catch (error) {
      // Clients come again, and go on where they were.
      this.end();
      this.onError(error);
    } finally {
      this.#reading = false;
    }
  }

  async #read(): Promise<void> {
    const watchers = [...this.#watchers].filter(({ stream }) => stream.isReady);
    if (watchers.length === 0) return;
    const from = watchers.reduce((least, { seen }) => Math.min(least, seen), Infinity);
    // Before its events: then those of a job that has ended are all that there are.
    const job = await this.engine.find(this.id);
    const events = await this.engine.events(this.id, from);
    const texts: string[] = [];
    for (const watcher of watchers) {
      for (const [index, { id, at, type, data }] of events.entries()) {
        if (id <= watcher.seen) continue;
        if (!watcher.stream.isReady) break;
        texts[index] ??= eventText(id, type, { at, ...data });
        watcher.stream.send(texts[index]);
        watcher.seen = id;
      }
      const isLevel = watcher.seen >= (events.at(-1)?.id ?? from);
      if (isLevel && (!job || isTerminal(job.state))) {
        this.#watchers.delete(watcher);
        watcher.stream.end();
      }
    }
  }
}
