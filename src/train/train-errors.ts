import { DomainError } from '../common/errors/domain-error.js';

/** No such model type, or one that does not learn from data. */
export class NotTrainableError extends DomainError {
  readonly kind = 'not-supported';
  readonly code = 'TRAIN_NOT_SUPPORTED';

  constructor(
    readonly modelType: string,
    readonly trainable: readonly string[],
  ) {
    super(
      `Models of type ${JSON.stringify(modelType.slice(0, 40))} cannot be trained here: expected ${trainable.join(' or ')}.`,
    );
  }

  override get details(): Record<string, unknown> {
    return { modelType: this.modelType, trainable: this.trainable };
  }
}

/** What came is no training data, as far as its type tells. */
export class DataFormatError extends DomainError {
  readonly kind = 'unsupported-media-type';
  readonly code = 'UNSUPPORTED_MEDIA_TYPE';

  constructor(received: string | undefined) {
    super(
      `Training data cannot be read from ${received === undefined ? 'a file of this kind' : received}: expected JSON, CSV, npy, npz or Parquet, as the body or as the field "file" of a multipart form.`,
    );
  }
}
