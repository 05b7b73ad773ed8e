import type { CachedModel } from './model-cache.js';
import type { ModelDescription, OptionalMethod, Variable } from './model.js';
import type { PredictOptions } from './prediction.js';

/** One version of one model: served, to be loaded when first asked for, or refused with a reason. */
export type ModelEntry = ReadyEntry | UnloadedEntry | FailedEntry;

interface EntryBase {
  readonly name: string;
  readonly version: string;
  readonly file: VersionFile;
}

/** The file of a version. Its digest is what the version is: the same digest gives the same answers. */
interface VersionFile {
  readonly name: string;
  readonly bytes: number;
  /** Hexadecimal. */
  readonly sha256?: string;
}

/** What is known of a model without its arrays, which may be out of memory for the time being. */
export interface ReadyEntry extends EntryBase {
  readonly state: 'ready';
  readonly file: Required<VersionFile>;
  readonly model: CachedModel;
  readonly type: string;
  /** The file format, in words. */
  readonly format: string;
  /** Whether one row is over before anybody could hang up. */
  readonly isPrompt: boolean;
  readonly inputs: readonly Variable[];
  readonly outputs: readonly Variable[];
  readonly supports: readonly OptionalMethod[];
  readonly description: ModelDescription;
  /** What `model.json` says beside the inputs and outputs. */
  readonly about: ModelAbout;
  /** How many predictions of its own the model had to reproduce, and did. */
  readonly checks: number;
  /** Why a newer file in this version's place was not taken. */
  readonly refused?: string;
}

export interface ModelAbout {
  readonly title?: string;
  readonly description?: string;
  readonly provenance?: Readonly<Record<string, unknown>>;
  /** Options of predictions where a request does not say otherwise. */
  readonly options?: PredictOptions;
}

interface UnloadedEntry extends EntryBase {
  readonly state: 'unloaded';
  /** Loads it: the entry it has become, which the registry then has in its place. */
  readonly load: () => Promise<ModelEntry>;
}

export interface FailedEntry extends EntryBase {
  readonly state: 'failed';
  readonly reason: string;
}
