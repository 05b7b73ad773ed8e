/** One piece of work for everybody who asks for it; it is aborted when none of them waits any more. */
export class JoinedWork<Result> {
  readonly #gone = new AbortController();
  readonly #result: Promise<Result>;
  #waiting = 0;
  #failed = false;

  constructor(work: (signal: AbortSignal) => Promise<Result>) {
    this.#result = work(this.#gone.signal);
    // Those who wait are told; nobody may be left.
    this.#result.catch(() => (this.#failed = true));
  }

  /** Whether there is no result, and will be none. */
  get isOver(): boolean {
    return this.#failed || this.#gone.signal.aborted;
  }

  /** The result, or what the work throws, or `signal`'s reason as soon as it aborts. */
  async join(signal?: AbortSignal): Promise<Result> {
    signal?.throwIfAborted();
    this.#waiting++;
    let leave: (() => void) | undefined;
    const left = new Promise<never>((_, reject) => {
      leave = () => reject(signal?.reason as Error);
      signal?.addEventListener('abort', leave);
    });
    let isDone = false;
    try {
      const result = await Promise.race([this.#result, left]);
      isDone = true;
      return result;
    } finally {
      if (leave) signal?.removeEventListener('abort', leave);
      if (--this.#waiting === 0 && !isDone) this.#gone.abort(signal?.reason);
    }
  }
}
