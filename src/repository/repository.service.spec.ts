import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it, vi } from 'vitest';
import { loadConfig } from '../common/config/config.js';
import { ModelCache } from '../models/model-cache.js';
import { ModelRegistry } from '../models/model-registry.js';
import type { Model } from '../models/model.js';
import { NoChangeNotifier } from './change-notifier.js';
import type { ModelLoader, OpenedModel } from './model-loader.js';
import { AliasIsVersionError } from './repository-errors.js';
import { RepositorySync } from './repository-sync.js';
import { RepositoryService } from './repository.service.js';

const folder = mkdtempSync(join(tmpdir(), 'kriged-repository-'));
afterAll(() => rmSync(folder, { recursive: true }));

it('lets go of a model that it does not take', async () => {
  const config = loadConfig({ MODELS_DIR: folder, MODELS_API: 'read-write' });
  const registry = new ModelRegistry(config);
  const release = vi.fn();
  const opened = { model: { release } as unknown as Model, sha256: 'abc' } as OpenedModel;
  const loader = { open: () => Promise.resolve(opened) } as unknown as ModelLoader;
  const sync = new RepositorySync(config, registry, new ModelCache(config), loader, new NoChangeNotifier());
  const service = new RepositoryService(config, registry, loader, sync);
  mkdirSync(join(folder, 'm'));
  writeFileSync(join(folder, 'm', 'aliases.json'), '{"stable":"1"}');
  const made = { content: Buffer.from('{}'), extension: '.json', version: 'stable' };
  await expect(service.add('m', made)).rejects.toThrow(AliasIsVersionError);
  expect(existsSync(join(folder, 'm', 'stable'))).toBe(false);
  expect(release).toHaveBeenCalledOnce();
});
