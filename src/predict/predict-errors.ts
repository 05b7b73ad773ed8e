import { DomainError } from '../common/errors/domain-error.js';
import type { InputIssue } from '../common/media/issue.js';
import { MEDIA_TYPES } from '../common/media/negotiate.js';

export class ResultTooLargeError extends DomainError {
  readonly kind = 'too-large';
  readonly code = 'RESULT_TOO_LARGE';

  constructor(
    readonly values: number,
    readonly limit: number,
  ) {
    super(
      `The answer would hold ${values} numbers, more than MAX_RESULT_VALUES allows (${limit}). Send fewer rows at a time, or ask for less: a covariance, and samples, take the square of the number of rows.`,
    );
  }

  override get details(): Record<string, unknown> {
    return { values: this.values, limit: this.limit };
  }
}

/** The inputs are numbers, but the model is not defined there, or its arithmetic overflows. */
export class ResultNotFiniteError extends DomainError {
  readonly kind = 'unprocessable';
  readonly code = 'RESULT_NOT_FINITE';

  constructor(
    readonly field: string,
    readonly output: string,
    readonly row: number,
    readonly value: number,
  ) {
    super(
      `${field} of ${output} in row ${row} is ${value}: the model is not defined at the inputs of that row, or they are too large for its arithmetic.`,
    );
  }

  override get details(): Record<string, unknown> {
    return { field: this.field, output: this.output, row: this.row };
  }
}

/** With `domain=strict`: rows that the model would answer by extrapolation. Lists up to 20 values of `total`. */
export class OutsideDomainError extends DomainError {
  readonly kind = 'unprocessable';
  readonly code = 'OUTSIDE_DOMAIN';

  constructor(
    readonly issues: readonly InputIssue[],
    readonly total: number,
  ) {
    const [{ message }] = issues;
    super(total > 1 ? `${total} values lie outside the model's domain. The first: ${message}` : message);
  }

  override get details(): Record<string, unknown> {
    return { errors: this.issues, errorCount: this.total };
  }
}

export class BodyTooLargeError extends DomainError {
  readonly kind = 'too-large';
  readonly code = 'BODY_TOO_LARGE';

  constructor(readonly limit: number) {
    super(`The body is larger than MAX_BODY_BYTES allows (${limit} bytes). Send fewer rows at a time.`);
  }

  override get details(): Record<string, unknown> {
    return { limit: this.limit };
  }
}

export class UnsupportedMediaTypeError extends DomainError {
  readonly kind = 'unsupported-media-type';
  readonly code = 'UNSUPPORTED_MEDIA_TYPE';

  constructor(received: string) {
    super(`The body is ${received}, expected ${BODY_TYPES.join(', ')}, in UTF-8 where it is text.`);
  }

  override get details(): Record<string, unknown> {
    return { expected: BODY_TYPES };
  }
}

export class NotAcceptableError extends DomainError {
  readonly kind = 'not-acceptable';
  readonly code = 'NOT_ACCEPTABLE';

  constructor(accept: string) {
    super(
      `Accept asks for ${JSON.stringify(accept.slice(0, 100))}, but an answer is one of ${ANSWER_TYPES.join(', ')}.`,
    );
  }

  override get details(): Record<string, unknown> {
    return { expected: ANSWER_TYPES };
  }
}

const BODY_TYPES = [
  'application/json',
  'text/csv',
  'multipart/form-data with a file',
  'application/x-npy',
  'application/x-npz',
  'application/x-www-form-urlencoded',
];
const ANSWER_TYPES = Object.values(MEDIA_TYPES);
