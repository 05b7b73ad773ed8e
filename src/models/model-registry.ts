import { Injectable } from '@nestjs/common';
import { Config } from '../common/config/config.js';
import {
  ModelNotFoundError,
  ModelNotLoadedError,
  ModelVersionNotFoundError,
  NoDefaultModelError,
} from './model-errors.js';
import type { ModelType } from './model-type.js';
import type { Model } from './model.js';
import { compareVersions } from './version-order.js';

/** One version of one model: loaded, or refused with a reason. */
export type ModelEntry = ReadyEntry | FailedEntry;

interface EntryBase {
  readonly name: string;
  readonly version: string;
  readonly file: { readonly name: string; readonly bytes: number; readonly sha256?: string };
}
export interface ReadyEntry extends EntryBase {
  readonly state: 'ready';
  readonly model: Model;
  /** The file format, in words. */
  readonly format: string;
}
interface FailedEntry extends EntryBase {
  readonly state: 'failed';
  readonly reason: string;
}

/** Maps a name and a version to a loaded model. Knows the abstract Model only; model types register themselves. */
@Injectable()
export class ModelRegistry {
  readonly #types: ModelType[] = [];
  /** Name to its versions, greatest first. */
  readonly #entries = new Map<string, ModelEntry[]>();

  constructor(private readonly config: Config) {}

  registerType(type: ModelType): void {
    this.#types.push(type);
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

  /** Names in alphabetical order. */
  get names(): string[] {
    return [...this.#entries.keys()].sort();
  }

  /** All versions of a model, greatest first; empty for an unknown name. */
  versions(name: string): readonly ModelEntry[] {
    return this.#entries.get(name) ?? [];
  }

  /** The name that `/predict` means: DEFAULT_MODEL, or the only model there is. */
  get defaultName(): string | undefined {
    if (this.config.defaultModel !== undefined) return this.config.defaultModel;
    const names = this.names;
    if (names.length === 1) return names[0];
    const ready = names.filter((name) => this.versions(name).some(({ state }) => state === 'ready'));
    return ready.length === 1 ? ready[0] : undefined;
  }

  /**
   * The entry of a version: without a version the greatest one that is ready, or, where none is, the greatest.
   * Without a name, that of the default model.
   * Throws NoDefaultModelError, ModelNotFoundError or ModelVersionNotFoundError.
   */
  entry(name = this.#defaultNameOrThrow(), version?: string): ModelEntry {
    const versions = this.versions(name);
    if (versions.length === 0) throw new ModelNotFoundError(name, this.names);
    if (version === undefined) return versions.find(({ state }) => state === 'ready') ?? versions[0];
    const entry = versions.find((candidate) => candidate.version === version);
    if (!entry) {
      throw new ModelVersionNotFoundError(
        name,
        version,
        versions.map((candidate) => candidate.version),
      );
    }
    return entry;
  }

  /** As `entry`, for predicting: throws ModelNotLoadedError as well. */
  ready(name?: string, version?: string): ReadyEntry {
    const entry = this.entry(name, version);
    if (entry.state === 'failed') throw new ModelNotLoadedError(entry.name, entry.version, entry.reason);
    return entry;
  }

  #defaultNameOrThrow(): string {
    const name = this.defaultName;
    if (name === undefined) throw new NoDefaultModelError(this.names);
    return name;
  }
}
