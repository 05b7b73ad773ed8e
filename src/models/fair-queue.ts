import { ExternalModelUnavailableError } from './external-errors.js';

const RETRY_AFTER_SECONDS = 1;

/**
 * Runs the parts of requests, at most `concurrency` of them at the same time. Requests take turns part by part, so
 * that one of a thousand parts does not hold up one of a single part for longer than a part takes.
 */
export class FairQueue {
  #requests = 0;
  #running = 0;
  readonly #waiting = new Set<() => void>();

  /** `mostRequests`: so many may be under way or waiting; one more is refused at once. */
  constructor(
    readonly concurrency: number,
    private readonly mostRequests: number,
  ) {}

  /**
   * The results of `work` for each part, in their order. The first part that fails stops the others through the
   * signal that `work` is given, and is what the promise rejects with, once all of them have ended; so does `signal`.
   * Throws ExternalModelUnavailableError where too many requests wait.
   */
  async run<T>(
    parts: number,
    work: (part: number, signal: AbortSignal) => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T[]> {
    signal?.throwIfAborted();
    if (this.#requests >= this.mostRequests) {
      throw new ExternalModelUnavailableError(
        `${this.#requests} requests for this model are under way or waiting already. Send this one again later.`,
        RETRY_AFTER_SECONDS,
      );
    }
    const failed = new AbortController();
    const stop = AbortSignal.any(signal ? [failed.signal, signal] : [failed.signal]);
    const results: T[] = [];
    let next = 0;
    const lane = async (): Promise<void> => {
      while (next < parts) {
        await this.#enter(stop);
        try {
          stop.throwIfAborted();
          const part = next++;
          if (part < parts) results[part] = await work(part, stop);
        } catch (error) {
          failed.abort(error);
          return;
        } finally {
          this.#leave();
        }
      }
    };
    this.#requests++;
    try {
      await Promise.allSettled(Array.from({ length: Math.min(this.concurrency, parts) }, lane));
    } finally {
      this.#requests--;
    }
    stop.throwIfAborted();
    return results;
  }

  /** Resolves when there is room, first come first served. Rejects with the signal's reason. */
  async #enter(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#running < this.concurrency) {
      this.#running++;
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const take = (): void => {
        signal.removeEventListener('abort', giveUp);
        resolve();
      };
      const giveUp = (): void => {
        this.#waiting.delete(take);
        reject(signal.reason as Error);
      };
      this.#waiting.add(take);
      signal.addEventListener('abort', giveUp, { once: true });
    });
  }

  /** Hands the room on to who has waited longest. */
  #leave(): void {
    const [first] = this.#waiting;
    if (first) {
      this.#waiting.delete(first);
      first();
    } else {
      this.#running--;
    }
  }
}
