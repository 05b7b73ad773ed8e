import { describe, expect, it } from 'vitest';
import { loadConfig } from '../common/config/config.js';
import {
  ModelNotFoundError,
  ModelNotLoadedError,
  ModelVersionNotFoundError,
  NoDefaultModelError,
} from './model-errors.js';
import { ModelCache } from './model-cache.js';
import type { ModelEntry, ReadyEntry } from './model-entry.js';
import { ModelRegistry } from './model-registry.js';
import type { Model } from './model.js';

const model = new ModelCache(loadConfig({})).add({ bytes: 1 } as Model, () => Promise.reject(new Error()));
const ready = (name: string, version = '1', sha256 = 'ab'.repeat(32)): ReadyEntry => ({
  state: 'ready',
  name,
  version,
  file: { name: `${name}.pkl`, bytes: 1, sha256 },
  type: 'test',
  model,
  isPrompt: true,
  format: 'test',
  inputs: [],
  outputs: [],
  supports: [],
  description: {},
  about: {},
  checks: 0,
});
const failed = (name: string, version = '1'): ModelEntry => ({
  state: 'failed',
  name,
  version,
  file: { name: `${name}.pkl`, bytes: 1 },
  reason: 'Broken.',
});

function registry(entries: ModelEntry[], defaultModel = ''): ModelRegistry {
  const created = new ModelRegistry(loadConfig({ DEFAULT_MODEL: defaultModel }));
  for (const entry of entries) created.add(entry);
  return created;
}

describe('ModelRegistry', () => {
  it('lists names by the alphabet and versions greatest first', () => {
    const models = registry([ready('b', '2'), ready('a'), ready('b', '10'), failed('b', '1')]);
    expect(models.names).toEqual(['a', 'b']);
    expect(models.versions('b').map(({ version }) => version)).toEqual(['10', '2', '1']);
    expect(models.versions('nope')).toEqual([]);
  });

  it('replaces the entry of the same name and version', () => {
    const models = registry([failed('a'), ready('a')]);
    expect(models.versions('a')).toEqual([ready('a')]);
  });

  it('means the greatest version that is ready, else the greatest', () => {
    expect(registry([ready('a', '2'), failed('a', '10'), ready('a', '1')]).entry('a').version).toBe('2');
    expect(registry([failed('a', '2'), failed('a', '10')]).entry('a').version).toBe('10');
  });

  it('finds one version by its exact name', () => {
    const models = registry([ready('a', '1'), ready('a', '1.0')]);
    expect(models.entry('a', '1').version).toBe('1');
    expect(() => models.entry('a', '01')).toThrow(new ModelVersionNotFoundError('a', '01', ['1.0', '1']));
  });

  it.each(['nope', 'A', '', '__proto__', 'constructor', 'toString'])('knows no model %j', (name) => {
    expect(() => registry([ready('a')]).entry(name)).toThrow(new ModelNotFoundError(name, ['a']));
  });

  it('gives out a failed entry to look at, not to predict with', async () => {
    const models = registry([failed('a')]);
    expect(models.entry('a').state).toBe('failed');
    await expect(models.ready('a')).rejects.toThrow(new ModelNotLoadedError('a', '1', 'Broken.'));
    await expect(models.ready()).rejects.toThrow(ModelNotLoadedError);
  });

  it('loads what is not loaded when it is asked for', async () => {
    const models = registry([]);
    const load = (): Promise<ModelEntry> => {
      models.add(ready('a'));
      return Promise.resolve(models.entry('a'));
    };
    models.add({ state: 'unloaded', name: 'a', version: '1', file: { name: 'a.pkl', bytes: 1 }, load });
    expect(models.defaultName).toBe('a');
    expect(await models.ready()).toEqual(ready('a'));
    expect(models.versions('a')).toEqual([ready('a')]);
  });

  it('looks again before it refuses a name or a version', async () => {
    const models = registry([ready('a')]);
    const looks: string[] = [];
    models.onUnknown(() => {
      looks.push('look');
      models.add(ready('a', '2'));
      return Promise.resolve();
    });
    expect((await models.ready('a', '1')).version).toBe('1');
    expect(looks).toEqual([]);
    expect((await models.ready('a', '2')).version).toBe('2');
    await expect(models.find('b')).rejects.toThrow(ModelNotFoundError);
    expect(looks).toEqual(['look', 'look']);
  });

  it('means the version of the alias production, and any other alias by its name', () => {
    const models = registry([ready('a', '1'), ready('a', '2'), ready('a', '3')]);
    models.setAliases('a', new Map([['staging', '3'], ['production', '1']])); // prettier-ignore
    expect(models.entry('a').version).toBe('1');
    expect(models.entry('a', 'staging').version).toBe('3');
    models.setAliases('a', new Map([['staging', '9']]));
    expect(models.entry('a').version).toBe('3');
    expect(() => models.entry('a', 'staging')).toThrow(
      new ModelVersionNotFoundError('a', 'staging', ['3', '2', '1', 'staging']),
    );
  });

  it('finds a version by the digest of its file', () => {
    const models = registry([ready('a', '1', `${'0'.repeat(63)}1`), ready('a', '2', `1${'0'.repeat(63)}`)]);
    expect(models.entry('a', `sha256:${'0'.repeat(63)}1`).version).toBe('1');
    expect(models.entry('a', 'sha256:10000000').version).toBe('2');
    expect(() => models.entry('a', 'sha256:1000')).toThrow(ModelVersionNotFoundError);
  });

  it('forgets a version, and a model with its last one', () => {
    const models = registry([ready('a', '1'), ready('a', '2')]);
    models.remove('a', '2');
    expect(models.entry('a').version).toBe('1');
    models.remove('a', '1');
    expect(models.names).toEqual([]);
  });

  describe('the default model', () => {
    it.each<[string, ModelEntry[], string, string | undefined]>([
      ['the only one', [ready('a')], '', 'a'],
      ['the only one, several versions', [ready('a', '1'), ready('a', '2')], '', 'a'],
      ['the only one, broken', [failed('a')], '', 'a'],
      ['the only one that is ready', [failed('a'), ready('b'), failed('c')], '', 'b'],
      ['none of several', [ready('a'), ready('b')], '', undefined],
      ['none of several broken', [failed('a'), failed('b')], '', undefined],
      ['none of none', [], '', undefined],
      ['the one that is set', [ready('a'), ready('b')], 'b', 'b'],
      ['the one that is set, broken', [ready('a'), failed('b')], 'b', 'b'],
      ['the one that is set, though not there', [ready('a')], 'b', 'b'],
    ])('%s', (_what, entries, setting, name) => {
      const models = registry(entries, setting);
      expect(models.defaultName).toBe(name);
      if (name === undefined) expect(() => models.entry()).toThrow(new NoDefaultModelError(models.names));
      else if (models.names.includes(name)) expect(models.entry().name).toBe(name);
      else expect(() => models.entry()).toThrow(ModelNotFoundError);
    });
  });
});
