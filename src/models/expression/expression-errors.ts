import { DomainError } from '../../common/errors/domain-error.js';

/** The formula of a variance gives a negative number. */
export class NegativeVarianceError extends DomainError {
  readonly kind = 'unprocessable';
  readonly code = 'NEGATIVE_VARIANCE';

  constructor(
    readonly output: string,
    readonly row: number,
    readonly value: number,
  ) {
    super(
      `The variance of ${output} in row ${row} is ${value}: the model's formula for it holds for other inputs only.`,
    );
  }

  /** As it is told of a request whose rows `first` and on were computed here. */
  fromRow(first: number): NegativeVarianceError {
    return new NegativeVarianceError(this.output, this.row + first, this.value);
  }

  override get details(): Record<string, unknown> {
    return { output: this.output, row: this.row };
  }
}
