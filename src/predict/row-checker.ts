import { InputIssues } from '../common/media/issue.js';
import type { Variable } from '../models/model.js';
import type { Matrix } from '../numeric/linalg/matrix.js';
import { listIndexIssues } from './check-inputs.js';
import type { InputDomain } from './input-domain.js';
import { OutsideDomainError } from './predict-errors.js';

/** What is wrong with the values of rows that are too many to be held at once. */
export class RowChecker {
  readonly #indices = new InputIssues();
  readonly #outside = new InputIssues();
  #rows = 0;

  /** `domain`: where rows outside it are refused. */
  constructor(
    private readonly inputs: readonly Variable[],
    private readonly domain: InputDomain | undefined,
  ) {}

  /** Rows that were looked at. */
  get rows(): number {
    return this.#rows;
  }

  /** Looks at the next rows. */
  async check(X: Matrix): Promise<void> {
    listIndexIssues(this.inputs, X, this.#indices, this.#rows);
    this.domain?.listOutside(X, await this.domain.outside(X), this.#outside, this.#rows);
    this.#rows += X.rows;
  }

  /** Throws InvalidInputError or OutsideDomainError, with issues of all rows. */
  throwIfAny(): void {
    this.#indices.throwIfAny();
    if (this.#outside.total > 0) throw new OutsideDomainError(this.#outside.listed, this.#outside.total);
  }
}
