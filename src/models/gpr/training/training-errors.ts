import { DomainError } from '../../../common/errors/domain-error.js';
import { NumericError } from '../../../numeric/errors.js';

const TRAINING_FAILED = 'TRAINING_FAILED';

/** No start of the search led to a model. */
export class TrainingFailedError extends DomainError {
  readonly kind = 'unprocessable';
  readonly code = TRAINING_FAILED;
}

/** Runs work of the numeric core. Throws TrainingFailedError for what that refuses: on a worker, errors of others lose their class. */
export function explained<Result>(work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    throw error instanceof NumericError ? new TrainingFailedError(error.message) : error;
  }
}

/** Whether an error is a TrainingFailedError, from this thread or another. */
export function isTrainingFailure(error: unknown): error is DomainError {
  return error instanceof DomainError && error.code === TRAINING_FAILED;
}

/** More data than training takes. */
export class TooManyPointsError extends DomainError {
  readonly kind = 'unprocessable';
  readonly code = 'TOO_MANY_POINTS';

  constructor(
    readonly points: number,
    readonly limit: number,
    advice: string,
  ) {
    super(`The data have ${points} points, more than the ${limit} that can be trained on: ${advice}.`);
  }

  override get details(): Record<string, unknown> {
    return { points: this.points, limit: this.limit };
  }
}
