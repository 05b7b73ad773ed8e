/** Stable reasons for refusing a pickle; part of the public API, so they are never renamed. */
export type PickleErrorCode =
  /** The file ends before the data that it declares. */
  | 'truncated'
  /** A byte that is no opcode, or one that real model files never need. */
  | 'refused-opcode'
  /** The file names a function or class outside the table of known ones. */
  | 'unknown-global'
  /** A known name is used in a way that has no meaning here: a class called, a function instantiated, wrong arguments. */
  | 'bad-call'
  /** The stack or the memo does not hold what an opcode needs. */
  | 'bad-stack'
  /** A literal, a name or a text that does not decode. */
  | 'bad-value'
  /** An array whose shape, type and payload contradict each other, or of a type that has no numbers. */
  | 'bad-array'
  /** More memory, digits or text than the limits allow. */
  | 'limit'
  /** The data is sound but is not of the kind the importer asked for. */
  | 'unexpected-type';

/** Every refusal of this folder. `offset` is the position in the file where reading stopped, when there is one. */
export class PickleError extends Error {
  override readonly name = 'PickleError';

  constructor(
    readonly code: PickleErrorCode,
    readonly reason: string,
    readonly offset?: number | undefined,
  ) {
    super(offset === undefined ? reason : `${reason} (at byte ${offset})`);
  }

  /** The same error with a position, unless it already has one: code that handles values does not know where they came from. */
  at(offset: number): PickleError {
    return this.offset === undefined ? new PickleError(this.code, this.reason, offset) : this;
  }
}

/** Text from the file made fit for a message: short, printable, on one line. */
export function quoted(text: string): string {
  const short = text.length > 80 ? `${text.slice(0, 80)}...` : text;
  return `"${short.replace(/[^\x20-\x7e]|["\\]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)}"`;
}
