import { DomainError, type ErrorKind } from '../common/errors/domain-error.js';

/** A name that cannot stand in an address or on a file system. */
export class BadNameError extends DomainError {
  readonly kind = 'invalid';
  readonly code = 'INVALID_NAME';

  constructor(
    readonly what: 'model' | 'version' | 'alias',
    readonly received: string,
    readonly expected: string,
  ) {
    super(`${JSON.stringify(received.slice(0, 140))} cannot be the name of a ${what}: expected ${expected}.`);
  }

  override get details(): Record<string, unknown> {
    return { field: this.what, received: this.received.slice(0, 140), expected: this.expected };
  }
}

/** MODELS_API is `read-only`. */
export class ReadOnlyError extends DomainError {
  readonly kind = 'forbidden';
  readonly code = 'READ_ONLY';

  constructor() {
    super('Models cannot be changed through this server (MODELS_API is read-only).');
  }
}

/** Versions never change: another content is another version. */
export class VersionExistsError extends DomainError {
  readonly kind = 'conflict';
  readonly code = 'VERSION_EXISTS';

  constructor(
    readonly model: string,
    readonly version: string,
  ) {
    super(
      `Model ${JSON.stringify(model)} has a version ${version} already, and versions never change: leave out \`version\` to get the next number.`,
    );
  }

  override get details(): Record<string, unknown> {
    return { model: this.model, version: this.version };
  }
}

/** What was made from a version comes too late: there is a later one. */
export class NotLatestError extends DomainError {
  readonly kind = 'conflict';
  readonly code = 'VERSION_NOT_LATEST';

  constructor(
    readonly model: string,
    readonly version: string,
    readonly latest: string | undefined,
  ) {
    super(
      `Version ${version} is not the latest of model ${JSON.stringify(model)}${latest === undefined ? '' : `, which is ${latest}`}: nothing has changed.`,
    );
  }

  override get details(): Record<string, unknown> {
    return {
      model: this.model,
      version: this.version,
      ...(this.latest !== undefined && { latest: this.latest }),
    };
  }
}

/** An alias and a version of one model must not have the same name. */
export class AliasIsVersionError extends DomainError {
  readonly kind = 'conflict';
  readonly code = 'ALIAS_IS_VERSION';

  constructor(name: string) {
    super(`${JSON.stringify(name)} is both: a version and an alias of this model must have different names.`);
  }
}

/** The version cannot be deleted while an alias means it. */
export class VersionInUseError extends DomainError {
  readonly kind = 'conflict';
  readonly code = 'VERSION_IN_USE';

  constructor(
    readonly version: string,
    readonly aliases: readonly string[],
  ) {
    super(`Version ${version} is what the alias ${aliases.join(', ')} means: move the alias first.`);
  }

  override get details(): Record<string, unknown> {
    return { version: this.version, aliases: this.aliases };
  }
}

/** There is no earlier version to go back to. */
export class NothingToRollBackToError extends DomainError {
  readonly kind = 'conflict';
  readonly code = 'NO_EARLIER_VERSION';

  constructor(model: string, version: string) {
    super(`Model ${JSON.stringify(model)} has no version before ${version} that is served.`);
  }
}

/** Larger than MAX_MODEL_FILE_BYTES. */
export class UploadTooLargeError extends DomainError {
  readonly kind = 'too-large';
  readonly code = 'MODEL_FILE_TOO_LARGE';

  constructor(limit: number) {
    super(`The model file is larger than MAX_MODEL_FILE_BYTES allows (${limit}).`);
  }
}

/** The file system does not let it: read-only, not permitted, or full. */
class FolderNotWritableError extends DomainError {
  readonly kind: ErrorKind;
  readonly code: string;

  constructor(errno: string) {
    super(`The models folder cannot be written (${errno}): nothing has changed.`);
    this.kind = isFull(errno) ? 'unavailable' : 'forbidden';
    this.code = isFull(errno) ? 'DISK_FULL' : 'READ_ONLY';
  }
}

function isFull(errno: string): boolean {
  return errno === 'ENOSPC' || errno === 'EDQUOT';
}

const NOT_WRITABLE = ['EROFS', 'EACCES', 'EPERM', 'ENOSPC', 'EDQUOT'];

/** Waits for a change to the models folder. Throws FolderNotWritableError where the file system refuses it. */
export async function writing<Result>(change: Promise<Result>): Promise<Result> {
  try {
    return await change;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== undefined && NOT_WRITABLE.includes(code)) throw new FolderNotWritableError(code);
    throw error;
  }
}
