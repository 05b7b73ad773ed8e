import { describe, expect, it, vi } from 'vitest';
import { loadConfig } from '../common/config/config.js';
import { type CachedModel, ModelCache } from './model-cache.js';
import type { Model } from './model.js';

const MiB = 2 ** 20;

function sized(bytes: number): Model {
  return { bytes, release: vi.fn() } as unknown as Model;
}

function cacheOf(mebibytes: number): ModelCache {
  return new ModelCache(loadConfig({ MODEL_CACHE_BYTES: String(mebibytes * MiB) }));
}

function add(cache: ModelCache, mebibytes: number): CachedModel {
  return cache.add(sized(mebibytes * MiB), () => Promise.resolve(sized(mebibytes * MiB)));
}

describe('ModelCache', () => {
  it('unloads the least recently used models past its size', async () => {
    const cache = cacheOf(10);
    const [a, b, c] = [add(cache, 4), add(cache, 4), add(cache, 2)];
    await a.use(() => undefined);
    const d = add(cache, 4);
    expect([a, b, c, d].map(({ isLoaded }) => isLoaded)).toEqual([true, false, true, true]);
    expect(cache.bytes).toBe(10 * MiB);
  });

  it('brings a model again when it is used, once for all who wait', async () => {
    const cache = cacheOf(5);
    const reload = vi.fn(() => Promise.resolve(sized(4 * MiB)));
    const first = sized(4 * MiB);
    const a = cache.add(first, reload);
    const b = add(cache, 4);
    expect(first.release).toHaveBeenCalledOnce();
    const models = await Promise.all([a.use((model) => model), a.use((model) => model)]);
    expect(reload).toHaveBeenCalledOnce();
    expect(models[0]).toBe(models[1]);
    expect([a.isLoaded, b.isLoaded]).toEqual([true, false]);
  });

  it('brings it once also for who comes at the very moment when it is there', async () => {
    const cache = cacheOf(5);
    const reload = vi.fn(() => Promise.resolve(sized(4 * MiB)));
    const a = cache.add(sized(4 * MiB), reload);
    add(cache, 4);
    const uses = [a.use((model) => model)];
    for (let turn = 0; turn < 10; turn++) {
      await Promise.resolve();
      uses.push(a.use((model) => model));
    }
    expect(new Set(await Promise.all(uses)).size).toBe(1);
    expect(reload).toHaveBeenCalledOnce();
  });

  it('never unloads a model that could not come back', () => {
    const cache = cacheOf(5);
    const a = add(cache, 4);
    a.pinned = true;
    const b = add(cache, 4);
    expect([a.isLoaded, b.isLoaded]).toEqual([true, true]);
    cache.retire(a);
    add(cache, 1);
    expect(a.isLoaded).toBe(false);
  });

  it('never unloads a model that is in use', async () => {
    const cache = cacheOf(5);
    const a = add(cache, 4);
    await a.use(async (model) => {
      const b = add(cache, 4);
      await b.use(() => undefined);
      expect([a.isLoaded, b.isLoaded]).toEqual([true, true]);
      expect(model.release).not.toHaveBeenCalled();
    });
    expect(cache.bytes).toBe(4 * MiB);
  });

  it('lets a load that fails fail for those who wait, and tries again for the next', async () => {
    const cache = cacheOf(5);
    const reload = vi
      .fn<() => Promise<Model>>()
      .mockRejectedValueOnce(new Error('gone'))
      .mockResolvedValue(sized(1));
    const a = cache.add(sized(4 * MiB), reload);
    add(cache, 4);
    await expect(a.use(() => 1)).rejects.toThrow('gone');
    expect(await a.use(() => 2)).toBe(2);
    expect(a.inUse).toBe(false);
  });

  it('releases every model when the application ends', () => {
    const cache = cacheOf(10);
    const models = [sized(1), sized(2)];
    for (const model of models) cache.add(model, () => Promise.reject(new Error()));
    cache.onApplicationShutdown();
    for (const { release } of models) expect(release).toHaveBeenCalledOnce();
  });

  it('does not keep a retired model that comes back for who has held on to it', async () => {
    vi.useFakeTimers();
    try {
      const cache = cacheOf(10);
      const again = sized(MiB);
      const a = cache.add(sized(MiB), () => Promise.resolve(again));
      cache.retire(a);
      vi.advanceTimersByTime(300_000);
      expect(await a.use((model) => model)).toBe(again);
      expect(again.release).toHaveBeenCalledOnce();
    } finally {
      vi.useRealTimers();
    }
  });

  it('lets go of a retired model first, and of all once their requests must be over', async () => {
    vi.useFakeTimers();
    try {
      const cache = cacheOf(10);
      const [a, b] = [add(cache, 4), add(cache, 4)];
      await b.use(() => cache.retire(b));
      expect(b.isLoaded).toBe(true);
      add(cache, 4);
      expect([a.isLoaded, b.isLoaded]).toEqual([true, false]);
      cache.retire(a);
      let finish = (): void => undefined;
      const use = a.use(
        () =>
          new Promise<void>((resolve) => {
            finish = resolve;
          }),
      );
      vi.advanceTimersByTime(300_000);
      expect(a.isLoaded).toBe(true);
      finish();
      await use;
      vi.advanceTimersByTime(300_000);
      expect(a.isLoaded).toBe(false);
    } finally {
      vi.useRealTimers();
    }
  });
});
