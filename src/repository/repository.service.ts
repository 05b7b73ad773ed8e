import { mkdir, readFile, rename, rm, rmdir, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Readable } from 'node:stream';
import { Injectable } from '@nestjs/common';
import { Config } from '../common/config/config.js';
import type { ModelEntry, ReadyEntry } from '../models/model-entry.js';
import { AliasNotFoundError, ModelNotFoundError, ModelNotLoadedError } from '../models/model-errors.js';
import { ModelRegistry, PRODUCTION } from '../models/model-registry.js';
import { nextVersion } from '../models/version-order.js';
import { type Alias, type Aliases, moved, readAliases, writeAliases } from './aliases.js';
import { syncFile, syncFolder, writeAtomically } from '../common/files/atomic-file.js';
import type { Manifest } from './manifest.js';
import { type FoundVersion, MANIFEST_FILE, NAME, NAME_RULE } from './model-folder.js';
import { ModelLoader, type OpenedModel } from './model-loader.js';
import {
  AliasIsVersionError,
  BadNameError,
  NothingToRollBackToError,
  NotLatestError,
  ReadOnlyError,
  VersionExistsError,
  VersionInUseError,
} from './repository-errors.js';
import { RepositorySync } from './repository-sync.js';
import { makeFolder, newUploadPath, UPLOADED_MARK } from './uploads-folder.js';

/** In a model's folder: the greatest number that a version had which was deleted. */
const LAST_VERSION = '.last-version';

/** What a new version is to be. */
interface Placing {
  /** By default the next number. */
  readonly version?: string;
  /** Moves to the new version with it. */
  readonly alias?: string;
  /** The version that it continues: nothing is changed unless that is still the greatest, and the new one comes next. */
  readonly after?: string;
}

/** A model file that has come whole, in a folder of its own under the uploads folder. */
export interface Upload extends Placing {
  readonly folder: string;
  /** `model.<ext>` in it. */
  readonly fileName: string;
  /** Whether a `model.json` lies beside. */
  readonly hasManifest: boolean;
}

/** A model file that the server itself has made. */
export interface MadeFile extends Placing {
  readonly content: Uint8Array | Readable;
  /** With the dot: `.safetensors`. */
  readonly extension: string;
  readonly manifest?: Manifest;
}

/** Changes the repository: each change is there whole or not at all, whatever dies, for every process that sees it. */
@Injectable()
export class RepositoryService {
  constructor(
    private readonly config: Config,
    private readonly registry: ModelRegistry,
    private readonly loader: ModelLoader,
    private readonly sync: RepositorySync,
  ) {}

  /** Throws ReadOnlyError, or BadNameError for a name that a model, or an alias, cannot have. */
  requireWritable(name: string, alias?: string): void {
    if (this.config.modelsApi === 'read-only') throw new ReadOnlyError();
    requireName('model', name);
    if (alias !== undefined) requireName('alias', alias);
  }

