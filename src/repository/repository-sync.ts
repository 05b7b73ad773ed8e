import { existsSync, type FSWatcher, watch } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Config } from '../common/config/config.js';
import { ModelCache } from '../models/model-cache.js';
import type { FailedEntry, ModelEntry, ReadyEntry } from '../models/model-entry.js';
import { ModelRegistry } from '../models/model-registry.js';
import { type Aliases, readAliases } from './aliases.js';
import { ChangeNotifier } from './change-notifier.js';
import { type FoundModels, type FoundVersion, findModels } from './model-folder.js';
import { ModelLoader } from './model-loader.js';
import { removeUploadLeftovers, UPLOADED_MARK, UPLOADS } from './uploads-folder.js';
import { type Stamp, stampOf } from './stamp.js';

/** A file that has not changed for so long is complete; a younger one is looked at twice. */
const QUIET_MS = 1000;
const LOOK_AGAIN_MS = 250;
/** Requests for models that do not exist cost no more than a look in so long. */
const LEAST_ASKED_MS = 100;
/** Changes come in swarms. */
const GATHER_MS = 50;
/** Files of such a kind are models only where a model type says so. */
const MAYBE = new Set(['.yaml', '.yml']);

/** What was seen of a version, and not yet believed: `gone`, or the stamp of new files. */
interface Sighting {
  readonly what: string;
  readonly since: number;
}

/**
 * Keeps the registry in step with the models folder: at the start, when the file system tells of a change, every
 * MODELS_POLL_MS for file systems that do not tell, and when a model is asked for that is not known.
 */
