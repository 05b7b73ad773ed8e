import { DomainError } from '../common/errors/domain-error.js';

export class ModelNotFoundError extends DomainError {
  readonly kind = 'not-found';
  readonly code = 'MODEL_NOT_FOUND';

  constructor(
    readonly model: string,
    readonly available: readonly string[],
  ) {
    super(`There is no model ${JSON.stringify(model)}. ${list('Models', available)}`);
  }

  override get details(): Record<string, unknown> {
    return { model: this.model, available: this.available };
  }
}

export class ModelVersionNotFoundError extends DomainError {
  readonly kind = 'not-found';
  readonly code = 'MODEL_VERSION_NOT_FOUND';

  constructor(
    readonly model: string,
    readonly version: string,
    readonly available: readonly string[],
  ) {
    super(
      `Model ${JSON.stringify(model)} has no version ${JSON.stringify(version)}. ${list('Versions', available)}`,
    );
  }

  override get details(): Record<string, unknown> {
    return { model: this.model, version: this.version, available: this.available };
  }
}

/** An alias of this name, which is no version either. */
export class AliasNotFoundError extends DomainError {
  readonly kind = 'not-found';
  readonly code = 'ALIAS_NOT_FOUND';

  constructor(
    readonly model: string,
    readonly alias: string,
    readonly available: readonly string[],
  ) {
    super(
      `Model ${JSON.stringify(model)} has no alias ${JSON.stringify(alias)}. ${list('Aliases', available)}`,
    );
  }

  override get details(): Record<string, unknown> {
    return { model: this.model, alias: this.alias, available: this.available };
  }
}

/** `/predict` without a name, where the name cannot be guessed. */
export class NoDefaultModelError extends DomainError {
  readonly kind = 'not-found';
  readonly code = 'NO_DEFAULT_MODEL';

  constructor(readonly available: readonly string[]) {
    super(
      available.length === 0
        ? 'No model is being served. Put a model file into the models folder, or send one: POST /models/<name>.'
        : `Several models are served, so say which: POST /models/<name>/predict. ${list('Models', available)}`,
    );
  }

  override get details(): Record<string, unknown> {
    return { available: this.available };
  }
}

/** The file is there, but it could not be loaded. */
export class ModelNotLoadedError extends DomainError {
  readonly kind = 'conflict';
  readonly code = 'MODEL_NOT_LOADED';

  constructor(
    readonly model: string,
    readonly version: string,
    readonly reason: string,
  ) {
    super(`Version ${version} of model ${JSON.stringify(model)} could not be loaded: ${reason}`);
  }

  override get details(): Record<string, unknown> {
    return { model: this.model, version: this.version, reason: this.reason };
  }
}

/** The code names the method: FIT_NOT_SUPPORTED, SAMPLE_NOT_SUPPORTED, ... */
export class MethodNotSupportedError extends DomainError {
  readonly kind = 'not-supported';
  readonly code: string;

  constructor(
    readonly modelType: string,
    readonly method: string,
    why = '',
  ) {
    super(`This model (type ${modelType}) does not support ${method}${why === '' ? '' : `: ${why}`}.`);
    this.code = `${method.toUpperCase()}_NOT_SUPPORTED`;
  }

  override get details(): Record<string, unknown> {
    return { modelType: this.modelType, method: this.method };
  }
}

/** Rows in order that a model cannot take in as observations. */
export class ObservationsRefusedError extends DomainError {
  readonly kind = 'unprocessable';
  readonly code = 'OBSERVATIONS_REFUSED';
}

/** A file that is no model, is damaged or hostile, or holds what the model type does not do. */
export class ModelFileError extends DomainError {
  readonly kind = 'unprocessable';
  readonly code = 'MODEL_FILE_REFUSED';
}

function list(what: string, names: readonly string[]): string {
  const shown = names.slice(0, 20).join(', ');
  return names.length === 0 ? `${what}: none.` : `${what}: ${shown}${names.length > 20 ? ', ...' : ''}.`;
}