  /**
   * Takes in a new version, if it loads and reproduces its checks; the same file again is the version it was.
   * Throws ModelFileError with the reason, BadNameError, VersionExistsError, AliasIsVersionError.
   */
  async upload(name: string, upload: Upload): Promise<{ entry: ReadyEntry; isNew: boolean }> {
    this.requireWritable(name);
    const { folder, fileName, hasManifest, version, alias } = upload;
    try {
      if (version !== undefined) requireName('version', version);
      if (alias !== undefined) requireName('alias', alias);
      const path = join(folder, fileName);
      await syncFile(path);
      const manifest = hasManifest ? join(folder, MANIFEST_FILE) : undefined;
      if (manifest !== undefined) await syncFile(manifest);
      const opened = await this.loader.open(path, manifest);
      return await this.sync.exclusively(() => this.#take(name, upload, opened));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  /** Takes in what the server itself has made, as `upload` does what comes from outside. Throws NotLatestError as well. */
  async add(name: string, made: MadeFile): Promise<{ entry: ReadyEntry; isNew: boolean }> {
    this.requireWritable(name);
    const { content, extension, manifest, ...placing } = made;
    const folder = await newUploadPath(this.config.modelsDir);
    await mkdir(folder);
    const upload = {
      ...placing,
      folder,
      fileName: `model${extension}`,
      hasManifest: manifest !== undefined,
    };
    try {
      await writeFile(join(folder, upload.fileName), content);
      if (manifest) await writeFile(join(folder, MANIFEST_FILE), JSON.stringify(manifest, null, 2));
    } catch (error) {
      await rm(folder, { recursive: true, force: true });
      throw error;
    }
    try {
      return await this.upload(name, upload);
    } catch (error) {
      // The greatest version may be another process's, and not known here yet.
      if (error instanceof NotLatestError) await this.sync.refresh();
      throw error;
    }
  }

  /** Throws ModelNotFoundError, ModelVersionNotFoundError, ModelNotLoadedError, AliasIsVersionError. */
  async setAlias(name: string, alias: string, version: string): Promise<Alias> {
    this.requireWritable(name);
    requireName('alias', alias);
    await this.registry.ready(name, version);
    return this.sync.exclusively(() => this.#move(name, alias, version));
  }

  async deleteAlias(name: string, alias: string): Promise<void> {
    this.requireWritable(name);
    await this.sync.exclusively(async () => {
      const aliases = new Map(await this.#aliases(name));
      if (!aliases.delete(alias)) throw new AliasNotFoundError(name, alias, [...aliases.keys()]);
      await this.#write(name, aliases);
    });
  }

  /** Moves an alias back to the version it meant before, or to the next lower one. */
  async rollback(name: string, alias = PRODUCTION): Promise<Alias> {
    this.requireWritable(name);
    requireName('alias', alias);
    const { version: current } = this.registry.entry(name);
    return this.sync.exclusively(async () => {
      const aliases = await this.#aliases(name);
      const before = aliases.get(alias);
      if (!before && alias !== PRODUCTION) throw new AliasNotFoundError(name, alias, [...aliases.keys()]);
      const from = before?.version ?? current;
      const target = this.#earlier(name, from, before?.previous ?? []);
      if (!target) throw new NothingToRollBackToError(name, from);
      const left = before?.previous ?? [];
      const previous = left.slice(left.indexOf(target.version) + 1);
      return this.#set(name, aliases, alias, { version: target.version, previous });
    });
  }

  /** Throws VersionInUseError while an alias means it. */
  async deleteVersion(name: string, version: string): Promise<void> {
    this.requireWritable(name);
    const entry = this.registry.entry(name, version);
    await this.sync.exclusively(async () => {
      const users = [...(await this.#aliases(name))].filter(([, target]) => target.version === entry.version);
      if (users.length > 0)
        throw new VersionInUseError(
          entry.version,
          users.map(([alias]) => alias),
        );
      await this.#remember(name, entry.version);
      const trash = await this.#trash();
      for (const place of this.sync.placesOf(name, entry.version)) await moveInto(trash, place);
      await rmdir(join(this.config.modelsDir, name)).catch(() => undefined);
      await this.#forget([entry], trash);
    });
  }

  /** With all its versions and aliases. */
  async deleteModel(name: string): Promise<void> {
    this.requireWritable(name);
    await this.sync.exclusively(async () => {
      const versions = this.registry.versions(name);
      if (versions.length === 0) throw new ModelNotFoundError(name, this.registry.names);
      const trash = await this.#trash();
      const places = versions.flatMap(({ version }) => this.sync.placesOf(name, version));
      // The folder in one step, with what else lies in it; then single files.
      for (const place of [join(this.config.modelsDir, name), ...places]) await moveInto(trash, place);
      this.sync.setAliases(name, new Map());
      await this.#forget(versions, trash);
    });
  }

  async #take(
    name: string,
    upload: Upload,
    opened: OpenedModel,
  ): Promise<{ entry: ReadyEntry; isNew: boolean }> {
    const { version: wanted, alias } = upload;
    const same = this.registry.versions(name).find((entry) => isSame(entry, opened, wanted));
    if (same) {
      opened.model.release();
      if (alias !== undefined) await this.#move(name, alias, same.version);
      return { entry: same as ReadyEntry, isNew: false };
    }
    const found = await this.#commit(name, upload, opened).catch((error: unknown) => {
      opened.model.release();
      throw error;
    });
    const entry = this.loader.enter(opened, found);
    await this.sync.adopt(found, entry);
    if (alias !== undefined) await this.#move(name, alias, found.version);
    return { entry, isNew: true };
  }

  /** Puts the files of a new version in their place. */
  async #commit(
    name: string,
    { folder, version: wanted, alias, after }: Upload,
    opened: OpenedModel,
  ): Promise<FoundVersion> {
    const aliases = await this.#aliases(name);
    if (wanted !== undefined && aliases.has(wanted)) throw new AliasIsVersionError(wanted);
    if (alias !== undefined && (alias === wanted || this.registry.get(name, alias))) {
      throw new AliasIsVersionError(alias);
    }
    await writeFile(join(folder, UPLOADED_MARK), '');
    const parent = join(this.config.modelsDir, name);
    await makeFolder(parent);
    const version = await this.#place(folder, name, wanted, after);
    await syncFolder(parent);
    await syncFolder(this.config.modelsDir);
    const place = join(parent, version);
    return {
      name,
      version,
      paths: [join(place, basename(opened.path))],
      ...(opened.manifestPath !== undefined && { manifest: join(place, MANIFEST_FILE) }),
    };
  }

  /** Renames the folder to that of a version nobody else has taken meanwhile. */
  async #place(
    folder: string,
    name: string,
    wanted: string | undefined,
    after: string | undefined,
  ): Promise<string> {
    const taken = this.registry.versions(name).map(({ version }) => version);
    if (wanted !== undefined && taken.includes(wanted)) throw new VersionExistsError(name, wanted);
    const latest = this.registry.latest(name)?.version;
    if (after !== undefined && after !== latest) throw new NotLatestError(name, after, latest);
    let number = Math.max(await this.#lastDeleted(name), ...taken.filter(isNumber).map(Number)) + 1;
    for (;;) {
      const named = after !== undefined && !isNumber(after) ? nextVersion(after) : undefined;
      const version = wanted ?? named ?? String(number++);
      const target = join(this.config.modelsDir, name, version);
      try {
        // Renaming replaces an empty folder, which may be one that somebody is about to fill.
        if (!(await exists(target))) {
          await rename(folder, target);
          return version;
        }
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (code !== 'ENOTEMPTY' && code !== 'EEXIST' && code !== 'ENOTDIR') throw error;
      }
      if (after !== undefined) throw new NotLatestError(name, after, version);
      if (wanted !== undefined) throw new VersionExistsError(name, wanted);
    }
  }

  /** The number of a deleted version is not given to another: somebody may still ask for it. */
  async #remember(name: string, version: string): Promise<void> {
    if (!isNumber(version) || Number(version) <= (await this.#lastDeleted(name))) return;
    const folder = join(this.config.modelsDir, name);
    await makeFolder(folder);
    await writeAtomically(join(folder, LAST_VERSION), `${version}\n`);
  }

  /** The greatest number of a version that was deleted, or 0. */
  async #lastDeleted(name: string): Promise<number> {
    const text = await readFile(join(this.config.modelsDir, name, LAST_VERSION), 'utf8').catch(() => '');
    return isNumber(text.trim()) ? Number(text) : 0;
  }

  async #move(name: string, alias: string, version: string): Promise<Alias> {
    const target = this.registry.entry(name, version);
    if (this.registry.get(name, alias)) {
      throw new AliasIsVersionError(alias);
    }
    if (target.state === 'failed') throw new ModelNotLoadedError(name, target.version, target.reason);
    const aliases = await this.#aliases(name);
    return this.#set(name, aliases, alias, moved(aliases.get(alias), target.version));
  }

  async #set(name: string, aliases: Aliases, alias: string, target: Alias): Promise<Alias> {
    await this.#write(name, new Map([...aliases, [alias, target]]));
    return target;
  }

  /** The file is written first: what a client was told is on disk. */
  async #write(name: string, aliases: Aliases): Promise<void> {
    const folder = join(this.config.modelsDir, name);
    await makeFolder(folder);
    await writeAliases(folder, aliases);
    this.sync.setAliases(name, aliases);
  }

