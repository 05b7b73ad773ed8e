import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { JobEngine } from './job-engine.js';

/** Activity is told at most once, and a connection to the store can break: so often what is waited for is looked at anyway. */
const LOOK_MS = 15_000;

/** Tells whoever waits for a job that something happened to it: one listener of the engine for all of them. */
@Injectable()
export class JobChanges implements OnModuleInit, OnModuleDestroy {
  readonly #listeners = new Map<string, Set<() => void>>();
  #stop: (() => void) | undefined;

  constructor(private readonly engine: JobEngine) {}

  onModuleInit(): void {
    const ignore = this.engine.listen(({ job }) => this.#tell(job));
    const look = setInterval(() => {
      for (const job of this.#listeners.keys()) this.#tell(job);
    }, LOOK_MS).unref();
    this.#stop = () => {
      ignore();
      clearInterval(look);
    };
  }

  onModuleDestroy(): void {
    this.#stop?.();
  }

  /** Calls `listener` when the job may have changed, until what this returns is called. */
  on(job: string, listener: () => void): () => void {
    const listeners = this.#listeners.get(job) ?? new Set();
    this.#listeners.set(job, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0 && this.#listeners.get(job) === listeners) this.#listeners.delete(job);
    };
  }

  #tell(job: string): void {
    for (const listener of this.#listeners.get(job) ?? []) listener();
  }
}
