import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { loadConfig } from '../common/config/config.js';
import { ModelCache } from '../models/model-cache.js';
import type { ReadyEntry } from '../models/model-entry.js';
import { ModelRegistry } from '../models/model-registry.js';
import type { Model } from '../models/model.js';
import { NoChangeNotifier } from './change-notifier.js';
import type { FoundVersion } from './model-folder.js';
import type { ModelLoader } from './model-loader.js';
import { RepositorySync } from './repository-sync.js';
import { UPLOADED_MARK } from './uploads-folder.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kriged-sync-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A version that came whole. */
function put(name: string, version: string): void {
  const place = join(folder, name, version);
  mkdirSync(place, { recursive: true });
  writeFileSync(join(place, 'model.json'), '{}');
  utimesSync(join(place, 'model.json'), 0, 0);
  writeFileSync(join(place, UPLOADED_MARK), '');
}

/** Loads a version when the test lets it. */
class Loads {
  readonly begun: (() => void)[] = [];

  constructor(private readonly cache: ModelCache) {}

  async load({ name, version }: FoundVersion): Promise<ReadyEntry> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.begun.push(resolve);
    await promise;
    const model = { bytes: 1, release: () => undefined } as unknown as Model;
    const cached = this.cache.add(model, () => Promise.resolve(model));
    const file = { name: 'model.json', bytes: 2, sha256: `${this.begun.length}` };
    return { name, version, state: 'ready', file, model: cached } as ReadyEntry;
  }
}

interface Opened {
  readonly sync: RepositorySync;
  readonly registry: ModelRegistry;
  readonly loads: Loads;
}

async function open(env: Record<string, string> = {}): Promise<Opened> {
  const config = loadConfig({ MODELS_DIR: folder, MODELS_POLL_MS: '0', ...env });
  const registry = new ModelRegistry(config);
  const cache = new ModelCache(config);
  const loads = new Loads(cache);
  const loader = loads as unknown as ModelLoader;
  const sync = new RepositorySync(config, registry, cache, loader, new NoChangeNotifier());
  await sync.onApplicationBootstrap();
  return { sync, registry, loads };
}

it('does not serve a version that was deleted while it was loaded', async () => {
  put('late', '1');
  const { sync, registry, loads } = await open({ MODEL_LOADING: 'lazy' });
  try {
    const asked = registry.ready('late');
    await vi.waitUntil(() => loads.begun.length === 1);
    await sync.exclusively(() => Promise.resolve(sync.drop('late', '1')));
    rmSync(join(folder, 'late'), { recursive: true });
    loads.begun[0]();
    // Who asked before is answered.
    expect((await asked).version).toBe('1');
    expect(registry.versions('late')).toEqual([]);
  } finally {
    sync.onApplicationShutdown();
  }
});

it('looks again for all who ask for what is not known yet', async () => {
  const { sync, registry, loads } = await open();
  try {
    put('new', '1');
    const asked = [registry.ready('new'), registry.ready('new')];
    const answers = Promise.allSettled(asked);
    await vi.waitUntil(() => loads.begun.length === 1);
    loads.begun[0]();
    expect((await answers).map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled']);
  } finally {
    sync.onApplicationShutdown();
  }
});
