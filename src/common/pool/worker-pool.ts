import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Piscina } from 'piscina';
import type { Transferable } from 'node:worker_threads';
import { Config } from '../config/config.js';
import { RemoteError } from './remote-error.js';
import type { Task } from './task.js';
import type { WorkerReply, WorkerRequest } from './worker-message.js';

/** Injection token of the URL of the worker threads' script. */
export const WORKER_ENTRY = Symbol('WORKER_ENTRY');

/** A worker that has had nothing to do for so long ends, and gives its memory back. */
const IDLE_MS = 30_000;

/** Threads for work that would keep the HTTP thread from its other requests. They start on demand. */
@Injectable()
export class WorkerPool implements OnApplicationShutdown {
  /** How many tasks run at the same time. */
  readonly threads: number;
  readonly #shared = new Map<string, unknown>();
  /** Those that no task has. */
  readonly #places: number[];
  /**
   * Who waits for a place, the first first. They wait here: what waits in Piscina when its last worker dies is not done
   * before another task comes.
   */
  readonly #waiting: ((place: number) => void)[] = [];
  #running = 0;
  #pool: Piscina<WorkerRequest, WorkerReply> | undefined;

  constructor(
    config: Config,
    @Inject(WORKER_ENTRY) private readonly entry: URL,
  ) {
    this.threads = config.threads;
    this.#places = Array.from({ length: this.threads }, (_, place) => place);
  }

  /** Gives every worker a value under a name, for its tasks. To be called before the first task runs. */
  share(name: string, value: unknown): void {
    this.#shared.set(name, value);
  }

  /** Tasks that were handed over and have not ended. */
  get running(): number {
    return this.#running;
  }

  /**
   * Runs a task on a worker. What is in `transfer` is gone from this thread afterwards. When `signal` aborts, the task
   * ends at its next checkpoint, or does not begin.
   * Throws the task's DomainError, `signal`'s reason, or an Error for what nobody expected.
   */
  async run<Input, Output>(
    task: Task<Input, Output>,
    input: Input,
    transfer: readonly Transferable[] = [],
    signal?: AbortSignal,
  ): Promise<Output> {
    signal?.throwIfAborted();
    this.#pool ??= new Piscina({
      filename: this.entry.href,
      minThreads: 0,
      maxThreads: this.threads,
      idleTimeout: IDLE_MS,
      concurrentTasksPerWorker: 1,
      workerData: this.#shared,
    });
    const gone = signal && new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
    const stop = (): void => void (gone && Atomics.store(gone, 0, 1));
    signal?.addEventListener('abort', stop);
    this.#running++;
    const place = this.#places.pop() ?? (await this.#turn());
    try {
      signal?.throwIfAborted();
      const request = { task: task.name, input, place, ...(gone && { gone }) };
      const reply = await this.#pool.run(request, { transferList: [...transfer] });
      if ('error' in reply) throw new RemoteError(reply.error);
      if ('output' in reply) return reply.output as Output;
      signal?.throwIfAborted();
      throw new Error(`The task ${task.name} stopped, and nobody asked it to.`);
    } finally {
      this.#leave(place);
      this.#running--;
      signal?.removeEventListener('abort', stop);
    }
  }

  #turn(): Promise<number> {
    return new Promise((take) => {
      this.#waiting.push(take);
    });
  }

  /** The task has ended, whatever of: its worker may have died. */
  #leave(place: number): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#places.push(place);
    else next(place);
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#pool?.destroy();
  }
}
