import type { ServerResponse } from 'node:http';
import {
  type BeforeApplicationShutdown,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { EventStream } from '../common/http/event-stream.js';
import { isTerminal, type Job } from './job.js';
import { JobChanges } from './job-changes.js';
import { JobEngine } from './job-engine.js';
import { JobFeed } from './job-feed.js';

const HEARTBEAT_MS = 15_000;

interface WatchedJob {
  readonly feed: JobFeed;
  readonly stop: () => void;
}

/** Streams of what happens to jobs, for those who watch. */
@Injectable()
export class JobEvents implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(JobEvents.name);
  readonly #feeds = new Map<string, WatchedJob>();
  #heart: NodeJS.Timeout | undefined;
  #stopping = false;

  constructor(
    private readonly engine: JobEngine,
    private readonly changes: JobChanges,
  ) {}

  onApplicationBootstrap(): void {
    this.#heart = setInterval(() => {
      for (const { feed } of this.#feeds.values()) feed.beat();
    }, HEARTBEAT_MS).unref();
  }

  /** A stopping server waits for its answers to end, and these would not. */
  beforeApplicationShutdown(): void {
    this.#stopping = true;
    clearInterval(this.#heart);
    for (const { feed } of this.#feeds.values()) feed.end();
  }

  /**
   * Sends the job's events after the one with the id `after`, to the last, as they come. Where there is none left to come,
   * the answer is 204, by which browsers know not to connect again.
   */
  async stream(job: Job, after: number, response: ServerResponse): Promise<void> {
    if (after > 0 && isTerminal(job.state) && (await this.engine.events(job.id, after)).length === 0) {
      response.writeHead(204).end();
      return;
    }
    const stream = new EventStream(response);
    if (this.#stopping || response.req.method === 'HEAD') {
      stream.end();
      return;
    }
    const { feed } = this.#watched(job.id);
    const leave = feed.add(stream, after);
    stream.onGone(() => {
      leave();
      this.#tidy(job.id);
    });
  }

  #watched(id: string): WatchedJob {
    const known = this.#feeds.get(id);
    if (known) return known;
    const feed = new JobFeed(id, this.engine, (error) => this.logger.error(error));
    const watched = { feed, stop: this.changes.on(id, () => feed.look()) };
    this.#feeds.set(id, watched);
    return watched;
  }

  #tidy(id: string): void {
    const watched = this.#feeds.get(id);
    if (!watched || watched.feed.isWatched) return;
    watched.stop();
    this.#feeds.delete(id);
  }
}
