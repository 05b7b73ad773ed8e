import { Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { Config } from '../common/config/config.js';
import { DomainError } from '../common/errors/domain-error.js';
import { ModelFileError } from './model-errors.js';
import { type FoundFile, findModelFiles } from './model-folder.js';
import { ModelFile } from './model-file.js';
import { type ModelEntry, ModelRegistry } from './model-registry.js';

/** Reads the models folder into the registry. A file that cannot be loaded is listed with its reason. */
@Injectable()
export class ModelLoader implements OnApplicationBootstrap {
  private readonly logger = new Logger(ModelLoader.name);

  constructor(
    private readonly config: Config,
    private readonly registry: ModelRegistry,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    const { files, ignored } = await findModelFiles(this.config.modelsDir);
    for (const { name, reason } of ignored) {
      this.logger.warn(`Passed over ${JSON.stringify(name)}: ${reason}.`);
    }
    for (const file of files) await this.#take(file);
    if (this.registry.names.length === 0) this.logger.warn('The models folder holds no model file.');
    const wanted = this.config.defaultModel;
    if (wanted !== undefined && !this.registry.names.includes(wanted)) {
      this.logger.warn(`DEFAULT_MODEL is ${JSON.stringify(wanted)}, but there is no such model.`);
    }
  }

  async #take(found: FoundFile): Promise<void> {
    const entry = await this.#load(found);
    const first = this.registry.versions(found.name).find(({ version }) => version === found.version);
    // Of two files for one version, the one that is a model counts (beside it often lies a JSON of notes).
    const replaces = first?.state === 'failed' && entry.state === 'ready';
    if (first) {
      const passedOver = replaces ? first.file.name : entry.file.name;
      this.logger.warn(`${found.name}/${found.version} has two files: ${passedOver} is passed over.`);
      if (!replaces) return;
    }
    this.registry.add(entry);
    const what = `${entry.name}/${entry.version} (${entry.file.name})`;
    if (entry.state === 'ready') this.logger.log(`Model ${what} is ready: ${entry.format}.`);
    else this.logger.warn(`Model ${what} is not served: ${entry.reason}`);
  }

  async #load({ name, version, path }: FoundFile): Promise<ModelEntry> {
    let file: ModelFile | undefined;
    try {
      file = new ModelFile(path);
      if (file.bytes > this.config.maxModelFileBytes) {
        throw new ModelFileError(
          `The file has ${file.bytes} bytes, more than MAX_MODEL_FILE_BYTES allows (${this.config.maxModelFileBytes}).`,
        );
      }
      const facts = { name: file.fileName, bytes: file.bytes, sha256: await file.sha256() };
      const { model, format } = await this.#typeOf(file).load(file);
      return { state: 'ready', name, version, file: facts, model, format };
    } catch (error) {
      const facts = { name: file?.fileName ?? name, bytes: file?.bytes ?? 0 };
      return { state: 'failed', name, version, file: facts, reason: this.#reason(error) };
    }
  }

  #typeOf(file: ModelFile) {
    const type = this.registry.types.find((candidate) => candidate.recognises(file));
    if (!type) {
      throw new ModelFileError(
        `Not a kind of model file that this server knows (it begins with bytes ${file.head.subarray(0, 4).toString('hex') || 'none'}).`,
      );
    }
    return type;
  }

  /** Expected failures carry a message for people; anything else is ours to mend, and is logged whole. */
  #reason(error: unknown): string {
    if (error instanceof DomainError) return error.message;
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'EACCES' || code === 'ENOENT' || code === 'EIO') return `The file cannot be read (${code}).`;
    this.logger.error(error);
    return 'The file could not be read: an unexpected failure, which the server log tells of.';
  }
}
