import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { MAX_PAYLOAD_BYTES, type Notifications } from '../../database/notifications.js';
import type { JobActivity } from '../job-engine.js';

const CHANNEL = 'kriged_job';
/** Between two messages: what happens meanwhile goes together. */
const GATHER_MS = 10;

type Listener = (activity: JobActivity) => void;

/**
 * Tells every process what happened to jobs: this one at once, the others by NOTIFY. It is sent beside the statement that
 * made it happen, not within: PostgreSQL commits transactions that notify one after another, each with its own flush.
 * What a process that dies in between does not say is found by looking now and then.
 */
export class ActivityFeed {
  private readonly logger = new Logger(ActivityFeed.name);
  readonly #listeners = new Set<Listener>();
  /** Own messages come back. */
  readonly #self = randomUUID();
  #unsent = new Map<string, string>();
  #sending: Promise<void> | undefined;

  constructor(private readonly notifications: Notifications) {}

  /** `foreign` is told first of what other processes did, `onGap` since when nobody heard them. */
  async open(foreign: (jobs: readonly JobActivity[]) => void, onGap: (since: Date) => void): Promise<void> {
    await this.notifications.listen(CHANNEL, {
      onMessage: (payload) => {
        const message = readMessage(payload);
        if (!message || message.from === this.#self) return;
        foreign(message.activities);
        this.#tell(message.activities);
      },
      onGap,
    });
  }

  add(listener: Listener): () => void {
    // A listener may be given twice, and then stops being told once at a time.
    const own: Listener = (activity) => listener(activity);
    this.#listeners.add(own);
    return () => this.#listeners.delete(own);
  }

  /** Something happened here. */
  publish(activities: readonly JobActivity[]): void {
    for (const { job, type } of activities) this.#unsent.set(job, type);
    if (activities.length > 0) this.#sending ??= this.#send().finally(() => (this.#sending = undefined));
    this.#tell(activities);
  }

  /** Something is worth a look for this process: others find it themselves. */
  hint(activities: readonly JobActivity[]): void {
    this.#tell(activities);
  }

  async close(): Promise<void> {
    this.#listeners.clear();
    await this.#sending;
  }

  #tell(activities: readonly JobActivity[]): void {
    for (const activity of activities) {
      for (const listener of this.#listeners) {
        try {
          listener(activity);
        } catch (error) {
          this.logger.error(error);
        }
      }
    }
  }

  /** What happens while a message is on its way goes with the next. */
  async #send(): Promise<void> {
    await Promise.resolve();
    while (this.#unsent.size > 0) {
      const jobs = [...this.#unsent];
      this.#unsent = new Map();
      await this.notifications.send(CHANNEL, this.#payloads(jobs)).catch(() => undefined);
      await sleep(GATHER_MS);
    }
  }

  #payloads(jobs: readonly [string, string][]): string[] {
    const payload = JSON.stringify({ from: this.#self, jobs });
    if (Buffer.byteLength(payload) <= MAX_PAYLOAD_BYTES || jobs.length === 1) return [payload];
    const half = Math.ceil(jobs.length / 2);
    return [...this.#payloads(jobs.slice(0, half)), ...this.#payloads(jobs.slice(half))];
  }
}

/** Undefined where it is none of these servers': whoever may connect to the database may notify. */
function readMessage(payload: string): { from: string; activities: JobActivity[] } | undefined {
  try {
    const { from, jobs } = JSON.parse(payload) as { from: string; jobs: [string, string][] };
    return { from, activities: jobs.map(([job, type]) => ({ job, type })) };
  } catch {
    return undefined;
  }
}
