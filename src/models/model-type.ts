import type { ModelCheck } from './model-check.js';
import type { ModelFile } from './model-file.js';
import type { Model } from './model.js';
import type { Trainer } from './trainer.js';

/** What a model type makes of a file. */
export interface LoadedModel {
  readonly model: Model;
  /** The file format, in words. */
  readonly format: string;
  /** Predictions that the file says the model makes: it is not served unless it does. */
  readonly checks?: readonly ModelCheck[];
}

/** A kind of model that can be read from a file. Its module registers it with the ModelRegistry. */
export interface ModelType {
  /** `gpr`, ... */
  readonly name: string;

  /** Whether the file, by its first bytes and its extension, is one for this type to load. */
  recognises(file: ModelFile): boolean;

  /** Throws ModelFileError (or another DomainError) with a reason that a person can act on. */
  load(file: ModelFile): Promise<LoadedModel>;

  /** Of a type that learns from data. */
  readonly trainer?: Trainer;
}
