import { DomainError } from '../common/errors/domain-error.js';

/** Nothing has the key: it was never there, or its job has been removed since. */
export class ArtifactNotFoundError extends DomainError {
  readonly kind = 'not-found';
  readonly code = 'ARTIFACT_NOT_FOUND';

  constructor(readonly key: string) {
    super(`There is no artifact ${JSON.stringify(key)} (any more).`);
  }
}

/** More bytes came than the reader was ready to take. */
export class ArtifactTooLargeError extends DomainError {
  readonly kind = 'too-large';
  readonly code = 'ARTIFACT_TOO_LARGE';

  constructor(readonly limit: number) {
    super(`The file is larger than the ${limit} bytes that are allowed.`);
  }

  override get details(): Record<string, unknown> {
    return { limit: this.limit };
  }
}

/** The store cannot take or give a file at the moment: its disk is full, or it is not reached. */
export class ArtifactsUnavailableError extends DomainError {
  readonly kind = 'unavailable';
  readonly code = 'ARTIFACTS_UNAVAILABLE';

  constructor(cause: unknown) {
    super(
      'The store of files cannot be written or read at the moment. The log of the server has the cause.',
      {
        cause,
      },
    );
  }
}
