/**
 * An expected failure of the numeric core. `code` is stable and meant for programs, the message for people: it says
 * what was wrong, what came and what was expected.
 */
export abstract class NumericError extends Error {
  abstract readonly code: string;
}

/** A kernel's description is wrong: unknown type, missing or extra parameter, value out of range, tree too large. */
export class KernelSpecError extends NumericError {
  override readonly name = 'KernelSpecError';
  readonly code = 'kernel-spec';
}

/** The kernel predicts, but has no gradients by its hyperparameters. */
export class UntrainableKernelError extends KernelSpecError {
  constructor(type: string) {
    super(`The kernel "${type}" cannot be trained: it has no gradients by its hyperparameters.`);
  }
}

/** The parts of a Gaussian process do not fit together: shapes, lengths, signs. */
export class GpStateError extends NumericError {
  override readonly name = 'GpStateError';
  readonly code = 'gp-state';
}

/** The caller's points or options cannot be used: wrong number of columns, an output index that does not exist. */
export class NumericInputError extends NumericError {
  override readonly name = 'NumericInputError';
  readonly code = 'numeric-input';
}

/** The model has no answer to this question, whatever the input: an observed variance with heteroscedastic noise. */
export class UnsupportedPredictionError extends NumericError {
  override readonly name = 'UnsupportedPredictionError';
  readonly code = 'unsupported-prediction';
}

/** Nothing can be added to what the model has seen, whatever it is. The message is a reason: "it is sparse ...". */
export class UnsupportedObservationError extends NumericError {
  override readonly name = 'UnsupportedObservationError';
  readonly code = 'unsupported-observation';
}

/** A Cholesky factorisation met a pivot that is not positive. */
export class NotPositiveDefiniteError extends NumericError {
  override readonly name = 'NotPositiveDefiniteError';
  readonly code = 'not-positive-definite';

  /** `pivot` is the row (from 0) where it stopped, `value` what stood on the diagonal there. */
  constructor(
    readonly pivot: number,
    readonly value: number,
  ) {
    super(
      `The matrix is not positive definite: pivot ${pivot} is ${value}, expected a positive number. ` +
        `Repeated points or a noise variance that is too small are the usual causes.`,
    );
  }
}
