import { setImmediate } from 'node:timers/promises';
import { memberPath } from '../common/media/describe.js';
import { InputIssues } from '../common/media/issue.js';
import { issue } from '../common/media/value-issue.js';
import type { Variable } from '../models/model.js';
import type { InputRange } from '../numeric/gp/training-domain.js';
import type { Matrix } from '../numeric/linalg/matrix.js';
import { rowPath } from './check-inputs.js';
import { OutsideDomainError } from './predict-errors.js';
import type { OutsideInputs } from './trust.js';

/** Values that are compared within two milliseconds. */
const SLICE_VALUES = 500_000;

/** What is known of the domain along one input; whatever is absent is not known. */
interface InputLimits {
  readonly name: string;
  /** The range of the training data. */
  readonly training?: InputRange | undefined;
  /** Of the input, as `model.json` or the model file states them. */
  readonly bounds: { readonly lower?: number; readonly upper?: number };
}

/**
 * The box in which a model is at home: along each input what its training data and its stated bounds have in common.
 * A value outside either is outside.
 */
export class InputDomain {
  readonly limits: readonly InputLimits[];
  readonly #lower: Float64Array;
  readonly #upper: Float64Array;

  /** `training`: one an input, where the model knows its data. */
  constructor(inputs: readonly Variable[], training: readonly InputRange[] | undefined) {
    this.limits = inputs.map(({ name, lower, upper }, q) => ({
      name,
      training: training?.[q],
      bounds: { ...(lower !== undefined && { lower }), ...(upper !== undefined && { upper }) },
    }));
    this.#lower = Float64Array.from(this.limits, ({ training: data, bounds }) =>
      Math.max(data?.min ?? -Infinity, bounds.lower ?? -Infinity),
    );
    this.#upper = Float64Array.from(this.limits, ({ training: data, bounds }) =>
      Math.min(data?.max ?? Infinity, bounds.upper ?? Infinity),
    );
  }

  /** Which values of `X` (N x d) lie outside; undefined where no input has a limit, and nothing can be said. */
  async outside(X: Matrix): Promise<OutsideInputs | undefined> {
    const isKnown = (q: number): boolean => this.#lower[q] > -Infinity || this.#upper[q] < Infinity;
    if (!this.limits.some((_, q) => isKnown(q))) return undefined;
    const { cols: d, data } = X;
    const flags = new Uint8Array(data.length);
    for (let start = 0; start < data.length; start += SLICE_VALUES) {
      // Others get their turn.
      if (start > 0) await setImmediate();
      const end = Math.min(start + SLICE_VALUES, data.length);
      for (let k = start, q = start % d; k < end; k++) {
        if (data[k] < this.#lower[q] || data[k] > this.#upper[q]) flags[k] = 1;
        if (++q === d) q = 0;
      }
    }
    return { names: this.limits.map(({ name }) => name), flags };
  }

  /** Throws OutsideDomainError with each value of `X` that lies outside. */
  requireInside(X: Matrix, outside: OutsideInputs | undefined): void {
    const issues = new InputIssues();
    this.listOutside(X, outside, issues);
    if (issues.total > 0) throw new OutsideDomainError(issues.listed, issues.total);
  }

  /** Adds an issue for each value that lies outside. `first`: number of the first of these rows in the request. */
  listOutside(X: Matrix, outside: OutsideInputs | undefined, issues: InputIssues, first = 0): void {
    if (outside === undefined) return;
    const { flags } = outside;
    for (let at = flags.indexOf(1); at >= 0; at = flags.indexOf(1, at + 1)) {
      issues.add(() => this.#issue(X, Math.floor(at / X.cols), at % X.cols, first));
    }
  }

  #issue(X: Matrix, row: number, q: number, first: number): ReturnType<typeof issue> {
    const { name, training, bounds } = this.limits[q];
    const value = X.get(row, q);
    const outsideOf = (lower = -Infinity, upper = Infinity): boolean => value < lower || value > upper;
    const where = [
      outsideOf(training?.min, training?.max) && 'the range of the training data',
      outsideOf(bounds.lower, bounds.upper) && "the input's stated bounds",
    ].filter((text) => text !== false);
    const path = memberPath(rowPath(X, row, first), name);
    return issue(path, String(value), this.#expected(q), `it lies outside ${where.join(' and ')}`);
  }

  #expected(q: number): string {
    const lower = this.#lower[q];
    const upper = this.#upper[q];
    if (lower === -Infinity) return `a number of at most ${upper}`;
    return upper === Infinity ? `a number of at least ${lower}` : `a number from ${lower} to ${upper}`;
  }
}