@Injectable()
export class RepositorySync implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(RepositorySync.name);
  /** Name and version to the stamp of what was taken. */
  readonly #taken = new Map<string, { readonly stamp: string; readonly found: FoundVersion }>();
  readonly #sightings = new Map<string, Sighting>();
  /** What was said once need not be said again. */
  readonly #told = new Set<string>();
  #aliased = new Set<string>();
  #last: Promise<unknown> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  #poll: NodeJS.Timeout | undefined;
  #watcher: FSWatcher | undefined;
  #asked = 0;
  #looking: Promise<void> = Promise.resolve();
  #started = false;
  #stopped = false;

  constructor(
    private readonly config: Config,
    private readonly registry: ModelRegistry,
    private readonly cache: ModelCache,
    private readonly loader: ModelLoader,
    private readonly notifier: ChangeNotifier,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    const { modelsDir, defaultModel, modelsPollMs } = this.config;
    this.registry.onUnknown(() => this.#lookAgain());
    await removeUploadLeftovers(modelsDir);
    await this.refresh();
    if (this.#sightings.size > 0) {
      await sleep(LOOK_AGAIN_MS);
      await this.refresh();
    }
    this.#started = true;
    if (this.registry.names.length === 0) this.logger.warn('The models folder holds no model file.');
    if (defaultModel !== undefined && !this.registry.names.includes(defaultModel)) {
      this.logger.warn(`DEFAULT_MODEL is ${JSON.stringify(defaultModel)}, but there is no such model.`);
    }
    this.#watch();
    await this.notifier.listen(() => void this.#refresh());
    if (modelsPollMs > 0) this.#poll = setInterval(() => void this.refresh(), modelsPollMs).unref();
  }

  onApplicationShutdown(): void {
    this.#stopped = true;
    clearInterval(this.#poll);
    clearTimeout(this.#timer);
    this.#watcher?.close();
  }

  /** Takes up what has changed on disk. Never throws. */
  async refresh(): Promise<void> {
    const hasChanged = await this.#refresh();
    if (hasChanged && this.#started) this.notifier.announce();
  }

  /** Whether there was something new. */
  #refresh(): Promise<boolean> {
    return this.#inTurn(async () => {
      if (this.#stopped) return false;
      try {
        const hasChanged = await this.#step(await findModels(this.config.modelsDir));
        this.#told.delete('folder');
        return hasChanged;
      } catch (error) {
        const { code = 'unknown' } = error as NodeJS.ErrnoException;
        this.#tellOnce('folder', `The models folder cannot be read (${code}).`);
        if ((error as NodeJS.ErrnoException).code === undefined) this.logger.error(error);
        return false;
      }
    });
  }

  /** Runs `work`, which changes the repository, while nothing else does. */
  async exclusively<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = await this.#inTurn(work);
    this.notifier.announce();
    return result;
  }

  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const run = this.#last.then(work);
    this.#last = run.catch(() => undefined);
    return run;
  }

  /** Takes in a version that this process has put into the folder. Within `exclusively`. */
  async adopt(found: FoundVersion, entry: ReadyEntry): Promise<void> {
    const stamp = await stampOf(found);
    this.#taken.set(key(found), { stamp: stamp?.text ?? '', found });
    this.#replace(entry);
  }

  /** The files and folders that are this version's alone. */
  placesOf(name: string, version: string): string[] {
    const found = this.#taken.get(key({ name, version }))?.found;
    if (!found) return [];
    const folder = dirname(found.paths[0]);
    const isSingleFile = folder === this.config.modelsDir;
    if (!isSingleFile) return [folder];
    return found.manifest === undefined ? [...found.paths] : [...found.paths, found.manifest];
  }

  /** Serves a version no more. Within `exclusively`. */
  drop(name: string, version: string): void {
    const entry = this.registry.get(name, version);
    this.#taken.delete(key({ name, version }));
    this.registry.remove(name, version);
    if (entry?.state === 'ready') this.cache.retire(entry.model);
  }

  /** Within `exclusively`. */
  setAliases(name: string, aliases: Aliases): void {
    if (aliases.size > 0) this.#aliased.add(name);
    this.registry.setAliases(name, new Map([...aliases].map(([alias, { version }]) => [alias, version])));
  }

  async #step({ versions, aliased, ignored }: FoundModels): Promise<boolean> {
    for (const { name, reason } of ignored) {
      this.#tellOnce(`ignored ${name}`, `Passed over ${JSON.stringify(name)}: ${reason}.`);
    }
    const unreadable = new Set(ignored.filter((item) => item.unreadable).map(({ name }) => name));
    const present = new Set<string>();
    const changed: { found: FoundVersion; stamp: Stamp }[] = [];
    for (const found of versions) {
      const stamp = await stampOf(found);
      if (!stamp) continue;
      present.add(key(found));
      if (this.#taken.get(key(found))?.stamp === stamp.text) this.#sightings.delete(key(found));
      else if (this.#isComplete(found, stamp)) changed.push({ found, stamp });
    }
    let hasChanged = changed.length > 0;
    for (const [gone, { found }] of this.#taken) {
      if (present.has(gone) || unreadable.has(found.name)) continue;
      if (!this.#isCertain(gone, 'gone')) continue;
      this.drop(found.name, found.version);
      hasChanged = true;
      this.logger.log(`Model ${gone} is gone.`);
    }
    for (const seen of this.#sightings.keys()) {
      if (!present.has(seen) && !this.#taken.has(seen)) this.#sightings.delete(seen);
    }
    await this.#takeAll(changed);
    await this.#readAliases(aliased);
    if (this.#sightings.size > 0) this.#soon(LOOK_AGAIN_MS);
    return hasChanged;
  }

  /** Several at a time, as workers read the large ones. */
  async #takeAll(changed: readonly { found: FoundVersion; stamp: Stamp }[]): Promise<void> {
    let next = 0;
    const work = async (): Promise<void> => {
      while (next < changed.length) {
        const { found, stamp } = changed[next++];
        await this.#take(found, stamp);
      }
    };
    await Promise.all(Array.from({ length: this.config.threads }, work));
  }

  async #take(all: FoundVersion, stamp: Stamp): Promise<void> {
    this.#taken.set(key(all), { stamp: stamp.text, found: all });
    const paths = all.paths.filter(
      (path) => !MAYBE.has(extname(path).toLowerCase()) || this.loader.recognises(path),
    );
    if (paths.length === 0) return;
    const found = { ...all, paths };
    // Later ones are loaded at once: they must prove themselves before they take another's place.
    if (this.config.modelLoading === 'lazy' && !this.#started) {
      this.registry.add(this.#later(found));
      return;
    }
    this.#replace(await this.loader.load(found), found);
  }

  #later(found: FoundVersion): ModelEntry {
    const { name, version, paths } = found;
    let loading: Promise<ModelEntry> | undefined;
    const load = async (): Promise<ModelEntry> => {
      const entry = await this.loader.load(found);
      // Another file may have taken its place meanwhile, or it was deleted: then this one is for those who wait only.
      if (this.registry.get(name, version) === unloaded) this.#replace(entry, found);
      else if (entry.state === 'ready') this.cache.retire(entry.model);
      return entry;
    };
    const file = { name: basename(paths[0]), bytes: 0 };
    const unloaded: ModelEntry = {
      name,
      version,
      state: 'unloaded',
      file,
      load: () => (loading ??= load()),
    };
    return unloaded;
  }

  /** A version that serves is never replaced by one that does not. */
  #replace(entry: ReadyEntry | FailedEntry, found?: FoundVersion): void {
    const { name, version, file } = entry;
    const what = `${name}/${version} (${file.name})`;
    const before = this.registry.get(name, version);
    if (before?.state === 'ready' && entry.state === 'failed') {
      before.model.pinned = true;
      this.registry.add({ ...before, refused: entry.reason });
      this.logger.warn(`Model ${what} has changed, but stays as it was: ${entry.reason}`);
      return;
    }
    this.registry.add(entry);
    if (before?.state === 'ready') this.cache.retire(before.model);
    if (entry.state === 'failed') this.logger.warn(`Model ${what} is not served: ${entry.reason}`);
    else this.logger.log(`Model ${what} is ready: ${entry.format}.`);
    const others = found?.paths.filter((path) => basename(path) !== file.name) ?? [];
    if (others.length > 0) {
      const passedOver = others.map((path) => basename(path)).join(', ');
      this.logger.warn(`${name}/${version} has ${others.length + 1} files: ${passedOver} is passed over.`);
    }
  }

  async #readAliases(aliased: readonly string[]): Promise<void> {
    const names = new Set([...aliased, ...this.#aliased]);
    for (const name of names) {
      try {
        this.setAliases(name, await readAliases(join(this.config.modelsDir, name)));
        this.#told.delete(`aliases ${name}`);
      } catch (error) {
        this.#tellOnce(
          `aliases ${name}`,
          `The aliases of model ${name} stay as they were: ${(error as Error).message}`,
        );
      }
    }
    this.#aliased = new Set(aliased);
  }

  /** Not while somebody may still be writing it. */
  #isComplete(found: FoundVersion, { text, changed }: Stamp): boolean {
    const quiet = Date.now() - changed >= QUIET_MS;
    const whole = quiet || existsSync(join(dirname(found.paths[0]), UPLOADED_MARK));
    if (!whole && !this.#isCertain(key(found), text)) return false;
    this.#sightings.delete(key(found));
    return true;
  }

  /** Whether the same was seen before, long enough ago. */
  #isCertain(id: string, what: string): boolean {
    const sighting = this.#sightings.get(id);
    if (sighting?.what !== what) {
      this.#sightings.set(id, { what, since: Date.now() });
      return false;
    }
    if (Date.now() - sighting.since < LOOK_AGAIN_MS) return false;
    this.#sightings.delete(id);
    return true;
  }

  #watch(): void {
    try {
      this.#watcher = watch(this.config.modelsDir, { recursive: true, persistent: false }, (_event, file) => {
        if (!file?.startsWith(UPLOADS)) this.#soon(GATHER_MS);
      });
      this.#watcher.on('error', (error) => this.#cannotWatch(error));
    } catch (error) {
      this.#cannotWatch(error as Error);
    }
  }

  #cannotWatch(error: Error): void {
    const { code = error.message } = error as NodeJS.ErrnoException;
    this.#watcher?.close();
    this.#watcher = undefined;
    this.logger.warn(`The models folder cannot be watched (${code}): changes are found by looking.`);
  }

  #soon(milliseconds: number): void {
    if (this.#stopped) return;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      void this.refresh();
    }, milliseconds).unref();
  }

  /** Another process may have put it there a moment ago. */
  async #lookAgain(): Promise<void> {
    if (Date.now() - this.#asked >= LEAST_ASKED_MS) {
      this.#asked = Date.now();
      this.#looking = this.refresh();
    }
    // Also who comes too soon for a look of his own waits for the last one.
    await this.#looking;
  }

  #tellOnce(about: string, text: string): void {
    if (this.#told.has(about)) return;
    this.#told.add(about);
    this.logger.warn(text);
  }
}

function key({ name, version }: Pick<FoundVersion, 'name' | 'version'>): string {
  return `${name}/${version}`;
}
