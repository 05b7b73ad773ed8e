import { statSync } from 'node:fs';
import { basename } from 'node:path';
import { Injectable, Logger } from '@nestjs/common';
import { Config } from '../common/config/config.js';
import { DomainError } from '../common/errors/domain-error.js';
import { ModelCache } from '../models/model-cache.js';
import type { FailedEntry, ReadyEntry } from '../models/model-entry.js';
import { ModelFileError, ModelNotLoadedError } from '../models/model-errors.js';
import { ModelFile } from '../models/model-file.js';
import { ModelRegistry } from '../models/model-registry.js';
import type { ModelType } from '../models/model-type.js';
import type { Model } from '../models/model.js';
import type { FoundVersion } from './model-folder.js';
import { requireChecks } from './load-gate.js';
import { applyManifest, type Manifest, readManifest } from './manifest.js';

const UNREADABLE = ['EACCES', 'ENOENT', 'EIO', 'EISDIR', 'EEXIST', 'ENOSPC'];

/** A model that was read and has kept what it promises, and what is known of it. */
export interface OpenedModel extends Pick<ReadyEntry, 'format' | 'inputs' | 'outputs' | 'about' | 'checks'> {
  readonly path: string;
  readonly manifestPath?: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly model: Model;
}

/** Makes models of files, and lets none through that does not keep what it promises. */
@Injectable()
export class ModelLoader {
  private readonly logger = new Logger(ModelLoader.name);

  constructor(
    private readonly config: Config,
    private readonly registry: ModelRegistry,
    private readonly cache: ModelCache,
  ) {}

  /** Whether some model type takes the file, as far as its first bytes and its name tell. */
  recognises(path: string): boolean {
    try {
      const file = new ModelFile(path);
      return this.registry.types.some((type) => type.recognises(file));
    } catch {
      return false;
    }
  }

  /** Of several files the first that is a model counts. Never throws: what cannot be served has its reason. */
  async load(found: FoundVersion): Promise<ReadyEntry | FailedEntry> {
    let failed: FailedEntry | undefined;
    for (const path of found.paths) {
      try {
        return this.enter(await this.open(path, found.manifest), found);
      } catch (error) {
        const { name, version } = found;
        failed ??= { name, version, state: 'failed', file: fileFacts(path), reason: this.reason(error) };
      }
    }
    return failed as FailedEntry;
  }

  /** Reads one model, which is then the caller's. Throws a DomainError, or what reading the file throws. */
  async open(path: string, manifestPath?: string): Promise<OpenedModel> {
    const file = new ModelFile(path);
    const type = this.#typeOf(file);
    const sha256 = await file.sha256();
    const manifest = manifestPath === undefined ? {} : await readManifest(new ModelFile(manifestPath));
    const { model, format, checks = [] } = await type.load(file);
    try {
      const applied = applyManifest(manifest, model);
      const all = [...checks, ...applied.checks];
      await requireChecks(model, all);
      const { inputs, outputs } = applied;
      return {
        path,
        ...(manifestPath !== undefined && { manifestPath }),
        bytes: file.bytes,
        sha256,
        model,
        format,
        about: aboutOf(manifest),
        inputs,
        outputs,
        checks: all.length,
      };
    } catch (error) {
      model.release();
      throw error;
    }
  }

  /** The entry of an opened model, whose file lies in the repository now. */
  enter(opened: OpenedModel, found: FoundVersion): ReadyEntry {
    const { path: openedPath, bytes, sha256, model, format, inputs, outputs, about, checks } = opened;
    const path = found.paths.includes(openedPath) ? openedPath : found.paths[0];
    return {
      name: found.name,
      version: found.version,
      state: 'ready',
      file: { name: basename(path), bytes, sha256 },
      type: model.type,
      isPrompt: model.isPrompt,
      supports: model.supportedMethods,
      description: model.describe(),
      model: this.cache.add(model, () => this.#again(path, sha256, found)),
      format,
      inputs,
      outputs,
      about,
      checks,
    };
  }

  /** The model of a version that was taken out of memory. Its file may have been removed or replaced since. */
  async #again(path: string, sha256: string, { name, version }: FoundVersion): Promise<Model> {
    try {
      const file = new ModelFile(path);
      if ((await file.sha256()) !== sha256) {
        throw new ModelFileError('The file has changed since the model was taken out of memory.');
      }
      return (await this.#typeOf(file).load(file)).model;
    } catch (error) {
      const isGone = (error as NodeJS.ErrnoException).code === 'ENOENT';
      if (!isGone && !(error instanceof ModelFileError)) throw error;
      throw new ModelNotLoadedError(name, version, this.reason(error));
    }
  }

  #typeOf(file: ModelFile): ModelType {
    if (file.bytes > this.config.maxModelFileBytes) {
      throw new ModelFileError(
        `The file has ${file.bytes} bytes, more than MAX_MODEL_FILE_BYTES allows (${this.config.maxModelFileBytes}).`,
      );
    }
    const type = this.registry.types.find((candidate) => candidate.recognises(file));
    if (!type) {
      throw new ModelFileError(
        `Not a kind of model file that this server knows (it begins with bytes ${file.head.subarray(0, 4).toString('hex') || 'none'}).`,
      );
    }
    return type;
  }

  /** Expected failures carry a message for people; anything else is ours to mend, and is logged whole. */
  reason(error: unknown): string {
    if (error instanceof DomainError) return error.message;
    const code = (error as NodeJS.ErrnoException).code;
    if (code !== undefined && UNREADABLE.includes(code))
      return `The file cannot be read or written (${code}).`;
    this.logger.error(error);
    return 'The file could not be read: an unexpected failure, which the server log tells of.';
  }
}

function fileFacts(path: string): FailedEntry['file'] {
  return { name: basename(path), bytes: statSync(path, { throwIfNoEntry: false })?.size ?? 0 };
}

function aboutOf({ title, description, provenance, options }: Manifest): ReadyEntry['about'] {
  return {
    ...(title !== undefined && { title }),
    ...(description !== undefined && { description }),
    ...(provenance && { provenance }),
    ...(options && { options }),
  };
}
