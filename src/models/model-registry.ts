import { Injectable } from '@nestjs/common';
import { Config } from '../common/config/config.js';
import { DomainError } from '../common/errors/domain-error.js';
import type { ModelEntry, ReadyEntry } from './model-entry.js';
import {
  ModelNotFoundError,
  ModelNotLoadedError,
  ModelVersionNotFoundError,
  NoDefaultModelError,
} from './model-errors.js';
import type { ModelType } from './model-type.js';
import { compareVersions } from './version-order.js';

/** The alias that says which version is meant where a request names none. */
export const PRODUCTION = 'production';

const DIGEST = /^sha256:([0-9a-f]{8,64})$/;

/** Maps a name and a version or alias to a model. Knows the abstract Model only; model types register themselves. */
@Injectable()
export class ModelRegistry {
  readonly #types: ModelType[] = [];
  /** Name to its versions, greatest first. */
  readonly #entries = new Map<string, readonly ModelEntry[]>();
  /** Name to its aliases, alias to version. */
  readonly #aliases = new Map<string, ReadonlyMap<string, string>>();
  #lookAgain: () => Promise<void> = () => Promise.resolve();

  constructor(private readonly config: Config) {}

  registerType(type: ModelType): void {
    this.#types.push(type);
  }

  /** What to do before an unknown name or version is refused: it may have been put there a moment ago. */
  onUnknown(lookAgain: () => Promise<void>): void {
    this.#lookAgain = lookAgain;
  }

  get types(): readonly ModelType[] {
    return this.#types;
  }

  /** Adds a version, or replaces the entry that has its name and version. */
  add(entry: ModelEntry): void {
    const others = this.versions(entry.name).filter(({ version }) => version !== entry.version);
    this.#entries.set(
      entry.name,
      [...others, entry].sort((a, b) => compareVersions(b.version, a.version)),
    );
  }

  remove(name: string, version: string): void {
    const others = this.versions(name).filter((entry) => entry.version !== version);
    if (others.length > 0) this.#entries.set(name, others);
    else this.#entries.delete(name);
  }

  /** Names in alphabetical order. */
  get names(): string[] {
    return [...this.#entries.keys()].sort();
  }

  /** All versions of a model, greatest first; empty for an unknown name. */
  versions(name: string): readonly ModelEntry[] {
    return this.#entries.get(name) ?? [];
  }

  /** The entry of exactly this version, if there is one. */
  get(name: string, version: string): ModelEntry | undefined {
    return this.versions(name).find((entry) => entry.version === version);
  }

  /** The greatest version that is not refused. */
  latest(name: string): ModelEntry | undefined {
    return this.versions(name).find(({ state }) => state !== 'failed');
  }

  /** Alias to version; empty where there is none. */
  aliases(name: string): ReadonlyMap<string, string> {
    return this.#aliases.get(name) ?? new Map();
  }

  /** Replaces all aliases of a model, at once. */
  setAliases(name: string, aliases: ReadonlyMap<string, string>): void {
    if (aliases.size > 0) this.#aliases.set(name, aliases);
    else this.#aliases.delete(name);
  }

  /** The name that `/predict` means: DEFAULT_MODEL, or the only model there is. */
  get defaultName(): string | undefined {
    if (this.config.defaultModel !== undefined) return this.config.defaultModel;
    const names = this.names;
    if (names.length === 1) return names[0];
    const ready = names.filter((name) => this.versions(name).some(({ state }) => state !== 'failed'));
    return ready.length === 1 ? ready[0] : undefined;
  }

  /**
   * The entry of a version, an alias or a digest (`sha256:` and at least 8 digits). Without one of them: of the alias
   * `production`, or else the greatest version that is not refused, or, where all are, the greatest. Without a name,
   * that of the default model.
   * Throws NoDefaultModelError, ModelNotFoundError or ModelVersionNotFoundError.
   */
  entry(name = this.#defaultNameOrThrow(), version = this.aliases(name).get(PRODUCTION)): ModelEntry {
    const versions = this.versions(name);
    if (versions.length === 0) throw new ModelNotFoundError(name, this.names);
    if (version === undefined) return this.latest(name) ?? versions[0];
    const entry = find(versions, version) ?? find(versions, this.aliases(name).get(version));
    if (!entry) {
      throw new ModelVersionNotFoundError(name, version, [
        ...versions.map((candidate) => candidate.version),
        ...this.aliases(name).keys(),
      ]);
    }
    return entry;
  }

  /** As `entry`, but looks again before it says no. */
  async find(name?: string, version?: string): Promise<ModelEntry> {
    try {
      return this.entry(name, version);
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      await this.#lookAgain();
      return this.entry(name, version);
    }
  }

  /** As `find`, for predicting: loads what is not yet, and throws ModelNotLoadedError as well. */
  async ready(name?: string, version?: string): Promise<ReadyEntry> {
    const found = await this.find(name, version);
    const entry = found.state === 'unloaded' ? await found.load() : found;
    if (entry.state === 'ready') return entry;
    const reason = entry.state === 'failed' ? entry.reason : 'It is being loaded.';
    throw new ModelNotLoadedError(entry.name, entry.version, reason);
  }

  #defaultNameOrThrow(): string {
    const name = this.defaultName;
    if (name === undefined) throw new NoDefaultModelError(this.names);
    return name;
  }
}

function find(versions: readonly ModelEntry[], version: string | undefined): ModelEntry | undefined {
  if (version === undefined) return undefined;
  const digest = DIGEST.exec(version)?.[1];
  return versions.find((entry) =>
    digest === undefined ? entry.version === version : entry.file.sha256?.startsWith(digest),
  );
}