  /** As they are on disk: another process may have moved one. */
  #aliases(name: string): Promise<Aliases> {
    return readAliases(join(this.config.modelsDir, name));
  }

  #earlier(name: string, from: string, previous: readonly string[]): ModelEntry | undefined {
    const served = this.registry.versions(name).filter(({ state }) => state !== 'failed');
    for (const version of previous) {
      const entry = served.find((candidate) => candidate.version === version);
      if (entry) return entry;
    }
    const at = served.findIndex(({ version }) => version === from);
    return at < 0 ? undefined : served[at + 1];
  }

  async #trash(): Promise<string> {
    const trash = await newUploadPath(this.config.modelsDir);
    await mkdir(trash);
    return trash;
  }

  async #forget(versions: readonly ModelEntry[], trash: string): Promise<void> {
    for (const { name, version } of versions) this.sync.drop(name, version);
    await syncFolder(this.config.modelsDir);
    await rm(trash, { recursive: true, force: true });
  }
}

function requireName(what: 'model' | 'version' | 'alias', name: string): void {
  if (!NAME.test(name)) throw new BadNameError(what, name, NAME_RULE);
}

function isNumber(version: string): boolean {
  return /^\d{1,15}$/.test(version);
}

/** The same model file under the same circumstances: nothing new. */
function isSame(entry: ModelEntry, opened: OpenedModel, wanted: string | undefined): boolean {
  return (
    entry.state === 'ready' &&
    entry.file.sha256 === opened.sha256 &&
    opened.manifestPath === undefined &&
    (wanted === undefined || wanted === entry.version)
  );
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}

/** What is not there need not be moved. */
async function moveInto(folder: string, path: string): Promise<void> {
  try {
    await rename(path, join(folder, basename(path)));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
