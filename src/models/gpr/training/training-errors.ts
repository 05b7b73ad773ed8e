import { DomainError } from '../../../common/errors/domain-error.js';

/** No start of the search led to a model. */
export class TrainingFailedError extends DomainError {
  readonly kind = 'unprocessable';
  readonly code = 'TRAINING_FAILED';
}

/** More data than exact training takes. */
export class TooManyPointsError extends DomainError {
  readonly kind = 'unprocessable';
  readonly code = 'TOO_MANY_POINTS';

  constructor(
    readonly points: number,
    readonly limit: number,
    advice: string,
  ) {
    super(`The data have ${points} points, more than the ${limit} that are trained on exactly: ${advice}.`);
  }

  override get details(): Record<string, unknown> {
    return { points: this.points, limit: this.limit };
  }
}
