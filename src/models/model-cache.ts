import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Config } from '../common/config/config.js';
import type { Model } from './model.js';

/** Node.js ends a request whose body has not come within this time. */
const LONGEST_REQUEST_MS = 300_000;

/**
 * A model that may be out of memory while nobody uses it. Those who use it hold it in memory; the cache takes it back
 * when it needs the place, and `use` brings it again.
 */
export class CachedModel {
  #model: Model | undefined;
  #coming: Promise<Model> | undefined;
  #users = 0;
  /** Whether it cannot come back, for its file is not the one it came from any more: it stays until it is replaced. */
  pinned = false;
  /** Of the cache's clock, when last used. */
  lastUse = 0;

  constructor(
    model: Model,
    private readonly cache: ModelCache,
    private readonly reload: () => Promise<Model>,
  ) {
    this.#model = model;
  }

  get isLoaded(): boolean {
    return this.#model !== undefined;
  }

  /** The model, for a look at it, while it is in memory. */
  get current(): Model | undefined {
    return this.#model;
  }

  get inUse(): boolean {
    return this.#users > 0;
  }

  /** Bytes that it takes of the cache at present. */
  get bytes(): number {
    return this.#model?.bytes ?? 0;
  }

  /** Runs `work` with the model, which is loaded before if need be. Throws what loading throws. */
  async use<Result>(work: (model: Model) => Result | Promise<Result>): Promise<Result> {
    this.#users++;
    this.lastUse = this.cache.tick();
    try {
      return await work(this.#model ?? (await this.#load()));
    } finally {
      if (--this.#users === 0) this.cache.settle(this);
    }
  }

  /** Takes the model out of memory. Not while it is in use. */
  unload(): void {
    this.#model?.release();
    this.#model = undefined;
  }

  /** Those who come at the same time wait for one load. */
  #load(): Promise<Model> {
    this.#coming ??= this.#bring().finally(() => (this.#coming = undefined));
    return this.#coming;
  }

  async #bring(): Promise<Model> {
    this.#model = await this.reload();
    this.cache.makeRoom(this);
    return this.#model;
  }
}

/** Keeps the models in memory within MODEL_CACHE_BYTES: the least recently used one goes first. */
@Injectable()
export class ModelCache implements OnApplicationShutdown {
  readonly #models = new Set<CachedModel>();
  #clock = 0;
  /** Whether what is in use takes more than there should be. */
  #isOver = false;

  constructor(private readonly config: Config) {}

  /** Takes a loaded model in; `reload` must bring the same model again. */
  add(model: Model, reload: () => Promise<Model>): CachedModel {
    const cached = new CachedModel(model, this, reload);
    cached.lastUse = this.tick();
    this.#models.add(cached);
    this.makeRoom(cached);
    return cached;
  }

  /**
   * A model that is served no more: requests that have begun, and may still be sending their rows, finish on it. It
   * goes once they must be over, or before all others when the cache needs its place.
   */
  retire(model: CachedModel): void {
    model.lastUse = 0;
    model.pinned = false;
    const forget = (): void => {
      if (model.inUse) return void setTimeout(forget, LONGEST_REQUEST_MS).unref();
      this.#models.delete(model);
      model.unload();
    };
    setTimeout(forget, LONGEST_REQUEST_MS).unref();
  }

  /** No request is under way any more. */
  onApplicationShutdown(): void {
    for (const model of this.#models) model.unload();
  }

  tick(): number {
    return ++this.#clock;
  }

  get bytes(): number {
    let bytes = 0;
    for (const model of this.#models) bytes += model.bytes;
    return bytes;
  }

  /** Unloads what nobody uses, until the rest fits; `wanted` stays, also where it alone is too large. */
  makeRoom(wanted: CachedModel): void {
    let excess = this.bytes - this.config.modelCacheBytes;
    const idle = [...this.#models].filter(
      (model) => model.isLoaded && !model.inUse && !model.pinned && model !== wanted,
    );
    idle.sort((a, b) => a.lastUse - b.lastUse);
    for (const model of idle) {
      if (excess <= 0) break;
      excess -= model.bytes;
      model.unload();
    }
    this.#isOver = excess > 0;
  }

  /** A model is not in use any more: if the others had to stay beside it, now there is room to be made. */
  settle(used: CachedModel): void {
    // Who has held on to it for so long has brought it again, and nobody else would let go of it.
    if (!this.#models.has(used)) used.unload();
    if (this.#isOver) this.makeRoom(used);
  }
}
