import { DomainError, type ErrorKind } from '../errors/domain-error.js';

/** One thing wrong with the numbers a client sent. */
export interface InputIssue {
  /** Where: `x1`, `[3].x2`, `inputs[2][0]`; `(body)` for the whole. */
  path: string;
  /** What came, in at most 60 characters: see `describe`. */
  received: string;
  /** What was expected there. */
  expected: string;
  /** The whole sentence: what was wrong, what came, and what to do about it. */
  message: string;
  /** Line of a text file, counted from 1. */
  line?: number;
}

/**
 * Collects issues in bounded memory: the first 20 are listed, the rest only counted.
 * `add` takes a function, so that a body with a million wrong fields does not build a million messages.
 */
export class InputIssues {
  static readonly LISTED = 20;

  readonly listed: InputIssue[] = [];
  total = 0;

  add(issue: () => InputIssue): void {
    if (this.total++ < InputIssues.LISTED) this.listed.push(issue());
  }

  throwIfAny(): void {
    if (this.total > 0) throw new InvalidInputError(this.listed, this.total);
  }
}

/** The body could be read, but its values are not what the model takes. Lists up to 20 issues of `total`. */
export class InvalidInputError extends DomainError {
  override readonly name = 'InvalidInputError';
  readonly kind = 'invalid';
  readonly code = 'INVALID_INPUT';

  constructor(
    readonly issues: readonly InputIssue[],
    readonly total: number = issues.length,
  ) {
    const first = issues[0]?.message ?? 'The inputs are invalid.';
    super(total > 1 ? `${total} problems with the inputs. The first: ${first}` : first);
  }

  override get details(): Record<string, unknown> {
    return { errors: this.issues, errorCount: this.total };
  }
}

export type BodyFormat = 'JSON' | 'CSV' | 'npy' | 'npz' | 'Parquet';

/** Where a body stops making sense: line and column (from 1) in text, byte offset (from 0) in binary. */
export interface BodyPlace {
  line?: number;
  column?: number;
  byte?: number;
}

/** The body is not what its format says: broken JSON, an unclosed quote, a lying npy header. */
export class MalformedBodyError extends DomainError {
  override readonly name: string = 'MalformedBodyError';
  readonly kind: ErrorKind = 'invalid';
  readonly code: string = 'MALFORMED_BODY';

  constructor(
    readonly format: BodyFormat,
    readonly problem: string,
    readonly place: BodyPlace = {},
  ) {
    super(`Malformed ${format}${placeText(place)}: ${problem}`);
  }

  override get details(): Record<string, unknown> {
    return { format: this.format, ...this.place };
  }
}

/** The body is in order, but unpacks to more than the server allows. */
export class BodyTooLargeError extends MalformedBodyError {
  override readonly name = 'BodyTooLargeError';
  override readonly kind = 'too-large';
  override readonly code = 'BODY_TOO_LARGE';
}

function placeText({ line, column, byte }: BodyPlace): string {
  if (line !== undefined)
    return column === undefined ? ` at line ${line}` : ` at line ${line}, column ${column}`;
  return byte === undefined ? '' : ` at byte ${byte}`;
}
